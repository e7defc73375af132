import { basename } from 'node:path';
import type { Stats } from 'tapegrad';
import { shellQuoted } from '../calling.ts';
import type { TextCommand } from '../command.ts';
import { defaultFolder } from '../commands.ts';
import type { Files } from '../folder.ts';
import { bestOf, bitsPerCharacter } from '../run/history.ts';
import { parameterCount } from '../run/model.ts';
import { thousands } from '../run/numbers.ts';
import type { Options } from '../run/options.ts';
import type { Sample } from '../run/sample.ts';
import { type Run, sizesOf } from '../run/train.ts';
import { chart } from './chart.ts';
import { painter, printable, quoted, type Screen } from './terminal.ts';

const nats = (loss: number): string => `${loss.toFixed(4)} (${bitsPerCharacter(loss).toFixed(3)} bits/char)`;

/** What is trained on what: the first lines of a run. */
export function beginning({ options, corpus, history }: Run): string {
  const { text, cell, hidden, layers, sequence, batch, steps, optimizer, lr, seed } = options;
  const { vocabulary, training, heldOut } = corpus;
  const parameters = parameterCount(sizesOf(options, vocabulary.size));
  const lines = [
    `Text   ${printable(text)}: ${thousands(training.size + heldOut.size)} characters, ${vocabulary.size} distinct, ` +
      (heldOut.size === 0 ? 'too short to hold a part out' : `the last ${thousands(heldOut.size)} held out`),
    `Model  ${cell.toUpperCase()}, ${layers} ${layers === 1 ? 'layer' : 'layers'} of ${hidden}: ${thousands(parameters)} parameters`,
    `Run    ${steps} steps of ${batch} windows of ${sequence} characters, ${optimizer} at rate ${lr}, seed ${seed}`,
  ];
  if (history.length > 0) lines.push(`Resumed after step ${history.length}.`);
  return `${lines.join('\n')}\n`;
}

/** Says that the checkpoint of an earlier run is kept. */
export const kept = ({ checkpoint, previous }: Files): string =>
  `${checkpoint} is of an earlier run (--resume would go on with it); it is kept as ${basename(previous)}.\n`;

/** What was written, for the screen. */
const written = ({ prompt, text }: Sample, { columns }: Screen): string =>
  quoted(printable(prompt + text), Math.min(columns, 120) - 5);

/** A look at the run: the held-out loss, a sample, and on a terminal the curve so far. */
export function look(run: Run, screen: Screen): string {
  const { history, samples } = run;
  const paint = painter(screen);
  const { step, heldOut } = history[history.length - 1];
  const best = bestOf(history)?.step === step ? ', the best so far' : '';
  const parts = [
    paint('bold', `Step ${step}`) + (heldOut === undefined ? '' : `: held-out loss ${nats(heldOut)}${best}`),
  ];
  const sample = samples.at(-1);
  if (sample?.step === step) parts.push(paint('cyan', written(sample, screen)));
  if (screen.terminal && step < run.options.steps) parts.push(paint('dim', curveOf(run, screen, 6)));
  return `${parts.join('\n')}\n`;
}

const curveOf = ({ history }: Run, screen: Screen, rows: number): string =>
  chart(
    history.map(({ loss }) => loss),
    screen.columns,
    rows,
  );

/** What is said when a resumed run had all its steps already: a sample is what it is good for. */
export function nothingLeft({ options, history }: Run, sample: Sample | undefined, screen: Screen): string {
  const done = `All ${history.length} of ${options.steps} steps are done; a larger --steps goes on.`;
  return sample === undefined ? done : `${done}\n${written(sample, screen)}`;
}

/** The end of a run: its curve, its losses, its files. */
export function end(run: Run, files: Files, screen: Screen): string {
  const { history } = run;
  const last = history[history.length - 1];
  const best = bestOf(history);
  return [
    curveOf(run, screen, 10),
    '',
    `Trained ${last.step} steps: loss ${nats(last.loss)}`,
    ...(best?.heldOut === undefined ? [] : [`Best held-out loss ${nats(best.heldOut)} at step ${best.step}`]),
    `Saved ${files.checkpoint}, ${files.metrics}, ${files.curve}`,
    `Report ${files.report}`,
  ].join('\n');
}

/** What is said after Ctrl-C: where the run stands, and how to go on as the unbroken run would. */
export function interruption(
  { options, history }: Run,
  { checkpoint }: Files,
  { out, manner }: TextCommand,
  resume: string,
): string {
  const where = out === defaultFolder ? '' : ` --out ${/^[\w./-]+$/.test(out) ? out : shellQuoted(out)}`;
  return [
    `Interrupted after step ${history.length} of ${options.steps}. Saved ${checkpoint}.`,
    `Go on with: ${resume}${where}${manner.eager ? ' --eager' : ''}`,
  ].join('\n');
}

/**
 * Loads what draws the curve and the page, which takes longer than the notebook to train. To be awaited before training: a
 * terminal's Ctrl-C also ends the compiler of the sources, so that nothing can be loaded after it.
 */
export const loadDrawing = async (): Promise<void> =>
  void (await Promise.all([import('./curve.ts'), import('./page.ts'), import('./reported.ts')]));

/** The loss curve as an SVG under the name of what was trained. */
export async function svg({ options, history }: Run): Promise<string> {
  const { curve } = await import('./curve.ts');
  return curve(history, printable(`${nameOf(options)}, on ${basename(options.text)}`));
}

/** What a network is called: LSTM, 2 layers of 64 wide. */
export function nameOf({ cell, hidden, layers }: Options): string {
  const depth = layers === 1 ? '' : `${layers} layers of `;
  return `${cell.toUpperCase()}, ${depth}${hidden} wide`;
}

/** The run as a page. */
export async function html(run: Run, stats: Stats | null): Promise<string> {
  const { reportPage } = await import('./page.ts');
  const { reportOf } = await import('./reported.ts');
  return reportPage(reportOf(run, stats));
}
