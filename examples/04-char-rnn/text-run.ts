import { resumeFrom, saveCheckpoint } from './checkpoint.ts';
import type { Manner, TextCommand } from './command.ts';
import { withOptions } from './errors.ts';
import { appendLine, type Files, filesIn, keepPrevious, prepareFolder, replaceFile } from './folder.ts';
import { gain, programLine, timed, timesOf } from './gain.ts';
import { interruptedCode } from './interrupt.ts';
import * as show from './report/run.ts';
import type { Screen } from './report/terminal.ts';
import { metricsLine } from './run/history.ts';
import type { Options } from './run/options.ts';
import { eagerStep, type Step } from './run/step.ts';
import { compiledStepOf, eagerTwin, isLook, type Run, startRun, train } from './run/train.ts';
import { readCorpus } from './text.ts';
import type { RunEvent } from './thread/events.ts';

/** The world around a run. */
export interface Surroundings {
  readonly screen: Screen;
  readonly report: (event: RunEvent) => void;
  /** Whether the run is to end after this step. */
  readonly interrupted: () => boolean;
}

/** Trains on a text, from the start or from a checkpoint, until the last step or Ctrl-C; returns the exit code. */
export async function runText(command: TextCommand, around: Surroundings): Promise<number> {
  const { out, manner } = command;
  const { screen, report } = around;
  const say = (text: string) => report({ kind: 'text', text });
  const run =
    command.run === 'text'
      ? await startText(command.options)
      : await resumeFrom(filesIn(out).checkpoint, command.given);
  if (run.history.length >= run.options.steps) {
    say(show.nothingLeft(run, screen));
    return 0;
  }
  const files = await prepareFolder(out, path => saveCheckpoint(path, run));
  say(show.beginning(run));
  if (command.run === 'text' && (await keepPrevious(files))) say(show.kept(files));
  await replaceFile(files.metrics, run.history.map(metricsLine).join(''));
  const { step, gained } = prepareStep(run, manner, say);
  await trainAndSave(run, step, files, around);
  await replaceFile(files.curve, await show.svg(run));
  const done = run.history.length >= run.options.steps;
  say(done ? show.end(run, files, screen) : show.interruption(run, files, command));
  if (done) gained();
  return done ? 0 : interruptedCode;
}

/** The step of a run in the manner that is asked for, and what says at the end what compiling it gained. */
function prepareStep(
  run: Run,
  { eager, verbose }: Manner,
  say: (text: string) => void,
): { readonly step: Step; readonly gained: () => void } {
  if (eager) return { step: eagerStep(run), gained() {} };
  const step = compiledStepOf(run);
  const stats = step.stats();
  if (stats !== null && verbose) say(`Step   ${programLine(stats)}\n`);
  const times: number[] = [];
  return {
    step: timed(step, times),
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
  report({ kind: 'start', done: run.history.length, steps });
  for (const metrics of train(run, step)) {
    appendLine(files.metrics, metricsLine(metrics));
    report({ kind: 'step', metrics });
    if (isLook(metrics.step, run.options)) {
      report({ kind: 'text', text: show.look(run, screen) });
      if (metrics.step < steps) await saveCheckpoint(files.checkpoint, run);
    }
    if (interrupted()) break;
  }
  report({ kind: 'stop' });
  await saveCheckpoint(files.checkpoint, run);
}

/** Starts a run on the text that the options name. */
async function startText(options: Options): Promise<Run> {
  const corpus = await readCorpus(options.text, options.sequence);
  return withOptions(() => startRun(options, corpus));
}
