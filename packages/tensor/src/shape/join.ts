import { ArgumentError, ShapeError } from '../errors.ts';
import type { Add, ExactDiv } from './arithmetic.ts';
import { type CheckDim, type DimIndex, type DimOf, normalizeDim, type OutOfRange, type Splice } from './dims.ts';
import { type InsertDim, insertDim } from './move.ts';
import { type Shape, sameShape, showShape } from './shape.ts';
import type { AnySizes, IsDyn, Show, ShowDim, Unknown } from './types.ts';

/** The shape of tensors laid one after the other along `dim`; their other sizes are equal. */
export function catShape(shapes: readonly Shape[], dim: number): Shape {
  const first = firstOf('cat', shapes);
  const along = normalizeDim('cat', dim, first.length, first);
  const out = first.slice();
  for (let i = 1; i < shapes.length; i++) {
    const shape = shapes[i];
    checkSame('cat', first, shape, along);
    out[along] += shape[along];
  }
  return out;
}

/** The shape of tensors of one shape under a new dim. */
export function stackShape(shapes: readonly Shape[], dim: number): Shape {
  const first = firstOf('stack', shapes);
  for (let i = 1; i < shapes.length; i++) checkSame('stack', first, shapes[i], -1);
  return insertDim('stack', first, dim, shapes.length);
}

function firstOf(op: string, shapes: readonly Shape[]): Shape {
  if (shapes.length === 0) throw new ShapeError(`${op}: expected at least one tensor, got none`);
  return shapes[0];
}

/** All sizes must be equal but the one of the dim `along`. */
function checkSame(op: string, a: Shape, b: Shape, along: number): void {
  if (sameShape(a, b)) return;
  if (a.length !== b.length) {
    throw new ShapeError(`${op}: shapes ${showShape(a)} and ${showShape(b)} have different numbers of dims`);
  }
  for (let d = 0; d < a.length; d++) {
    if (d !== along && a[d] !== b[d]) {
      throw new ShapeError(`${op}: shapes ${showShape(a)} and ${showShape(b)} differ in dim ${d}: ${a[d]} vs ${b[d]}`);
    }
  }
}

/** The sizes of the parts of a split: pieces of one size, the last may be smaller, or the sizes given. */
export function splitSizes(op: string, shape: Shape, sizeOrSizes: number | readonly number[], dim: number): number[] {
  const d = normalizeDim(op, dim, shape.length, shape);
  if (typeof sizeOrSizes === 'number') return piecesOf(op, shape[d], sizeOrSizes);
  let sum = 0;
  for (const size of sizeOrSizes) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ArgumentError(`${op}: sizes must be whole numbers, not negative, got ${showShape(sizeOrSizes)}`);
    }
    sum += size;
  }
  if (sum !== shape[d]) {
    throw new ShapeError(
      `${op}: sizes ${showShape(sizeOrSizes)} add up to ${sum}, but dim ${dim} of ${showShape(shape)} is ${shape[d]}`,
    );
  }
  return sizeOrSizes.slice();
}

function piecesOf(op: string, n: number, size: number): number[] {
  if (!(Number.isInteger(size) && (size > 0 || (size === 0 && n === 0)))) {
    throw new ArgumentError(`${op}: size must be a whole number from 1, got ${size}`);
  }
  if (n === 0) return [0];
  const out: number[] = [];
  for (let start = 0; start < n; start += size) out.push(Math.min(size, n - start));
  return out;
}

/** The sizes of at most `n` parts, all equal but the last, which may be smaller; so there may be fewer than `n`. */
export function chunkSizes(shape: Shape, n: number, dim: number): number[] {
  const d = normalizeDim('chunk', dim, shape.length, shape);
  if (!(Number.isInteger(n) && n > 0)) {
    throw new ArgumentError(`chunk: the number of chunks must be a whole number from 1, got ${n}`);
  }
  if (shape[d] === 0) return new Array<number>(n).fill(0);
  return piecesOf('chunk', shape[d], Math.ceil(shape[d] / n));
}

/** The shape of the shapes in the list L laid one after the other along D. */
export type CatAll<L extends readonly Shape[], D extends number> = L extends readonly []
  ? 'cat: expected at least one tensor, got none'
  : number extends L['length']
    ? Splice<'cat', L[number], D, [number]>
    : Filled<L> extends readonly [infer First extends Shape, ...infer Rest extends readonly Shape[]]
      ? D extends unknown
        ? CatAlong<First, Rest, D>
        : never
      : L extends readonly [infer First extends Shape, ...unknown[]]
        ? CheckDim<'cat', First, D>
        : Unknown;

