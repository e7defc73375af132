import type { NdArray } from '../ndarray.ts';
import { broadcastStrides, Rows, runUnary } from './elementwise.ts';

/** out = condition ? a : b, all three broadcast to the shape of `out`. */
export function whereInto(out: NdArray, condition: NdArray, a: NdArray, b: NdArray): void {
  if (out.size === 0) return;
  const { shape } = out;
  const strides = [broadcastStrides(condition, shape), broadcastStrides(a, shape), broadcastStrides(b, shape)];
  const rows = new Rows(shape, strides, [condition.offset, a.offset, b.offset]);
  const { length, steps, at } = rows;
  const [y, c, s, t] = [out.buffer, condition.buffer, a.buffer, b.buffer];
  const [sc, ss, st] = steps;
  let o = out.offset;
  do {
    for (let i = 0, p = at[0], q = at[1], r = at[2]; i < length; i++, p += sc, q += ss, r += st)
      y[o + i] = c[p] !== 0 ? s[q] : t[r];
    o += length;
  } while (rows.next());
}

/** out = min(max(a, low), high) with scalars low and high: NaN where one is NaN, and high where low is above it. */
export function clampInto(out: NdArray, a: NdArray, low: NdArray, high: NdArray): void {
  const [least, most] = [low.buffer[low.offset], high.buffer[high.offset]];
  runUnary(
    (n, y, o, x, p, step) => {
      if (y instanceof Float32Array)
        for (let i = 0; i < n; i++, p += step) y[o + i] = Math.min(Math.max(x[p], least), most);
      else for (let i = 0; i < n; i++, p += step) y[o + i] = Math.min(Math.max(x[p], least), most);
    },
    out,
    a,
  );
}
