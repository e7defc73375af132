import type { TypedArray } from '../dtype.ts';

// The innermost loops of what goes by ids. Each walks `n` elements of every operand from a start index with a step. Float32
// has loops of its own, as in binary.ts.

/** Where the first of `n` ids that is none of 0..size-1 lies; -1 if there is none. */
export function firstOutside(n: number, ids: TypedArray, t: number, step: number, size: number): number {
  if (ids instanceof Int32Array) {
    // Without a sign what is below 0 lies above every size.
    for (let i = 0; i < n; i++, t += step) if (ids[t] >>> 0 >= size) return t;
  } else for (let i = 0; i < n; i++, t += step) if (!(ids[t] >= 0 && ids[t] < size)) return t;
  return -1;
}

/** out[i] = a[i][ids[i]], where the elements to choose from lie `jump` apart; `out` has the step 1. */
export function pickByIds(
  n: number,
  out: TypedArray,
  o: number,
  a: TypedArray,
  p: number,
  sa: number,
  ids: TypedArray,
  t: number,
  si: number,
  jump: number,
): void {
  if (out instanceof Float32Array && a instanceof Float32Array && ids instanceof Int32Array) {
    if (sa === 0 && jump === 1) for (let i = 0; i < n; i++, t += si) out[o + i] = a[p + ids[t]];
    else for (let i = 0; i < n; i++, p += sa, t += si) out[o + i] = a[p + ids[t] * jump];
  } else for (let i = 0; i < n; i++, p += sa, t += si) out[o + i] = a[p + ids[t] * jump];
}

/** Walks the places to choose from, what goes there, and ids. */
type AtIds = (
  n: number,
  out: TypedArray,
  o: number,
  so: number,
  a: TypedArray,
  p: number,
  sa: number,
  ids: TypedArray,
  t: number,
  si: number,
  jump: number,
) => void;

/** out[i][ids[i]] = a[i], where the places to choose from lie `jump` apart. */
export const putAtIds: AtIds = (n, out, o, so, a, p, sa, ids, t, si, jump) => {
  if (out instanceof Float32Array && a instanceof Float32Array && ids instanceof Int32Array)
    for (let i = 0; i < n; i++, o += so, p += sa, t += si) out[o + ids[t] * jump] = a[p];
  else for (let i = 0; i < n; i++, o += so, p += sa, t += si) out[o + ids[t] * jump] = a[p];
};

/** out[i][ids[i]] += a[i], where the places to choose from lie `jump` apart. */
export const addAtIds: AtIds = (n, out, o, so, a, p, sa, ids, t, si, jump) => {
  if (out instanceof Float32Array && a instanceof Float32Array && ids instanceof Int32Array)
    for (let i = 0; i < n; i++, o += so, p += sa, t += si) out[o + ids[t] * jump] += a[p];
  else for (let i = 0; i < n; i++, o += so, p += sa, t += si) out[o + ids[t] * jump] += a[p];
};

/** out[i] += a[i]. */
export function addRow(n: number, out: TypedArray, o: number, so: number, a: TypedArray, p: number, sa: number): void {
  if (out instanceof Float32Array && a instanceof Float32Array)
    for (let i = 0; i < n; i++, o += so, p += sa) out[o] += a[p];
  else for (let i = 0; i < n; i++, o += so, p += sa) out[o] += a[p];
}
