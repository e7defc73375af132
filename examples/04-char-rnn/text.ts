import { readFile, stat } from 'node:fs/promises';
import { reasonOf } from './errors.ts';
import { type Corpus, corpusOf } from './run/corpus.ts';
import { Failure } from './run/errors.ts';

/**
 * Reads a text file that a network can learn from, in windows of `sequence` characters.
 *
 * @throws Failure when it is missing, a folder, not UTF-8, empty, shorter than a window, or all one character.
 */
export async function readCorpus(path: string, sequence: number): Promise<Corpus> {
  try {
    return await corpusOf(decode(await readBytes(path)), sequence);
  } catch (error) {
    throw new Failure(`--text ${path}: ${reasonOf(error)}`);
  }
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
