import { ShapeError } from '../errors.ts';
import { type BroadcastDims, tryBroadcast } from './broadcast.ts';
import { type Shape, showShape } from './shape.ts';
import type { IsDyn, Show, ShowDim, Unknown } from './types.ts';

/** Throws unless the last two dims are square matrices. */
export function checkSquare(op: string, shape: Shape): void {
  const n = shape.length;
  if (n < 2 || shape[n - 1] !== shape[n - 2])
    throw new ShapeError(`${op}: expected square matrices [..., n, n], got ${showShape(shape)}`);
}

/** Whether `b` in the equation a x = b holds vectors, as in PyTorch: one, or one for each of the matrices. */
export const solvesVectors = (a: Shape, b: Shape): boolean =>
  b.length === 1 || (b.length === a.length - 1 && b.every((n, d) => n === a[d]));

/** The shape of x in a x = b: a [..., n, n], b [..., n, k]; the leading dims broadcast. */
export function solveShape(a: Shape, b: Shape): Shape {
  checkSquare('solve', a);
  const rows = b[b.length - 2];
  const n = a[a.length - 1];
  if (b.length < 2 || rows !== n)
    throw new ShapeError(`solve: expected a right side of ${n} rows, got ${showShape(b)} for ${showShape(a)}`);
  const batch = tryBroadcast(a.slice(0, -2), b.slice(0, -2));
  if (batch === undefined)
    throw new ShapeError(`solve: batch dims of ${showShape(a)} and ${showShape(b)} do not broadcast`);
  return [...batch, n, b[b.length - 1]];
}

/** S, if its last two dims are square matrices. */
export type Square<Op extends string, S extends Shape> =
  true extends IsDyn<S>
    ? Unknown
    : S extends readonly [...Shape, infer M extends number, infer N extends number]
      ? [M & N] extends [never]
        ? NotSquare<Op, S>
        : S
      : NotSquare<Op, S>;

type NotSquare<Op extends string, S extends Shape> = `${Op}: expected square matrices [..., n, n], got ${Show<S>}`;

/** The shape of the determinants of S. */
export type Det<S extends Shape> =
  true extends IsDyn<S>
    ? Unknown
    : Square<'det', S> extends infer R
      ? R extends readonly [...infer Batch extends Shape, number, number]
        ? Batch
        : R
      : never;

/** The shape of x in A x = B. */
export type Solve<A extends Shape, B extends Shape> = true extends IsDyn<A> | IsDyn<B>
  ? Unknown
  : Square<'solve', A> extends infer R
    ? R extends string
      ? R
      : SolveSquare<A, B>
    : never;

type SolveSquare<A extends Shape, B extends Shape> = A extends readonly [
  ...infer Batch extends Shape,
  infer N extends number,
  number,
]
  ? B extends readonly [infer M extends number]
    ? SameRows<A, B, N, M, [...Batch, N]>
    : IsVectors<[...Batch, N], B> extends infer Vectors
      ? [Vectors] extends [true]
        ? B
        : [Vectors] extends [false]
          ? SolveMatrices<A, B, Batch, N>
          : Unknown
      : never
  : never;

/** Whether B is of shape V; `boolean` where only the running program knows. */
type IsVectors<V extends Shape, B extends Shape> = V['length'] extends B['length']
  ? number extends V[number] | B[number]
    ? boolean
    : [V, B] extends [B, V]
      ? true
      : false
  : false;

type SolveMatrices<A extends Shape, B extends Shape, ABatch extends Shape, N extends number> = B extends readonly [
  ...infer BBatch extends Shape,
  infer M extends number,
  infer K extends number,
]
  ? BroadcastDims<ABatch, BBatch> extends infer Batch
    ? SameRows<
        A,
        B,
        N,
        M,
        Batch extends Shape ? [...Batch, N, K] : `solve: batch dims of ${Show<A>} and ${Show<B>} do not broadcast`
      >
    : never
  : NoRows<A, B, N>;

type SameRows<A extends Shape, B extends Shape, N extends number, M extends number, Out> = [N & M] extends [never]
  ? NoRows<A, B, N>
  : Out;

type NoRows<
  A extends Shape,
  B extends Shape,
  N extends number,
> = `solve: expected a right side of ${ShowDim<N>} rows, got ${Show<B>} for ${Show<A>}`;
