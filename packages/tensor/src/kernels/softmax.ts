import { emitSoftmax, instantiate, ModuleBuilder, relaxedSimd } from '@tapegrad/wasm';
import type { NdArray } from '../ndarray.ts';
import { around } from '../shape/shape.ts';
import { contiguous } from './copy.ts';
import { type Scratch, scratch } from './scratch.ts';
import { copyIn, copyOut } from './vector.ts';

/** softmax along `dim`, exp(a - max) / sum(exp(a - max)), or its logarithm, a - max - log(sum(exp(a - max))). */
export function softmaxInto(out: NdArray, a: NdArray, dim: number, log: boolean): void {
  const { size, inner } = around(a.shape, dim);
  const memory = inner > 1 || size > longestRow || a.size < fewElements ? null : scratch();
  if (memory === null || a.dtype !== 'float32') plainSoftmax(out, a, dim, log);
  else throughVectors(memory, out, contiguous(a), size, log);
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

type Rows = (to: number, from: number, rows: number, size: number) => void;

let made: { readonly softmax: Rows; readonly logSoftmax: Rows } | undefined;

function makeKernels({ memory }: Scratch): NonNullable<typeof made> {
  const m = new ModuleBuilder();
  emitSoftmax(m, m.import('log', ['f64'], ['f64']), { fma: relaxedSimd() });
  return instantiate(m, memory, { log: Math.log });
}

/** Fewer elements than this are done before they would be copied. */
const fewElements = 16;
/** So many elements are copied in and out at a time, or one row, if that is longer. */
const chunk = 4096;
const longestRow = 1 << 20;

/** Through the scratch memory, rows of `size` elements four elements at a time. */
function throughVectors(memory: Scratch, out: NdArray, a: NdArray, size: number, log: boolean): void {
  made ??= makeKernels(memory);
  const kernel = log ? made.logSoftmax : made.softmax;
  const [x, y] = [a.buffer as Float32Array, out.buffer as Float32Array];
  const step = Math.max(1, Math.floor(chunk / size)) * size;
  for (let i = 0; i < a.size; i += step) {
    const n = Math.min(step, a.size - i);
    const result = (n + 7) & ~3;
    copyIn(memory.floats, n, x, a.offset + i, 1);
    kernel(result * 4, 0, n / size, size);
    copyOut(memory.floats, result, n, y, out.offset + i);
  }
}
