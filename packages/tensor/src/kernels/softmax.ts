import type { NdArray } from '../ndarray.ts';
import { around } from '../shape/shape.ts';
import { contiguous } from './copy.ts';
import { chunk, type Kernels, vectorKernels } from './vectors/kernels.ts';
import { copyIn, copyOut } from './vectors/loops.ts';

/** softmax along `dim`, exp(a - max) / sum(exp(a - max)), or its logarithm, a - max - log(sum(exp(a - max))). */
export function softmaxInto(out: NdArray, a: NdArray, dim: number, log: boolean): void {
  const { size, inner } = around(a.shape, dim);
  const fits = a.dtype === 'float32' && inner === 1 && size <= longestRow && a.size >= fewElements;
  const kernels = fits ? vectorKernels() : null;
  if (kernels === null) plainSoftmax(out, a, dim, log);
  else throughVectors(kernels, out, contiguous(a), size, log);
}

/** The same in JavaScript, for any dtype and size. */
export function plainSoftmax(out: NdArray, a: NdArray, dim: number, log: boolean): void {
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

/** Fewer elements than this are done before they would be copied. */
const fewElements = 16;
/** A longer row, with its result, does not fit the memory. */
const longestRow = 1 << 20;

/** Through the scratch memory, rows of `size` elements four elements at a time. */
function throughVectors(kernels: Kernels, out: NdArray, a: NdArray, size: number, log: boolean): void {
  const kernel = log ? kernels.logSoftmax : kernels.softmax;
  const step = Math.max(1, Math.floor(chunk / size)) * size;
  for (let i = 0; i < a.size; i += step) {
    const n = Math.min(step, a.size - i);
    // The kernel reads up to three elements behind the last row.
    const result = (n + 7) & ~3;
    copyIn(kernels.floats, 0, n, a.buffer, a.offset + i, 1);
    kernel(4 * result, 0, n / size, size);
    copyOut(kernels.floats, result, n, out.buffer, out.offset + i);
  }
}
