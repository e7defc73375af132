import { emptyArray, type NdArray } from '../ndarray.ts';
import { copyInto } from './copy.ts';

/** `a` itself when its elements lie in row-major order, else a copy in which they do. */
export function contiguous(a: NdArray): NdArray {
  if (a.contiguous) return a;
  const copy = emptyArray(a.shape, a.dtype);
  copyInto(copy, a);
  return copy;
}

/** A shape as (outer, size of dim, inner): how far to step around one dim of a contiguous array. */
export function around(shape: readonly number[], dim: number): { outer: number; size: number; inner: number } {
  let outer = 1;
  let inner = 1;
  for (let d = 0; d < dim; d++) outer *= shape[d];
  for (let d = dim + 1; d < shape.length; d++) inner *= shape[d];
  return { outer, size: shape[dim], inner };
}

/** Running sums (or products) along `dim`. */
export function scanInto(kind: 'sum' | 'prod', out: NdArray, a: NdArray, dim: number): void {
  const { buffer, offset } = contiguous(a);
  const { outer, size, inner } = around(a.shape, dim);
  const y = out.buffer;
  const times = out.dtype === 'int32' ? Math.imul : (x: number, z: number): number => x * z;
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < inner; j++) {
      const first = i * size * inner + j;
      let acc = kind === 'sum' ? 0 : 1;
      for (let k = 0, p = first; k < size; k++, p += inner) {
        if (kind === 'sum') acc += buffer[offset + p];
        else acc = times(acc, buffer[offset + p]);
        y[out.offset + p] = acc;
      }
    }
}

/** The positions that sort `a` along `dim`, equal elements in their first order, NaN after all numbers. */
export function argsortInto(out: NdArray, a: NdArray, dim: number, descending: boolean): void {
  const { buffer, offset } = contiguous(a);
  const { outer, size, inner } = around(a.shape, dim);
  const y = out.buffer;
  const keys = new Float64Array(size);
  const order = new Int32Array(size);
  const sign = descending ? -1 : 1;
  const compare = (i: number, j: number): number => {
    const [x, z] = [keys[i], keys[j]];
    if (x === z) return i - j;
    if (x < z) return -sign;
    if (x > z) return sign;
    const [noX, noZ] = [Number.isNaN(x), Number.isNaN(z)];
    return noX === noZ ? i - j : noX ? sign : -sign;
  };
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < inner; j++) {
      const first = i * size * inner + j;
      for (let k = 0; k < size; k++) {
        keys[k] = buffer[offset + first + k * inner];
        order[k] = k;
      }
      order.sort(compare);
      for (let k = 0; k < size; k++) y[out.offset + first + k * inner] = order[k];
    }
}
