import type { Tensor } from '@tapegrad/autograd';
import { bytesPerElement, TapegradError } from '@tapegrad/tensor';
import { pieceLength } from '../reading.ts';
import { bytesOf, hostIsLittleEndian, reverseBytes } from './order.ts';

/** The elements of a tensor as they are now, for a file. */
export interface Elements {
  readonly length: number;
  /** Their bytes, row-major and little-endian, in pieces, each of which is good until the next is asked for. */
  readonly pieces: () => Generator<Uint8Array>;
}

/**
 * The elements of a tensor for a file that may take a while to write: `pieces` throws when the tensor has been assigned
 * to since, so that a file never holds a part from before and a part from after.
 */
export function elementsOf(where: string, x: Tensor, littleEndian = hostIsLittleEndian): Elements {
  const { base, contiguous } = x.value;
  const time = base.overwrittenAt;
  const width = bytesPerElement[x.dtype];
  const length = x.size * width;
  function* pieces(): Generator<Uint8Array> {
    const copy = contiguous ? undefined : x.data;
    for (let at = 0; at < length; at += pieceLength) {
      if (base.overwrittenAt !== time)
        throw new TapegradError(
          `${where}: expected the tensor to stay as it is until it is written, got an assignment to it; ` +
            'await what saves it before',
        );
      // Asked for anew each time: meanwhile the elements may have moved to another buffer.
      const piece = bytesOf(copy ?? x.data).subarray(at, at + pieceLength);
      yield littleEndian ? piece : reversed(piece, width);
    }
  }
  return { length, pieces };
}

function reversed(bytes: Uint8Array, width: number): Uint8Array {
  const copy = bytes.slice();
  reverseBytes(copy, width);
  return copy;
}
