import {
  emitColumns,
  emitGemm,
  gemmScratchBytes,
  instantiate,
  isWide,
  ModuleBuilder,
  relaxedSimd,
} from '@tapegrad/wasm';
import type { TypedArray } from '../dtype.ts';
import { dotProducts, type Factors, type Multiply } from './products.ts';
import { type Scratch, scratch } from './scratch.ts';

/** Fewer multiplications than this are done before the operands would be copied. */
const fewProducts = 200;
/**
 * From so many elements on the engine copies faster than a loop; and so many of b, whose rows are not contiguous, are better
 * put in order by the kernel than while they are copied.
 */
const longCopy = 48;

/** The module that multiplies and convolves in the scratch memory, and for which state of the engine it was made. */
export interface Kernel {
  readonly gemm: (...args: number[]) => void;
  readonly fillColumns: (...args: number[]) => void;
  readonly addColumns: (...args: number[]) => void;
  readonly floats: Float32Array;
  /** How many floats there is room for. */
  readonly room: number;
  readonly fma: boolean;
  readonly wide: boolean;
}

let made: Kernel | undefined;

/** The kernel, made at its first use, and again when `wideSimd` changed the engine; null without WebAssembly. */
export function kernelOf(memory: Scratch | null): Kernel | null {
  if (memory === null) return null;
  const [wide, fma] = [isWide(), relaxedSimd()];
  if (made === undefined || made.wide !== wide || made.fma !== fma) made = makeKernel(memory, fma, wide);
  return made;
}

function makeKernel({ memory, floats }: Scratch, fma: boolean, wide: boolean): Kernel {
  const m = new ModuleBuilder();
  const at = (memory.buffer.byteLength - gemmScratchBytes(wide)) & ~63;
  m.export('gemm', emitGemm(m, { scratch: at, fma, wide }).gemm);
  const { fill, add } = emitColumns(m);
  m.export('fillColumns', fill);
  m.export('addColumns', add);
  const functions = instantiate<Pick<Kernel, 'gemm' | 'fillColumns' | 'addColumns'>>(m, memory);
  return { ...functions, floats, room: at / 4, fma, wide };
}

/**
 * Products of float32 in the scratch memory: the factors are copied in, the product out. Few products, and all where there
 * is no WebAssembly, are left to `dotProducts`.
 */
export const stagedProducts: Multiply = (x, o, p, q, sameA, sameB) => {
  const kernel = x.M * x.N * x.K < fewProducts ? null : kernelOf(scratch());
  if (kernel === null) dotProducts(x, o, p, q, sameA, sameB);
  else multiply(kernel, x, o, p, q, sameA, sameB);
};

/** The product of what fits the memory, and of halves of what does not. */
function multiply(kernel: Kernel, x: Factors, o: number, p: number, q: number, sameA: boolean, sameB: boolean): void {
  const { M, N, K, out, rowOut, a, rowA, colA, b, rowB, colB, add } = x;
  const { floats, room } = kernel;
  const spanA = spanOf(M, K, rowA, colA);
  const spanB = colB !== 1 && K * N <= longCopy ? 0 : spanOf(K, N, rowB, colB);
  const atB = ((spanA || M * K) + 16) & ~15;
  const atC = (atB + (spanB || K * N) + 16) & ~15;
  if (atC + M * N > room) {
    multiplyHalves(kernel, x, o, p, q);
    return;
  }
  if (!sameA) copyIn(floats, 0, a, p, M, K, rowA, colA, spanA);
  if (!sameB) copyIn(floats, atB, b, q, K, N, rowB, colB, spanB);
  if (add) copyRows(floats, atC, N, out, o, rowOut, M, N);
  kernel.gemm(
    M,
    N,
    K,
    0,
    4 * (spanA ? rowA : K),
    4 * (spanA ? colA : 1),
    4 * atB,
    4 * (spanB ? rowB : N),
    4 * (spanB ? colB : 1),
    4 * atC,
    4 * N,
    Number(add),
  );
  copyRows(out, o, rowOut, floats, atC, N, M, N);
}

/** Halves the longest dim; halves of the inner one are added up. */
function multiplyHalves(kernel: Kernel, x: Factors, o: number, p: number, q: number): void {
  const { M, N, K, rowOut, rowA, colA, rowB, colB } = x;
  const longest = Math.max(M, N, K);
  const half = longest >> 1;
  const run = (part: Partial<Factors>, o: number, p: number, q: number): void =>
    multiply(kernel, { ...x, ...part }, o, p, q, false, false);
  if (longest === M) {
    run({ M: half }, o, p, q);
    run({ M: M - half }, o + half * rowOut, p + half * rowA, q);
  } else if (longest === N) {
    run({ N: half }, o, p, q);
    run({ N: N - half }, o + half, p, q + half * colB);
  } else {
    run({ K: half }, o, p, q);
    run({ K: K - half, add: true }, o, p + half * colA, q + half * rowB);
  }
}

/** How many elements a matrix spans, if it is nearly all of what lies between its first and its last; else 0. */
function spanOf(rows: number, columns: number, row: number, column: number): number {
  const span = (rows - 1) * row + (columns - 1) * column + 1;
  return row >= 0 && column >= 0 && span <= 2 * rows * columns ? span : 0;
}

/** Copies a matrix: what it spans, or else its elements row by row. */
function copyIn(
  floats: Float32Array,
  at: number,
  a: TypedArray,
  p: number,
  rows: number,
  columns: number,
  row: number,
  column: number,
  span: number,
): void {
  if (span > 0) copyRows(floats, at, 0, a, p, 0, 1, span);
  else if (column === 1) copyRows(floats, at, columns, a, p, row, rows, columns);
  else
    for (let i = 0; i < rows; i++, p += row) for (let j = 0, r = p; j < columns; j++, r += column) floats[at++] = a[r];
}

function copyRows(
  to: TypedArray,
  at: number,
  rowTo: number,
  from: TypedArray,
  p: number,
  rowFrom: number,
  rows: number,
  columns: number,
): void {
  if (rowTo === columns && rowFrom === columns) {
    columns *= rows;
    rows = 1;
  }
  for (let i = 0; i < rows; i++, at += rowTo, p += rowFrom)
    if (columns >= longCopy) to.set(from.subarray(p, p + columns), at);
    else for (let j = 0; j < columns; j++) to[at + j] = from[p + j];
}
