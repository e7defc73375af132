import { setImmediate } from 'node:timers/promises';
import { readCheckpoint, restore, saveCheckpoint } from './checkpoint.ts';
import { UsageError } from './errors.ts';
import { appendLine, type Files, filesIn, keepPrevious, prepareFolder, replaceFile } from './folder.ts';
import { metricsLine } from './history.ts';
import { interruptedCode, watchInterrupt } from './interrupt.ts';
import type { Command, Options } from './options.ts';
import * as show from './report/run.ts';
import { type Output, type Progress, progress } from './report/terminal.ts';
import { type Corpus, readCorpus } from './text.ts';
import { type Run, startRun, train } from './train.ts';

type TextCommand = Extract<Command, { out: string }>;

/** Trains on a text, from the start or from a checkpoint, until the last step or Ctrl-C; returns the exit code. */
export async function runText(command: TextCommand, output: Output): Promise<number> {
  const { out } = command;
  const run = command.run === 'text' ? await startText(command.options) : await resumeText(out, command.given);
  const files = await prepareFolder(out, path => saveCheckpoint(path, run));
  output.write(show.beginning(run));
  if (command.run === 'text' && (await keepPrevious(files))) output.write(show.kept(files));
  if (run.history.length >= run.options.steps) {
    output.write(show.nothingLeft(run));
    return 0;
  }
  await replaceFile(files.metrics, run.history.map(metricsLine).join(''));
  const done = run.history.length;
  const shown = progress(output, done, run.options.steps);
  const ended = await trainAndSave(run, files, shown, output);
  await replaceFile(files.curve, await show.svg(run));
  output.write(ended ? show.end(run, files, output) : show.interruption(run, files, out));
  return ended ? 0 : interruptedCode;
}

/** Trains until the end (true) or Ctrl-C (false), with a look at the run every now and then; the last state is saved. */
async function trainAndSave(run: Run, files: Files, shown: Progress, output: Output): Promise<boolean> {
  const { steps, every } = run.options;
  const interrupt = watchInterrupt(() => shown.say('Ctrl-C: finishing this step and saving. Once more quits at once.'));
  try {
    for (const metrics of train(run)) {
      appendLine(files.metrics, metricsLine(metrics));
      shown.step(metrics);
      const last = metrics.step === steps;
      if (metrics.step % every === 0 || last) {
        shown.say(show.look(run, output));
        if (!last) await saveCheckpoint(files.checkpoint, run);
      }
      await setImmediate(); // timers and signals have their turn
      if (interrupt.requested) break;
    }
    shown.stop();
    await saveCheckpoint(files.checkpoint, run);
  } finally {
    shown.stop();
    interrupt.release();
  }
  return run.history.length >= steps;
}

/** Starts a run on the text that the options name. */
async function startText(options: Options): Promise<Run> {
  const corpus = await readCorpus(options.text, options.sequence);
  return startRun(checkPrompt(options, corpus), corpus);
}

/** Takes up the run whose checkpoint lies in a folder, with those options changed that are given. */
async function resumeText(folder: string, given: Partial<Options>): Promise<Run> {
  const checkpoint = await readCheckpoint(filesIn(folder).checkpoint, given);
  return restore(await startText({ ...checkpoint.options, ...given }), checkpoint);
}

/** The options with what samples begin with: the first character of the text, if nothing is given. */
function checkPrompt(options: Options, { vocabulary, first }: Corpus): Options {
  const unknown = [...options.prompt].find(character => !vocabulary.has(character));
  if (unknown !== undefined)
    throw new UsageError(`--prompt: expected characters that are in the text, got ${JSON.stringify(unknown)}`);
  return options.prompt === '' ? { ...options, prompt: first } : options;
}
