import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { data, type Tensor } from 'tapegrad';
import { Failure, reasonOf } from './errors.ts';

/** A text as a network sees it. */
export interface Corpus {
  readonly vocabulary: data.Vocabulary;
  /** What the network learns from. */
  readonly training: Tensor;
  /** The last tenth, which it is tested on; empty for a short text. */
  readonly heldOut: Tensor;
  /** The first character. */
  readonly first: string;
  /** What a checkpoint remembers of the text, to know it again. */
  readonly fingerprint: string;
}

/**
 * Reads a text file that a network can learn from, in windows of `sequence` characters.
 *
 * @throws Failure when it is missing, a folder, not UTF-8, empty, shorter than a window, or all one character.
 */
export async function readCorpus(path: string, sequence: number): Promise<Corpus> {
  const text = decode(path, await readBytes(path));
  const [first] = text;
  if (text === '') throw new Failure(`--text ${path}: expected a text, got an empty file`);
  const vocabulary = data.Vocabulary.of(text);
  if (vocabulary.size === 1)
    throw new Failure(`--text ${path}: expected at least two different characters, got only ${JSON.stringify(first)}`);
  const ids = vocabulary.encode(text);
  if (ids.size <= sequence)
    throw new Failure(
      `--text ${path}: expected more characters than a sequence has, ${sequence + 1} or more, got ${ids.size}; a smaller --sequence helps`,
    );
  const train = trainingLength(ids.size, sequence);
  return {
    vocabulary,
    training: ids.slice(0, 0, train),
    heldOut: ids.slice(0, train),
    first,
    fingerprint: createHash('sha256').update(text).digest('hex'),
  };
}

/** All but the last tenth of `length` characters, if both parts have room for a window and the character after it. */
export function trainingLength(length: number, sequence: number): number {
  const heldOut = Math.floor(length / 10);
  return heldOut > sequence ? length - heldOut : length;
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Failure('it is a folder');
    if (!found.isFile() && !found.isFIFO()) throw new Failure('it is a device');
    return await readFile(path);
  } catch (error) {
    throw new Failure(`--text ${path}: expected a text file: ${reasonOf(error)}`);
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(`--text ${path}: expected UTF-8, got bytes that are no such text`);
  }
}
