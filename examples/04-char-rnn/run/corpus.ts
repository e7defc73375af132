import { data, type Tensor } from 'tapegrad';
import { Failure, TooShort } from './errors.ts';

/** A text as a network sees it. */
export interface Corpus {
  readonly vocabulary: data.Vocabulary;
  /** What the network learns from. */
  readonly training: Tensor;
  /** The last tenth, which it is tested on; empty for a short text. */
  readonly heldOut: Tensor;
  /** The first character. */
  readonly first: string;
  /** What a checkpoint remembers of the text, to know it again: the SHA-256 of its UTF-8. */
  readonly fingerprint: string;
}

/**
 * A text that a network can learn from, in windows of `sequence` characters; `called` is what one knows that number as.
 *
 * @throws Failure when it is empty, shorter than a window, or all one character.
 */
export async function corpusOf(text: string, sequence: number, called = 'sequence'): Promise<Corpus> {
  const [first] = text;
  if (text === '') throw new Failure('expected a text, got an empty one');
  const vocabulary = data.Vocabulary.of(text);
  if (vocabulary.size === 1)
    throw new Failure(`expected at least two different characters, got only ${JSON.stringify(first)}`);
  const ids = vocabulary.encode(text);
  if (ids.size <= sequence) throw new TooShort(ids.size, sequence, called);
  const train = trainingLength(ids.size, sequence);
  return {
    vocabulary,
    training: ids.slice(0, 0, train),
    heldOut: ids.slice(0, train),
    first,
    fingerprint: await sha256(text),
  };
}

/** All but the last tenth of `length` characters, if both parts have room for a window and the character after it. */
export function trainingLength(length: number, sequence: number): number {
  const heldOut = Math.floor(length / 10);
  return heldOut > sequence ? length - heldOut : length;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}
