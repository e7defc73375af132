import { allocate, bytesPerElement, type DType, FormatError, type TypedArray } from '@tapegrad/tensor';
import { pieceLength, type Reading } from '../reading.ts';
import { bytesOf, hostIsLittleEndian, reverseBytes } from './order.ts';
import type { Storage } from './storage.ts';

/** The elements of a tensor in a file: what the file calls their type, what that means, and the order of their bytes. */
export interface Stored {
  readonly type: string;
  readonly storage: Storage;
  readonly littleEndian: boolean;
}

/** Reads `size` elements, which begin at byte `begin`, into an array of their dtype, piece by piece. */
export function* readElements(where: string, stored: Stored, size: number, begin: number): Reading<TypedArray> {
  const { width, dtype } = stored.storage;
  const array = allocateFor(where, dtype, size);
  const most = pieceLength / width;
  for (let first = 0; first < size; first += most) {
    const length = width * Math.min(most, size - first);
    const bytes = yield { at: begin + width * first, length };
    if (stored.storage.read === undefined) copy(array, first, bytes, stored.littleEndian);
    else convert(where, stored, array, first, bytes);
  }
  return array;
}

function allocateFor(where: string, dtype: DType, size: number): TypedArray {
  try {
    return allocate(dtype, size);
  } catch (cause) {
    const bytes = size * bytesPerElement[dtype];
    throw new FormatError(`${where}: expected a tensor that fits in memory, got ${bytes} bytes of ${dtype}`, { cause });
  }
}

function copy(array: TypedArray, first: number, bytes: Uint8Array, littleEndian: boolean): void {
  const width = array.BYTES_PER_ELEMENT;
  const target = bytesOf(array).subarray(width * first, width * first + bytes.length);
  target.set(bytes);
  if (littleEndian !== hostIsLittleEndian) reverseBytes(target, width);
}

function convert(where: string, stored: Stored, array: TypedArray, first: number, bytes: Uint8Array): void {
  const { type, storage, littleEndian } = stored;
  const { width, read, refusal } = storage;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // As bits: a float32 that passes through a JavaScript number may lose those of a NaN.
  const target = array instanceof Float32Array ? new Int32Array(array.buffer, array.byteOffset, array.length) : array;
  for (let at = 0, i = first; at < bytes.length; at += width, i++) {
    const element = read!(data, at, littleEndian);
    if (element === undefined) {
      const { expected, got } = refusal!;
      throw new FormatError(
        `${where}: expected ${type} to be ${expected}, got ${got(data, at, littleEndian)} at element ${i}`,
      );
    }
    target[i] = element;
  }
}
