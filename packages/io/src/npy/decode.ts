import { Tensor } from '@tapegrad/autograd';
import { contiguous, FormatError, NdArray, rowMajorStrides, type TypedArray } from '@tapegrad/tensor';
import { readElements } from '../elements/read.ts';
import { byteLength, showByteLength, showSizes } from '../elements/size.ts';
import { type Reading, readBytes } from '../reading.ts';
import { storedAs } from './descr.ts';
import { readHeader } from './header.ts';

/**
 * The tensor of an .npy file: f8, f4, i4 and b1 bit for bit, f2 widened to float32, i1, i2, i8, u1, u2, u4 and u8 as
 * int32; of either order of bytes, row-major or column-major (Fortran). It shares no memory with `bytes`.
 *
 * @throws FormatError for bytes that are no such file, for other dtypes (strings, objects, complex numbers,
 * structures), and for an integer beyond int32; it says what is wrong, and where.
 */
export function decodeNpy(bytes: Uint8Array): Tensor {
  return readBytes('decodeNpy', bytes, size => read('decodeNpy', size));
}

/** Reads an .npy file of `size` bytes, from front to back and each byte once. */
export function* read(where: string, size: number): Reading<Tensor> {
  const { descr, fortranOrder, shape, dataStart } = yield* readHeader(where, size);
  const stored = storedAs(where, descr);
  const { width, dtype } = stored.storage;
  const bytes = byteLength(shape, width);
  if (bytes !== size - dataStart)
    throw new FormatError(
      `${where}: expected ${showByteLength(bytes)} for ${stored.type} of shape ${showSizes(shape)}, ` +
        `got ${size - dataStart} from byte ${dataStart}`,
    );
  const elements = yield* readElements(where, stored, bytes / width, dataStart);
  if (!fortranOrder) return new Tensor(new NdArray(dtype, shape, elements));
  return new Tensor(contiguous(columnMajor(dtype, shape, elements)));
}

/** Elements of which the first dim runs fastest: those of the reversed shape, seen with its strides reversed. */
function columnMajor(dtype: NdArray['dtype'], shape: readonly number[], elements: TypedArray): NdArray {
  const reversed = shape.toReversed();
  return new NdArray(dtype, reversed, elements).view(shape, [...rowMajorStrides(reversed)].reverse());
}
