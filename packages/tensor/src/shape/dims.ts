import { ShapeError } from '../errors.ts';
import { type Shape, showShape } from './shape.ts';
import type { AnySizes, IsDyn, Show, Take, Unknown } from './types.ts';

/**
 * The place of a dim among `ndim`, counted from the end when negative. `shape` is what the error shows; `ndim` differs
 * from its length where a dim is about to be added.
 */
export function normalizeDim(op: string, dim: number, ndim: number, shape: Shape): number {
  const d = dim < 0 ? dim + ndim : dim;
  if (!(Number.isInteger(d) && d >= 0 && d < ndim)) {
    throw new ShapeError(`${op}: dim ${dim} is out of range for shape ${showShape(shape)}`);
  }
  return d;
}

/** The places of several dims, ascending. All of them for `undefined` and, as in PyTorch, for an empty list. */
export function normalizeDims(op: string, dims: number | readonly number[] | undefined, shape: Shape): number[] {
  const ndim = shape.length;
  if (typeof dims === 'number') return [normalizeDim(op, dims, ndim, shape)];
  const out: number[] = [];
  if (dims === undefined || dims.length === 0) {
    for (let d = 0; d < ndim; d++) out.push(d);
    return out;
  }
  for (let i = 0; i < dims.length; i++) out.push(normalizeDistinct(op, dims, i, out, shape));
  return out.sort((a, b) => a - b);
}

/** The place of `dims[i]`, which must not be among those before it. */
export function normalizeDistinct(
  op: string,
  dims: readonly number[],
  i: number,
  before: readonly number[],
  shape: Shape,
): number {
  const d = normalizeDim(op, dims[i], shape.length, shape);
  if (before.includes(d)) throw new ShapeError(`${op}: dim ${dims[i]} is repeated in ${showShape(dims)}`);
  return d;
}

/** The shape without the dims given (normalised and ascending), or with 1 in their places. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  const out: number[] = [];
  for (let d = 0, i = 0; d < shape.length; d++) {
    if (dims[i] !== d) {
      out.push(shape[d]);
      continue;
    }
    i++;
    if (keepdim) out.push(1);
  }
  return out;
}

/** The place of the literal dim D in S, counted from the end when negative; `never` when S has no such dim. */
export type DimIndex<S extends Shape, D extends number> = D extends unknown
  ? `${D}` extends `-${infer FromEnd extends number}`
    ? PlaceFromEnd<S, FromEnd>
    : `${D}` extends keyof S
      ? D
      : never
  : never;

type PlaceFromEnd<S extends Shape, N extends number, Passed extends 0[] = []> = Passed['length'] extends N
  ? S['length']
  : S extends readonly [...infer Rest extends Shape, number]
    ? PlaceFromEnd<Rest, N, [...Passed, 0]>
    : never;

export type OutOfRange<
  Op extends string,
  S extends Shape,
  D extends number,
> = `${Op}: dim ${D} is out of range for shape ${Show<S>}`;

/** S itself when it has the dim D: for operations along a dim that keep the shape. */
export type CheckDim<Op extends string, S extends Shape, D extends number> = S extends unknown
  ? true extends IsDyn<S>
    ? S
    : number extends D
      ? S
      : [DimIndex<S, D>] extends [never]
        ? OutOfRange<Op, S, D>
        : S
  : never;

/** The size of the dim D of S. */
export type DimOf<S extends Shape, D extends number> =
  true extends IsDyn<S>
    ? number
    : number extends D
      ? number
      : [DimIndex<S, D>] extends [never]
        ? number
        : S[DimIndex<S, D>];

/** S with the dim D replaced by the sizes R: `[]` drops it, `[n]` resizes it. */
export type Splice<Op extends string, S extends Shape, D extends number, R extends number[]> = S extends unknown
  ? true extends IsDyn<S>
    ? Unknown
    : number extends D
      ? R['length'] extends 1
        ? AnySizes<S>
        : Unknown
      : D extends unknown
        ? SpliceAt<S, DimIndex<S, D>, R> extends infer Out
          ? [Out] extends [never]
            ? OutOfRange<Op, S, D>
            : Out
          : never
        : never
  : never;

type SpliceAt<S extends Shape, I extends number, R extends number[]> = [I] extends [never]
  ? never
  : S extends readonly [...Take<S, I>, number, ...infer Rest extends Shape]
    ? [...Take<S, I>, ...R, ...Rest]
    : never;

/** The shape after a reduction over D: a dim, several, or all when it is `undefined`; K is `keepdim`. */
export type Reduce<Op extends string, S extends Shape, D, K> = S extends unknown
  ? true extends IsDyn<S>
    ? Unknown
    : D extends undefined | readonly []
      ? ReduceAll<S, K>
      : D extends number
        ? Splice<Op, S, D, K extends true ? [1] : []>
        : D extends readonly number[]
          ? ReduceSome<Op, S, D, K>
          : Unknown
  : never;

type ReduceAll<S extends Shape, K> = K extends true ? { -readonly [D in keyof S]: 1 } : [];

type ReduceSome<Op extends string, S extends Shape, D extends readonly number[], K> = number extends
  | D['length']
  | D[number]
  ? K extends true
    ? AnySizes<S>
    : Unknown
  : [DimsProblem<Op, S, D>] extends [never]
    ? K extends true
      ? { -readonly [I in keyof S]: I extends `${DimIndex<S, D[number]>}` ? 1 : S[I] }
      : DropDims<S, DimIndex<S, D[number]>>
    : DimsProblem<Op, S, D>;

/** What is wrong with a list of dims: one that is out of range or repeated; `never` when nothing is. */
export type DimsProblem<
  Op extends string,
  S extends Shape,
  D extends readonly number[],
  Rest extends readonly unknown[] = D,
  Before extends number = never,
> = Rest extends readonly [infer First extends number, ...infer Others]
  ? [DimIndex<S, First>] extends [never]
    ? OutOfRange<Op, S, First>
    : DimIndex<S, First> extends Before
      ? `${Op}: dim ${First} is repeated in ${Show<D>}`
      : DimsProblem<Op, S, D, Others, Before | DimIndex<S, First>>
  : never;

/** S without the places in I. */
type DropDims<
  S extends Shape,
  I extends number,
  Passed extends 0[] = [],
  Kept extends number[] = [],
> = S extends readonly [infer N extends number, ...infer Rest extends Shape]
  ? DropDims<Rest, I, [...Passed, 0], Passed['length'] extends I ? Kept : [...Kept, N]>
  : Kept;
