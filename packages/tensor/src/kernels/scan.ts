import type { TypedArray } from '../dtype.ts';
import type { NdArray } from '../ndarray.ts';
import { around } from '../shape/shape.ts';
import { contiguous } from './copy.ts';

/** Runs along `n` elements, `step` apart, and writes what has come together so far. */
type ScanLoop = (n: number, out: TypedArray, o: number, a: TypedArray, p: number, step: number) => void;

const runningSum: ScanLoop = (n, out, o, a, p, step) => {
  let acc = 0;
  for (let k = 0; k < n; k++, p += step, o += step) out[o] = acc += a[p];
};

const runningProduct: ScanLoop = (n, out, o, a, p, step) => {
  let acc = 1;
  for (let k = 0; k < n; k++, p += step, o += step) out[o] = acc *= a[p];
};

/** The product of int32 elements, which wraps around as they do. */
const runningIntegerProduct: ScanLoop = (n, out, o, a, p, step) => {
  let acc = 1;
  for (let k = 0; k < n; k++, p += step, o += step) out[o] = acc = Math.imul(acc, a[p]);
};

/** Running sums (or products) along `dim`. */
export function scanInto(kind: 'sum' | 'prod', out: NdArray, a: NdArray, dim: number): void {
  const source = contiguous(a);
  const { outer, size, inner } = around(a.shape, dim);
  const loop = kind === 'sum' ? runningSum : out.dtype === 'int32' ? runningIntegerProduct : runningProduct;
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < inner; j++) {
      const first = i * size * inner + j;
      loop(size, out.buffer, out.offset + first, source.buffer, source.offset + first, inner);
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
