import { ShapeError } from '../errors.ts';
import type { Mul } from './arithmetic.ts';
import {
  type DimIndex,
  type DimsProblem,
  normalizeDim,
  normalizeDims,
  normalizeDistinct,
  type OutOfRange,
} from './dims.ts';
import { type Shape, showShape } from './shape.ts';
import type { AnySizes, IsDyn, Show, Take, Unknown } from './types.ts';

/** The places of the dims in their new order; every dim of the shape must be among them once. */
export function permuteDims(op: string, dims: readonly number[], shape: Shape): number[] {
  if (dims.length !== shape.length) {
    throw new ShapeError(`${op}: ${dims.length} dims given for shape ${showShape(shape)}`);
  }
  const out: number[] = [];
  for (let i = 0; i < dims.length; i++) out.push(normalizeDistinct(op, dims, i, out, shape));
  return out;
}

/** The order of dims in which a and b have changed places. */
export function transposeDims(op: string, a: number, b: number, shape: Shape): number[] {
  // A scalar has the dims 0 and -1 here, as in PyTorch, and stays one.
  const ndim = Math.max(shape.length, 1);
  const i = normalizeDim(op, a, ndim, shape);
  const j = normalizeDim(op, b, ndim, shape);
  const out: number[] = [];
  for (let d = 0; d < shape.length; d++) out.push(d === i ? j : d === j ? i : d);
  return out;
}

/** The shape without its dims of size 1: all of them, or those of the dims given, where another size is kept. */
export function squeezeShape(shape: Shape, dim?: number | readonly number[]): Shape {
  if (typeof dim === 'object' && dim.length === 0) return shape;
  // A scalar has the dims 0 and -1 here, as in PyTorch, and stays one.
  if (shape.length === 0 && (dim === 0 || dim === -1)) return shape;
  const dims = normalizeDims('squeeze', dim, shape);
  const out: number[] = [];
  for (let d = 0, i = 0; d < shape.length; d++) {
    const named = dims[i] === d;
    if (named) i++;
    if (!named || shape[d] !== 1) out.push(shape[d]);
  }
  return out.length === shape.length ? shape : out;
}

/** The shape with a dim of size 1 put in before the place `dim`. */
export function unsqueezeShape(shape: Shape, dim: number): Shape {
  return insertDim('unsqueeze', shape, dim, 1);
}

/** The shape with a dim of the given size put in; `dim` is its place afterwards. */
export function insertDim(op: string, shape: Shape, dim: number, size: number): number[] {
  const at = normalizeDim(op, dim, shape.length + 1, shape);
  const out = shape.slice();
  out.splice(at, 0, size);
  return out;
}

/** The shape repeated `reps` times along each dim; the shorter of the two is filled up with ones at the left. */
export function tileShape(shape: Shape, reps: readonly number[]): Shape {
  const ndim = Math.max(shape.length, reps.length);
  const out: number[] = [];
  for (let d = 0; d < ndim; d++) {
    const n = shape[d + shape.length - ndim] ?? 1;
    const times = reps[d + reps.length - ndim] ?? 1;
    if (!Number.isInteger(times) || times < 0) {
      throw new ShapeError(`tile: reps must be whole numbers, not negative, got ${showShape(reps)}`);
    }
    out.push(n * times);
  }
  return out;
}

/** S with the dims A and B having changed places. */
export type Transpose<S extends Shape, A extends number, B extends number> = S extends unknown
  ? true extends IsDyn<S>
    ? Unknown
    : number extends A | B
      ? AnySizes<S>
      : [DimIndex<S, A>] extends [never]
        ? IsOfScalar<S, A> extends true
          ? TransposeScalar<S, B>
          : OutOfRange<'transpose', S, A>
        : [DimIndex<S, B>] extends [never]
          ? OutOfRange<'transpose', S, B>
          : Swap<S, DimIndex<S, A>, DimIndex<S, B>>
  : never;

type TransposeScalar<S extends Shape, B extends number> =
  IsOfScalar<S, B> extends true ? S : OutOfRange<'transpose', S, B>;

type Swap<S extends Shape, I extends number, J extends number> = {
  -readonly [D in keyof S]: D extends `${I}` ? S[J] : D extends `${J}` ? S[I] : S[D];
};

