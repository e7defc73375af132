/**
 * The element types. `float32` is the home dtype, `float64` serves gradient checks, `int32` ids, `bool` masks. Sums and
 * products of int32 wrap around at 2^31.
 */
export type DType = 'float32' | 'float64' | 'int32' | 'bool';

/** The typed array that holds the elements of each dtype; a bool is a byte, 0 or 1. */
export interface TypedArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  bool: Uint8Array;
}

export type TypedArray = TypedArrayOf[DType];

/** Every typed array whose elements are numbers. */
export type NumericArray = TypedArray | Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Uint32Array;

export const bytesPerElement: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

export const isDType = (value: unknown): value is DType =>
  typeof value === 'string' && Object.hasOwn(bytesPerElement, value);

export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/**
 * Small arrays are views on slabs of this many bytes: a view costs some 20 ns, an ArrayBuffer of its own 500. What a
 * program keeps for long keeps its slab alive too, so slabs are not large.
 */
const slabBytes = 1 << 16;
const largestOnSlab = 1 << 13;
/** Up to this size the engine puts a typed array's elements into the object itself, which is cheaper still. */
const smallestOnSlab = 64;

let slab = new ArrayBuffer(slabBytes);
let used = 0;

/** A zero-filled typed array of `size` elements; it may be a view on a larger buffer. */
export function allocate(dtype: DType, size: number): TypedArray {
  const bytes = size * bytesPerElement[dtype];
  if (bytes <= smallestOnSlab || bytes > largestOnSlab) return own(dtype, size);
  const aligned = (bytes + 7) & ~7;
  // A slab that was transferred to another thread has length 0.
  if (used + aligned > slab.byteLength) {
    slab = new ArrayBuffer(slabBytes);
    used = 0;
  }
  const start = used;
  used += aligned;
  return onSlab(dtype, start, size);
}

function own(dtype: DType, size: number): TypedArray {
  if (dtype === 'float32') return new Float32Array(size);
  if (dtype === 'float64') return new Float64Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

function onSlab(dtype: DType, start: number, size: number): TypedArray {
  if (dtype === 'float32') return new Float32Array(slab, start, size);
  if (dtype === 'float64') return new Float64Array(slab, start, size);
  return dtype === 'int32' ? new Int32Array(slab, start, size) : new Uint8Array(slab, start, size);
}

const rank: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/** The smallest dtype that holds both: bool < int32 < float32 < float64. */
export const promote = (a: DType, b: DType): DType => (rank[a] >= rank[b] ? a : b);

/**
 * The dtype of an operation between a stronger and a weaker operand, as in PyTorch: tensors with dims are stronger than
 * 0-d tensors, and these are stronger than JavaScript numbers. The weaker one decides only when it is of a higher kind.
 */
export const promoteWeak = (stronger: DType, weaker: DType): DType =>
  isFloat(stronger) || (stronger === 'int32' && !isFloat(weaker)) ? stronger : promote(stronger, weaker);

/** The dtype that a JavaScript number has as an operand: whole numbers that fit are int32, the others float32. */
export const dtypeOfNumber = (value: number): DType => ((value | 0) === value ? 'int32' : 'float32');
