import { readFile } from 'node:fs/promises';
import { io } from 'tapegrad';
import { reasonOf, withOptions } from './errors.ts';
import { type Checkpoint, contentsOf, decodeCheckpoint, resumeRun } from './run/checkpoint.ts';
import { Failure } from './run/errors.ts';
import type { Options } from './run/options.ts';
import type { Run } from './run/train.ts';
import { readCorpus } from './text.ts';

/**
 * Writes a run to a safetensors file, which is never held in memory as a whole.
 *
 * @throws Failure when it cannot be written; a file that was there is then untouched.
 */
export async function saveCheckpoint(path: string, run: Run): Promise<void> {
  const { tensors, metadata } = contentsOf(run);
  try {
    await io.saveSafetensors(path, tensors, { metadata });
  } catch (cause) {
    const reason = `${path}: could not save the run: ${reasonOf(cause)}; what was there before is untouched`;
    throw new Failure(reason, { cause });
  }
}

/**
 * Reads a checkpoint for an option or a command.
 *
 * @throws Failure when it is missing, damaged, or of another program.
 */
export async function readCheckpoint(path: string, asker = '--resume'): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new Failure(`${asker}: expected a checkpoint to go on from, got none to read in ${path}: ${reasonOf(error)}`);
  }
  return about(path, () => decodeCheckpoint(bytes));
}

/**
 * Takes up the run of a checkpoint, with those options changed that are given.
 *
 * @throws Failure when the checkpoint or its text cannot be read, or they do not fit each other or what is given;
 * UsageError for a prompt with characters that are not in the text.
 */
export async function resumeFrom(path: string, given: Partial<Options>): Promise<Run> {
  const checkpoint = await readCheckpoint(path);
  const { text, sequence } = { ...checkpoint.options, ...given };
  const { corpus } = await readCorpus(text, sequence);
  return withOptions(() => about(path, () => resumeRun(checkpoint, corpus, given)));
}

function about<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof Failure ? new Failure(`checkpoint ${path}: ${error.message}`) : error;
  }
}
