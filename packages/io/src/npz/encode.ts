import type { Tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { writeArray } from '../npy/encode.ts';
import { namedTensors } from '../tensors.ts';
import { quote } from '../text.ts';
import { collect, type Writing } from '../writing.ts';
import { archive } from './archive.ts';

/**
 * An .npz file of tensors by name, that `decodeNpz` and `numpy.load` read: the bytes that `numpy.savez` writes for the
 * same arrays in the same order, a ZIP file of .npy files that are not compressed.
 *
 * @throws ArgumentError for values that are no tensors, and for names that are not well-formed text, longer than 65531
 * bytes, or have a zero character in them.
 */
export function encodeNpz(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  return collect('encodeNpz', write('encodeNpz', tensors));
}

/** What `encodeNpz` makes, under the name that its errors begin with. */
export function write(op: string, tensors: Readonly<Record<string, Tensor>>): Writing {
  return archive(
    namedTensors(op, tensors).map(([name, x]) => {
      const bytes = new TextEncoder().encode(name).length;
      if (bytes > 65531 || name.includes('\0'))
        throw new ArgumentError(
          `${op}: expected names of at most 65531 bytes without a zero character, got ${quote(name)} of ${bytes} bytes`,
        );
      return { name: `${name}.npy`, content: writeArray(`${op}: ${quote(name)}`, x) };
    }),
  );
}
