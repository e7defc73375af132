import type { NdArray } from '../ndarray.ts';
import { around } from '../shape/shape.ts';
import { contiguous } from './copy.ts';

/** softmax along `dim`, exp(a - max) / sum(exp(a - max)), or its logarithm, a - max - log(sum(exp(a - max))). */
export function softmaxInto(out: NdArray, a: NdArray, dim: number, log: boolean): void {
  const source = contiguous(a);
  const { outer, size, inner } = around(a.shape, dim);
  const [x, y] = [source.buffer, out.buffer];
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < inner; j++) {
      const first = i * size * inner + j;
      const last = first + size * inner;
      const p = source.offset;
      const o = out.offset;
      let largest = -Infinity;
      for (let t = first; t < last; t += inner) largest = Math.max(largest, x[p + t]);
      let sum = 0;
      if (log) {
        for (let t = first; t < last; t += inner) sum += Math.exp(x[p + t] - largest);
        const rest = Math.log(sum);
        for (let t = first; t < last; t += inner) y[o + t] = x[p + t] - largest - rest;
      } else {
        for (let t = first; t < last; t += inner) sum += y[o + t] = Math.exp(x[p + t] - largest);
        for (let t = first; t < last; t += inner) y[o + t] /= sum;
      }
    }
}
