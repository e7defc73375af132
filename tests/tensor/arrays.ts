import {
  arrayFrom,
  type Data,
  type DType,
  emptyArray,
  type NdArray,
  toNested,
} from '../../packages/tensor/src/index.ts';

/** An array of nested data, float64 unless another dtype is given. */
export const array = (data: Data, dtype: DType = 'float64'): NdArray => arrayFrom(data, dtype);

export const ids = (data: Data): NdArray => arrayFrom(data, 'int32');

/** The transpose of a matrix, as a view. */
export const turned = (a: NdArray): NdArray => a.view([...a.shape].reverse(), [...a.strides].reverse());

/** What a kernel writes into a new array of a shape. */
export function written(shape: number[], kernel: (out: NdArray) => void, dtype: DType = 'float64'): unknown {
  const out = emptyArray(shape, dtype);
  kernel(out);
  return toNested(out);
}
