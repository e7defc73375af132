import { Tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { elementsOf } from '../elements/write.ts';
import { kindOf } from '../text.ts';
import { collect, type Writing } from '../writing.ts';
import { writeHeader } from './header.ts';

/**
 * An .npy file of a tensor, that `decodeNpy` and `numpy.load` read: the bytes that NumPy writes for the same array,
 * row-major and little-endian.
 *
 * @throws ArgumentError for a value that is no tensor.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(x: Tensor): Uint8Array {
  return collect('encodeNpy', write('encodeNpy', x));
}

/** What `encodeNpy` makes, under the name that its errors begin with. */
export function write(op: string, x: Tensor): Writing {
  if (!(x instanceof Tensor)) throw new ArgumentError(`${op}: expected a tensor, got ${kindOf(x)}`);
  return writeArray(op, x);
}

/** An .npy file, alone or within another. Its chunks may be asked for more than once. */
export function writeArray(where: string, x: Tensor): Writing {
  const header = writeHeader(x.dtype, x.shape);
  const { length, pieces } = elementsOf(where, x);
  const chunks = {
    *[Symbol.iterator]() {
      yield header;
      yield* pieces();
    },
  };
  return { length: header.length + length, chunks };
}
