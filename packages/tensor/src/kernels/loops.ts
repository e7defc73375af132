import type { TypedArray } from '../dtype.ts';

/**
 * The innermost loops. Each walks `n` elements of every operand from a start index with a step (in elements), and
 * writes to consecutive elements of `out`. A step of 0 repeats one element: that is all there is to broadcasting down
 * here.
 */
export type UnaryLoop = (n: number, out: TypedArray, o: number, a: TypedArray, p: number, sa: number) => void;

export type BinaryLoop = (
  n: number,
  out: TypedArray,
  o: number,
  a: TypedArray,
  p: number,
  sa: number,
  b: TypedArray,
  q: number,
  sb: number,
) => void;
