import type { DType } from '@tapegrad/tensor';

/** How an element is stored, and what it becomes; without `read` the bytes are those of the dtype. */
export interface Storage {
  readonly width: number;
  readonly dtype: DType;
  /** An element as a number, or undefined where the dtype has no such value. For float32, its bits. */
  readonly read?: (data: DataView, at: number, littleEndian: boolean) => number | undefined;
  /** Where `read` may be undefined: what an element has to be, and what this one is. */
  readonly refusal?: {
    readonly expected: string;
    readonly got: (data: DataView, at: number, littleEndian: boolean) => number | bigint;
  };
}

/** Elements as files store them, under their names in safetensors: F64, F32, I32 and BOOL are ours, bit for bit. */
export const storages = {
  F64: { width: 8, dtype: 'float64' },
  F32: { width: 4, dtype: 'float32' },
  I32: { width: 4, dtype: 'int32' },
  BOOL: {
    width: 1,
    dtype: 'bool',
    read: (data, at) => (data.getUint8(at) <= 1 ? data.getUint8(at) : undefined),
    refusal: { expected: '0 or 1', got: (data, at) => data.getUint8(at) },
  },
  F16: { width: 2, dtype: 'float32', read: (data, at, little) => widenHalf(data.getUint16(at, little)) },
  BF16: { width: 2, dtype: 'float32', read: (data, at, little) => data.getUint16(at, little) << 16 },
  I64: {
    width: 8,
    dtype: 'int32',
    read: (data, at, little) => {
      const low = data.getInt32(little ? at : at + 4, little);
      return data.getInt32(little ? at + 4 : at, little) === low >> 31 ? low : undefined;
    },
    refusal: { expected: 'numbers that int32 holds', got: (data, at, little) => data.getBigInt64(at, little) },
  },
  I16: { width: 2, dtype: 'int32', read: (data, at, little) => data.getInt16(at, little) },
  I8: { width: 1, dtype: 'int32', read: (data, at) => data.getInt8(at) },
  U64: {
    width: 8,
    dtype: 'int32',
    read: (data, at, little) => {
      const low = data.getInt32(little ? at : at + 4, little);
      return data.getInt32(little ? at + 4 : at, little) === 0 && low >= 0 ? low : undefined;
    },
    refusal: { expected: 'numbers that int32 holds', got: (data, at, little) => data.getBigUint64(at, little) },
  },
  U32: {
    width: 4,
    dtype: 'int32',
    read: (data, at, little) => {
      const value = data.getInt32(at, little);
      return value >= 0 ? value : undefined;
    },
    refusal: { expected: 'numbers that int32 holds', got: (data, at, little) => data.getUint32(at, little) },
  },
  U16: { width: 2, dtype: 'int32', read: (data, at, little) => data.getUint16(at, little) },
  U8: { width: 1, dtype: 'int32', read: (data, at) => data.getUint8(at) },
} as const satisfies Readonly<Record<string, Storage>>;

export type StorageName = keyof typeof storages;

export const isStorageName = (name: string): name is StorageName => Object.hasOwn(storages, name);

/**
 * The float32 bits of a half: sign 1, exponent 5 (bias 15), fraction 10 bits become sign 1, exponent 8 (bias 127),
 * fraction 23 bits. Every half is a float32, and the bits of a NaN are kept.
 */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal, fraction · 2^-24: the leading one of the fraction becomes the hidden one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