/** True when S is [] and D the dim 0 or -1, which some operations take a scalar to have. */
type IsOfScalar<S extends Shape, D extends number> = S extends readonly []
  ? [D] extends [0 | -1]
    ? true
    : false
  : false;

/** The transpose of a matrix; vectors and scalars stay what they are. */
export type TransposeMatrix<S extends Shape> =
  true extends IsDyn<S>
    ? Unknown
    : S extends readonly [infer M extends number, infer N extends number]
      ? [N, M]
      : S extends readonly [number?]
        ? S
        : `t: expected at most 2 dims, got ${Show<S>}`;

/** The sizes of S in the order that P lists its dims. */
export type Permute<S extends Shape, P extends readonly number[]> = S extends unknown
  ? true extends IsDyn<S>
    ? Unknown
    : true extends IsDyn<P>
      ? AnySizes<S>
      : P['length'] extends S['length']
        ? number extends P[number]
          ? AnySizes<S>
          : [DimsProblem<'permute', S, P>] extends [never]
            ? { -readonly [D in keyof P]: S[DimIndex<S, P[D]>] }
            : DimsProblem<'permute', S, P>
        : `permute: ${P['length']} dims given for shape ${Show<S>}`
  : never;

/** S without its dims of size 1: all of them when D is `undefined`, else the dim D if it is one. */
export type Squeeze<S extends Shape, D = undefined> = S extends unknown
  ? true extends IsDyn<S>
    ? Unknown
    : D extends undefined
      ? HasOpenSize<S> extends true
        ? Unknown
        : WithoutOnes<S>
      : D extends number
        ? SqueezeDim<S, D>
        : Unknown
  : never;

type SqueezeDim<S extends Shape, D extends number> = number extends D
  ? Unknown
  : IsOfScalar<S, D> extends true
    ? S
    : [DimIndex<S, D>] extends [never]
      ? OutOfRange<'squeeze', S, D>
      : S[DimIndex<S, D>] extends 1
        ? S extends readonly [...Take<S, DimIndex<S, D>>, number, ...infer Rest extends Shape]
          ? [...Take<S, DimIndex<S, D>>, ...Rest]
          : never
        : HasOpenSize<[S[DimIndex<S, D>]]> extends true
          ? Unknown
          : S;

/** True when a size of S is known only at run time. */
export type HasOpenSize<S extends Shape> = number extends S[number]
  ? true
  : [Extract<S[number], object>] extends [never]
    ? false
    : true;

type WithoutOnes<S extends Shape, Kept extends number[] = []> = S extends readonly [
  infer N extends number,
  ...infer Rest extends Shape,
]
  ? WithoutOnes<Rest, N extends 1 ? Kept : [...Kept, N]>
  : Kept;

/** S with a dim of size 1 put in, whose place is D. */
export type Unsqueeze<S extends Shape, D extends number> = InsertDim<'unsqueeze', S, D, 1>;

/** S with a dim of size N put in, whose place is D. */
export type InsertDim<Op extends string, S extends Shape, D extends number, N extends number> = S extends unknown
  ? true extends IsDyn<S>
    ? Unknown
    : number extends D
      ? [...AnySizes<S>, number]
      : D extends unknown
        ? InsertAt<S, DimIndex<[...S, N], D>, N> extends infer Out
          ? [Out] extends [never]
            ? OutOfRange<Op, S, D>
            : Out
          : never
        : never
  : never;

type InsertAt<S extends Shape, I extends number, N extends number> = [I] extends [never]
  ? never
  : S extends readonly [...Take<S, I>, ...infer Rest extends Shape]
    ? [...Take<S, I>, N, ...Rest]
    : never;

/** S repeated R times along each dim. */
export type Tile<S extends Shape, R extends readonly number[], Out extends number[] = []> = true extends
  | IsDyn<S>
  | IsDyn<R>
  ? Unknown
  : S extends readonly [...infer Ss extends Shape, infer N extends number]
    ? R extends readonly [...infer Rs extends Shape, infer Times extends number]
      ? Tile<Ss, Rs, [Mul<N, Times>, ...Out]>
      : [...S, ...Out]
    : [...R, ...Out];
