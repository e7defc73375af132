import { Worker } from 'node:worker_threads';
import type { TextCommand } from '../command.ts';
import { UsageError } from '../errors.ts';
import type { Tell } from '../events.ts';
import { interruptedCode, watchInterrupt } from '../interrupt.ts';
import type { Place } from '../program.ts';
import { type Output, type Progress, progress, screenOf } from '../report/terminal.ts';
import { Failure } from '../run/errors.ts';
import { type Errand, type RunEvent, slots } from './events.ts';

/** Where a run is shown, and who is told of it. */
export interface Onlookers extends Place {
  readonly output: Output;
  readonly tell: Tell;
}

/**
 * Trains in a thread of its own and shows what it reports, so that Ctrl-C is heard also in the middle of a step: the
 * first one lets the run end itself, a second one ends it. Returns the exit code.
 *
 * @throws UsageError or Failure, as the thread ended with.
 */
export async function trainInThread(
  command: TextCommand,
  { calling, thread, output, tell }: Onlookers,
): Promise<number> {
  const shared = new SharedArrayBuffer(8);
  const now = new Int32Array(shared);
  const measure = () => void Atomics.store(now, slots.columns, screenOf(output).columns);
  measure();
  output.on('resize', measure);
  const errand: Errand = { command, calling, screen: screenOf(output), shared };
  const shown = progress(output);
  // Loading takes a second or two from sources; the first line of the run is longer, and takes the place of this.
  if (errand.screen.terminal) output.write('Starting …\r');
  const release = watchInterrupt(
    () => {
      Atomics.store(now, slots.interrupted, 1);
      shown.say('Ctrl-C: finishing this step and saving. Once more quits at once.');
    },
    () => {
      shown.stop();
      process.exit(interruptedCode);
    },
  );
  try {
    return await ended(new Worker(thread, { workerData: errand }), shown, tell);
  } catch (error) {
    // A terminal's Ctrl-C also ends the compiler of the sources, without which a thread that still loads cannot go on.
    const loading = String(error).includes('The service was stopped') || String(error).includes('TransformError');
    if (Atomics.load(now, slots.interrupted) === 0 || !loading) throw error;
    shown.say('Interrupted before the first step; nothing is saved.');
    return interruptedCode;
  } finally {
    output.off('resize', measure);
    shown.stop();
    release();
  }
}

/** Shows what a thread reports until it ends, and returns its exit code. */
const ended = (thread: Worker, shown: Progress, tell: Tell): Promise<number> =>
  new Promise((resolve, reject) => {
    thread.on('message', (event: RunEvent) => {
      switch (event.kind) {
        case 'text':
          return shown.say(event.text);
        case 'start':
          return shown.start(event.done, event.steps);
        case 'step':
          return shown.step(event.metrics);
        case 'stop':
          return shown.stop();
        case 'told':
          return tell(event.told);
        case 'end':
          return resolve(event.code);
        case 'error':
          return reject(errorOf(event));
      }
    });
    thread.on('error', reject);
    thread.on('exit', () => reject(new Failure('the training thread ended before the run')));
  });

function errorOf({ name, message }: Extract<RunEvent, { kind: 'error' }>): Error {
  switch (name) {
    case 'usage':
      return new UsageError(message);
    case 'failure':
      return new Failure(message);
    case 'bug':
      return new Error(message);
  }
}
