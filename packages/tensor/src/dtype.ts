/** The element types. `float32` is the home dtype, `float64` serves gradient checks, `int32` ids, `bool` masks. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool';

/** The typed array that holds the elements of each dtype; a bool is a byte, 0 or 1. */
export interface TypedArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  bool: Uint8Array;
}

export type TypedArray = TypedArrayOf[DType];

export const bytesPerElement: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

export const isDType = (value: unknown): value is DType =>
  typeof value === 'string' && Object.hasOwn(bytesPerElement, value);

export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/** A zero-filled typed array of `size` elements. */
export function allocate(dtype: DType, size: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(size);
    case 'float64':
      return new Float64Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'bool':
      return new Uint8Array(size);
  }
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

/** The dtype that a JavaScript number has as an operand: whole numbers are int32, the others float32. */
export const dtypeOfNumber = (value: number): DType => (Number.isInteger(value) ? 'int32' : 'float32');
