import type { TypedArray } from '../dtype.ts';

/** Where the first of `n` elements that is (or is not) 0 lies among them; n if there is none. NaN is not 0. */
function firstThat(isZero: boolean, n: number, a: TypedArray, p: number, step: number): number {
  // Float32 and bool have loops of their own, as in binary.ts.
  if (a instanceof Float32Array) {
    for (let i = 0; i < n; i++, p += step) if ((a[p] === 0) === isZero) return i;
  } else if (a instanceof Uint8Array) {
    for (let i = 0; i < n; i++, p += step) if ((a[p] === 0) === isZero) return i;
  } else for (let i = 0; i < n; i++, p += step) if ((a[p] === 0) === isZero) return i;
  return n;
}

/** Folds for `reduceInto` that ask whether any element, or every one, is not 0, and stop where that is known. */
export const truths = {
  any: {
    start: 0,
    row: (n: number, acc: number, a: TypedArray, p: number, step: number): number =>
      acc !== 0 || firstThat(false, n, a, p, step) < n ? 1 : 0,
    columns(n: number, acc: Float64Array, a: TypedArray, p: number): void {
      for (let j = 0; j < n; j++) if (a[p + j] !== 0) acc[j] = 1;
    },
  },
  all: {
    start: 1,
    row: (n: number, acc: number, a: TypedArray, p: number, step: number): number =>
      acc === 0 || firstThat(true, n, a, p, step) < n ? 0 : 1,
    columns(n: number, acc: Float64Array, a: TypedArray, p: number): void {
      for (let j = 0; j < n; j++) if (a[p + j] === 0) acc[j] = 0;
    },
  },
};
