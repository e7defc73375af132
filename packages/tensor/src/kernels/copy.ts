import type { DType } from '../dtype.ts';
import { emptyArray, NdArray } from '../ndarray.ts';
import { broadcastStrides, Rows, runUnary } from './elementwise.ts';
import type { UnaryLoop } from './loops.ts';

/** From this length on copies, also those to another dtype, are left to the engine; short ones are faster by hand. */
const longCopy = 64;
/** From this length on an array is of its own, and a slice faster than an array that is written to. */
const longSlice = 1 << 14;

/** Float32 has a loop of its own, as in binary.ts. */
export const copyLoop: UnaryLoop = (n, out, o, a, p, sa) => {
  if (n >= longCopy && sa === 1) out.set(a.subarray(p, p + n), o);
  else if (n >= longCopy && sa === 0) out.fill(a[p], o, o + n);
  else if (out instanceof Float32Array && a instanceof Float32Array)
    for (let i = 0; i < n; i++, p += sa) out[o + i] = a[p];
  else for (let i = 0; i < n; i++, p += sa) out[o + i] = a[p];
};

const truthLoop: UnaryLoop = (n, out, o, a, p, sa) => {
  for (let i = 0; i < n; i++, p += sa) out[o + i] = a[p] !== 0 ? 1 : 0;
};

/**
 * Copies `a`, broadcast to the shape of `out` (which may be a view), converting to its dtype: to int32 truncates toward
 * zero, to bool asks whether an element differs from zero (NaN does).
 */
export function copyInto(out: NdArray, a: NdArray): void {
  const asTruth = out.dtype === 'bool' && a.dtype !== 'bool';
  if (!out.contiguous) copyThrough(out, a, asTruth);
  else runUnary(asTruth ? truthLoop : copyLoop, out, a);
}

function copyThrough(out: NdArray, a: NdArray, asTruth: boolean): void {
  if (out.size === 0) return;
  const rows = new Rows(out.shape, [out.strides, broadcastStrides(a, out.shape)], [out.offset, a.offset]);
  const [y, x] = [out.buffer, a.buffer];
  const [sy, sx] = rows.steps;
  const { length, at } = rows;
  const loop = asTruth ? truthLoop : copyLoop;
  do {
    if (sy === 1) loop(length, y, at[0], x, at[1], sx);
    else
      for (let i = 0, o = at[0], p = at[1]; i < length; i++, o += sy, p += sx)
        y[o] = asTruth ? Number(x[p] !== 0) : x[p];
  } while (rows.next());
}

/** A contiguous copy of `a`, of its dtype unless another is given. */
export function copyOf(a: NdArray, dtype: DType = a.dtype): NdArray {
  // A slice is not filled with zeros first.
  if (a.contiguous && dtype === a.dtype && a.size >= longSlice)
    return new NdArray(dtype, a.shape, a.buffer.slice(a.offset, a.offset + a.size));
  const copy = emptyArray(a.shape, dtype);
  copyInto(copy, a);
  return copy;
}

/** `a` itself when its elements lie in row-major order, else a copy in which they do. */
export const contiguous = (a: NdArray): NdArray => (a.contiguous ? a : copyOf(a));
