import { ArgumentError } from '@tapegrad/tensor';

/** What is written: its length in bytes, and the bytes in chunks, each of which is good until the next is asked for. */
export interface Writing {
  readonly length: number;
  readonly chunks: Iterable<Uint8Array>;
}

/** All that is written as one array. */
export function collect(op: string, { length, chunks }: Writing): Uint8Array {
  const out = allocateBytes(op, length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function allocateBytes(op: string, length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new ArgumentError(`${op}: expected tensors that fit into one Uint8Array, got ${length} bytes; save a file`, {
      cause,
    });
  }
}