type IsNothing<S extends Shape> = true extends IsDyn<S> ? false : S extends readonly [0] ? true : false;

/** L without the shapes [0], which go with any. */
type Filled<L extends readonly Shape[], Kept extends readonly Shape[] = []> = L extends readonly [
  infer First extends Shape,
  ...infer Rest extends readonly Shape[],
]
  ? Filled<Rest, IsNothing<First> extends true ? Kept : [...Kept, First]>
  : L extends readonly []
    ? Kept
    : L;

type CatAlong<First extends Shape, Rest extends readonly Shape[], D extends number> =
  true extends IsDyn<First>
    ? Unknown
    : number extends D
      ? AnySizes<First>
      : [DimIndex<First, D>] extends [never]
        ? OutOfRange<'cat', First, D>
        : CatRest<First, Rest, DimIndex<First, D>>;

/** Out is what the shapes before the rest are together; messages compare with the first, as at run time. */
type CatRest<
  First extends Shape,
  Rest extends readonly Shape[],
  I extends number,
  Out extends Shape = First,
> = Rest extends readonly [infer Next extends Shape, ...infer Others extends readonly Shape[]]
  ? true extends IsDyn<Next>
    ? Unknown
    : Unify<'cat', First, Next, I, Out> extends infer R
      ? R extends Shape
        ? CatRest<First, Others, I, R>
        : R
      : never
  : Out;

/** A (or what it has become, As) and B in one: all sizes agree but those of the dim Along, which are added. */
type Unify<
  Op extends string,
  A extends Shape,
  B extends Shape,
  Along extends number,
  As extends Shape = A,
  Bs extends Shape = B,
  Out extends number[] = [],
> = As extends readonly [infer M extends number, ...infer MoreA extends Shape]
  ? Bs extends readonly [infer N extends number, ...infer MoreB extends Shape]
    ? Out['length'] extends Along
      ? Unify<Op, A, B, Along, MoreA, MoreB, [...Out, Add<M, N>]>
      : [M & N] extends [never]
        ? `${Op}: shapes ${Show<A>} and ${Show<B>} differ in dim ${Out['length']}: ${ShowDim<M>} vs ${ShowDim<N>}`
        : Unify<Op, A, B, Along, MoreA, MoreB, [...Out, M & N]>
    : DifferentRanks<Op, A, B>
  : Bs extends readonly []
    ? Out
    : DifferentRanks<Op, A, B>;

type DifferentRanks<
  Op extends string,
  A extends Shape,
  B extends Shape,
> = `${Op}: shapes ${Show<A>} and ${Show<B>} have different numbers of dims`;

/** The shape of the equal shapes in the list L under a new dim, whose place is D. */
export type StackAll<L extends readonly Shape[], D extends number> = L extends readonly []
  ? 'stack: expected at least one tensor, got none'
  : number extends L['length']
    ? InsertDim<'stack', L[number], D, number>
    : UnifyAll<L> extends infer S
      ? S extends Shape
        ? InsertDim<'stack', S, D, L['length']>
        : S
      : never;

type UnifyAll<L extends readonly Shape[]> = L extends readonly [
  infer A extends Shape,
  infer B extends Shape,
  ...infer Rest extends readonly Shape[],
]
  ? true extends IsDyn<A>
    ? UnifyAll<[B, ...Rest]>
    : true extends IsDyn<B>
      ? UnifyAll<[A, ...Rest]>
      : Unify<'stack', A, B, -1> extends infer S
        ? S extends Shape
          ? UnifyAll<[S, ...Rest]>
          : S
        : never
  : L[0];

/** The shape of each part of `split` along D into pieces of N, an exact size where N divides the dim. */
export type Split<S extends Shape, N, D extends number> = Splice<'split', S, D, [PieceSize<DimOf<S, D>, N>]>;

type PieceSize<Size extends number, N> = N extends number
  ? [number extends Size ? never : ExactDiv<Size, N>] extends [never]
    ? number
    : N
  : number;

/** The shape of each part of `chunk` along D into N parts, an exact size where N divides the dim. */
export type Chunk<S extends Shape, N extends number, D extends number> = Splice<
  'chunk',
  S,
  D,
  [ChunkSize<DimOf<S, D>, N>]
>;

type ChunkSize<Size extends number, N extends number> = [ExactDiv<Size, N>] extends [never]
  ? number
  : ExactDiv<Size, N>;

/** The shape of each part of `unbind` along D. */
export type Unbind<S extends Shape, D extends number> = Splice<'unbind', S, D, []>;
