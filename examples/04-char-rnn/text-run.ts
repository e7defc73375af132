import type { Stats } from 'tapegrad';
import type { Calling } from './calling.ts';
import { resumeFrom, saveCheckpoint } from './checkpoint.ts';
import type { Manner, TextCommand } from './command.ts';
import { withOptions } from './errors.ts';
import { lookEvents, type SavedFile, stepEvent, type Told } from './events.ts';
import { appendLine, type Files, filesIn, keepPrevious, prepareFolder, replaceFile } from './folder.ts';
import { gain, programLine, timed, timesOf } from './gain.ts';
import { interruptedCode } from './interrupt.ts';
import * as show from './report/run.ts';
import type { Screen } from './report/terminal.ts';
import { metricsLine } from './run/history.ts';
import { parameterCount } from './run/model.ts';
import { sampleAt } from './run/sample.ts';
import { eagerStep, type Step } from './run/step.ts';
import { compiledStepOf, eagerTwin, isLook, type Run, sizesOf, startRun, train } from './run/train.ts';
import { readCorpus, standardInput } from './text.ts';
import type { RunEvent } from './thread/events.ts';

/** The world around a run. */
export interface Surroundings {
  readonly calling: Calling;
  readonly screen: Screen;
  readonly report: (event: RunEvent) => void;
  /** Whether the run is to end after this step. */
  readonly interrupted: () => boolean;
}

/** Trains on a text, from the start or from a checkpoint, until the last step or Ctrl-C; returns the exit code. */
export async function runText(command: TextCommand, around: Surroundings): Promise<number> {
  const { out, manner } = command;
  const { calling, screen, report } = around;
  const say = (text: string) => report({ kind: 'text', text });
  const tell = (told: Told) => report({ kind: 'told', told });
  const { run, text } = await begin(command);
  const done = run.history.length;
  const { steps } = run.options;
  if (done >= steps) {
    const sample = sampleAt(done, run.model, run.corpus.vocabulary, run.options);
    say(show.nothingLeft(run, sample, screen));
    if (sample !== undefined) tell({ event: 'sample', ...sample });
    tell({ event: 'end', code: 0, step: done, steps });
    return 0;
  }
  const files = await prepareFolder(out, path => saveCheckpoint(path, run));
  say(show.beginning(run));
  tell(startEvent(run, command.run === 'text' ? 'train' : 'resume'));
  if (command.run === 'text' && (await keepPrevious(files))) say(show.kept(files));
  if (text !== undefined) await replaceFile(files.text, text);
  await replaceFile(files.metrics, run.history.map(metricsLine).join(''));
  await show.loadDrawing();
  const { step, stats, gained } = prepareStep(run, manner, say);
  await trainAndSave(run, step, files, around);
  await replaceFile(files.curve, await show.svg(run));
  await replaceFile(files.report, await show.html(run, stats));
  const finished = run.history.length >= steps;
  for (const file of ['metrics', 'curve', 'report'] as const) tell(savedEvent(run, files, file));
  say(finished ? show.end(run, files, screen) : show.interruption(run, files, command, calling.resume));
  if (finished) gained();
  const code = finished ? 0 : interruptedCode;
  tell({ event: 'end', code, step: run.history.length, steps });
  return code;
}

/** A run at its beginning, and its text where it came from standard input: a resumed run needs it as a file. */
interface Beginning {
  readonly run: Run;
  readonly text?: string;
}

/** Starts a run, or takes up that of a checkpoint. */
async function begin(command: TextCommand): Promise<Beginning> {
  const files = filesIn(command.out);
  if (command.run === 'resume') return { run: await resumeFrom(files.checkpoint, command.given) };
  const { options } = command;
  const { text, corpus } = await readCorpus(options.text, options.sequence);
  if (options.text !== standardInput) return { run: withOptions(() => startRun(options, corpus)) };
  return { run: withOptions(() => startRun({ ...options, text: files.text }, corpus)), text };
}

function startEvent({ options, corpus, history }: Run, command: 'train' | 'resume'): Told {
  const { vocabulary, training, heldOut } = corpus;
  return {
    event: 'start',
    command,
    done: history.length,
    steps: options.steps,
    characters: training.size + heldOut.size,
    distinct: vocabulary.size,
    parameters: parameterCount(sizesOf(options, vocabulary.size)),
    options,
  };
}

const savedEvent = ({ history }: Run, files: Files, file: SavedFile): Told => ({
  event: 'saved',
  step: history.length,
  file,
  path: files[file],
});

/** The step of a run in the manner that is asked for, and what says at the end what compiling it gained. */
function prepareStep(
  run: Run,
  { eager, verbose }: Manner,
  say: (text: string) => void,
): { readonly step: Step; readonly stats: Stats | null; readonly gained: () => void } {
  if (eager) return { step: eagerStep(run), stats: null, gained() {} };
  const step = compiledStepOf(run);
  const stats = step.stats();
  if (stats !== null && verbose) say(`Step   ${programLine(stats)}\n`);
  const times: number[] = [];
  return {
    step: timed(step, times),
    stats,
    gained() {
      if (stats !== null) say(gain(times, timesOf(eagerTwin(run)), stats));
    },
  };
}

/** Trains until the last step or Ctrl-C, with a look at the run every now and then; the last state is saved. */
async function trainAndSave(
  run: Run,
  step: Step,
  files: Files,
  { screen, report, interrupted }: Surroundings,
): Promise<void> {
  const { steps } = run.options;
  const save = async () => {
    await saveCheckpoint(files.checkpoint, run);
    report({ kind: 'told', told: savedEvent(run, files, 'checkpoint') });
  };
  report({ kind: 'start', done: run.history.length, steps });
  for (const metrics of train(run, step)) {
    appendLine(files.metrics, metricsLine(metrics));
    report({ kind: 'step', metrics });
    report({ kind: 'told', told: stepEvent(metrics) });
    if (isLook(metrics.step, run.options)) {
      report({ kind: 'text', text: show.look(run, screen) });
      for (const told of lookEvents(run)) report({ kind: 'told', told });
      if (metrics.step < steps) await save();
    }
    if (interrupted()) break;
  }
  report({ kind: 'stop' });
  await save();
}
