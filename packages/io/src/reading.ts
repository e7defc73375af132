import { ArgumentError } from '@tapegrad/tensor';

/** The bytes `at … at + length` of what is read. */
export interface ByteRange {
  readonly at: number;
  readonly length: number;
}

/**
 * A reader that asks for ranges of bytes and goes on when it is given them: so the same reader reads bytes at once, and
 * a file piece by piece. It asks for nothing beyond the end, and what it is given is good until it asks again.
 */
export type Reading<T> = Generator<ByteRange, T, Uint8Array>;

/** Elements are read and written in pieces of at most this many bytes. */
export const pieceLength = 1 << 20;

/** Reads `bytes`, whose number `start` is told. */
export function readBytes<T>(op: string, bytes: Uint8Array, start: (size: number) => Reading<T>): T {
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError(`${op}: expected a Uint8Array, got ${bytes === null ? 'null' : typeof bytes}`);
  const reading = start(bytes.length);
  let step = reading.next();
  while (!step.done) {
    const { at, length } = step.value;
    step = reading.next(bytes.subarray(at, at + length));
  }
  return step.value;
}
