import type { DType, TypedArray } from '@tapegrad/tensor';

/** The dtypes that are written, and what they are called in a file. */
export const nameOf: Readonly<Record<DType, FileDType>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  bool: 'BOOL',
};

export type FileDType = 'BOOL' | 'U8' | 'I8' | 'I16' | 'F16' | 'BF16' | 'I32' | 'F32' | 'F64' | 'I64';

/** Names of tensors that are none: this one holds the metadata. */
export const metadataKey = '__metadata__';

/** The first bytes are the header's length as a 64-bit number. */
export const prefixLength = 8;

/** The longest header that the reference implementation reads, in bytes. */
export const longestHeader = 100_000_000;

/** The bytes of a typed array, which it shares. */
export const bytesOf = (array: TypedArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Turns elements of `width` bytes between the order of this machine and that of a file, little-endian, in place. */
export function swapToFileOrder(bytes: Uint8Array, width: number, littleEndian = hostIsLittleEndian): void {
  if (littleEndian || width === 1) return;
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
