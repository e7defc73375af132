import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { reasonOf } from './errors.ts';
import { type Corpus, corpusOf } from './run/corpus.ts';
import { Failure, TooShort } from './run/errors.ts';

/** What stands for standard input where the path of a text is asked for. */
export const standardInput = '-';

/** A text that was read, and what a network makes of it. */
export interface Read {
  readonly text: string;
  readonly corpus: Corpus;
}

/**
 * Reads a text that a network can learn from, in windows of `sequence` characters, from a file or standard input.
 *
 * @throws Failure when it is missing, a folder, not UTF-8, empty, shorter than a window, or all one character.
 */
export async function readCorpus(path: string, sequence: number): Promise<Read> {
  try {
    const text = decode(path === standardInput ? await readInput() : await readBytes(path));
    return { text, corpus: await corpusOf(text, sequence) };
  } catch (error) {
    const advice = error instanceof TooShort ? `: --sequence ${error.fitting}` : '';
    throw new Failure(`--text ${path}: ${reasonOf(error)}${advice}`);
  }
}

async function readInput(): Promise<Uint8Array> {
  if (isatty(0)) throw new Failure('expected a text piped to standard input, got a terminal');
  // process.stdin of a thread is not that of the program.
  return await buffer(createReadStream('', { fd: 0, autoClose: false }));
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Failure('it is a folder');
    if (!found.isFile() && !found.isFIFO()) throw new Failure('it is a device');
    return await readFile(path);
  } catch (error) {
    throw new Failure(`expected a text file: ${reasonOf(error)}`);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure('expected UTF-8, got bytes that are no such text');
  }
}
