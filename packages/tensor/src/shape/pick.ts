import { ArgumentError, IndexError, ShapeError } from '../errors.ts';
import type { Add, Sub } from './arithmetic.ts';
import { type DimIndex, type DimOf, normalizeDim, type OutOfRange, type Splice } from './dims.ts';
import { type Shape, sameShape, showShape } from './shape.ts';
import type { IsDyn, Show, ShowDim, Unknown } from './types.ts';

/** The place of an index among `size`, counted from the end when negative. */
export function normalizeIndex(op: string, index: number, size: number, dim: number): number {
  const i = index < 0 ? index + size : index;
  if (!(Number.isInteger(i) && i >= 0 && i < size)) {
    throw new IndexError(`${op}: index ${index} is out of range for dim ${dim} of size ${size}`);
  }
  return i;
}

/** Where a slice starts and how many elements it has; as in Python, bounds beyond the ends are moved to the ends. */
export function sliceBounds(
  op: string,
  start: number | undefined,
  stop: number | undefined,
  step: number | undefined,
  size: number,
): { start: number; length: number } {
  const by = step ?? 1;
  if (!(Number.isInteger(by) && by >= 1)) {
    throw new ArgumentError(`${op}: step must be a whole number from 1, got ${step}`);
  }
  const from = start === undefined ? 0 : clampBound(op, 'start', start, size);
  const to = stop === undefined ? size : clampBound(op, 'stop', stop, size);
  return { start: from, length: to > from ? Math.ceil((to - from) / by) : 0 };
}

function clampBound(op: string, name: string, bound: number, size: number): number {
  if (!Number.isInteger(bound)) throw new IndexError(`${op}: ${name} must be a whole number, got ${bound}`);
  return bound < 0 ? Math.max(bound + size, 0) : Math.min(bound, size);
}

/** Where `narrow` starts, counted from the front; unlike a slice it must lie within the dim. */
export function narrowStart(start: number, length: number, size: number, dim: number): number {
  const from = start < 0 ? start + size : start;
  const fits = Number.isInteger(from) && Number.isInteger(length) && from >= 0 && length >= 0 && from + length <= size;
  if (fits) return from;
  throw new IndexError(`narrow: ${length} elements from ${start} do not fit into dim ${dim} of size ${size}`);
}

/** The shape of `indexSelect`: as many entries along `dim` as there are ids, which are a vector or a scalar. */
export function indexSelectShape(shape: Shape, dim: number, ids: Shape): number[] {
  const d = normalizeDim('indexSelect', dim, shape.length, shape);
  if (ids.length > 1) throw new ShapeError(`indexSelect: ids must be a vector, got shape ${showShape(ids)}`);
  const out = shape.slice();
  out[d] = ids.length === 0 ? 1 : ids[0];
  return out;
}

/** The shape of `gather`, that of the ids: as many dims as the source, and beside `dim` no longer than it. */
export function gatherShape(op: string, shape: Shape, dim: number, ids: Shape): Shape {
  const d = normalizeDim(op, dim, shape.length, shape);
  checkWithin(op, ids, shape, d);
  return ids;
}

/** The shape of `scatter` and `scatterAdd`, that of the target: the ids fit into it beside `dim`, and into `src`. */
export function scatterShape(op: string, shape: Shape, dim: number, ids: Shape, src: Shape): Shape {
  const d = normalizeDim(op, dim, shape.length, shape);
  checkWithin(op, ids, shape, d);
  if (!sameShape(ids, src)) checkWithin(op, ids, src, -1);
  return shape;
}

/** No size of the ids may be larger than that of `outer`, but for the dim `except`. */
function checkWithin(op: string, ids: Shape, outer: Shape, except: number): void {
  if (ids.length !== outer.length) {
    throw new ShapeError(`${op}: ids ${showShape(ids)} must have as many dims as ${showShape(outer)}`);
  }
  for (let d = 0; d < ids.length; d++) {
    if (d !== except && ids[d] > outer[d]) {
      throw new ShapeError(
        `${op}: ids ${showShape(ids)} do not fit into ${showShape(outer)}: ${ids[d]} vs ${outer[d]} in dim ${d}`,
      );
    }
  }
}

/** The shape of `embedding`: one row of the weight [n, features] for each id. */
export function embeddingShape(ids: Shape, weight: Shape): number[] {
  if (weight.length !== 2) throw new ShapeError(`embedding: weight must be [n, features], got ${showShape(weight)}`);
  const out = ids.slice();
  out.push(weight[1]);
  return out;
}

/** S without the dim D, of which the entry I is taken. */
export type Select<S extends Shape, D extends number, I extends number = number> =
  IsOutside<I, DimOf<S, D>> extends true
    ? `select: index ${I} is out of range for dim ${D} of size ${ShowDim<DimOf<S, D>>}`
    : Splice<'select', S, D, []>;

/** True when the literal index I points out of a dim of literal size N. */
type IsOutside<I extends number, N extends number> = number extends I | N
  ? false
  : `${I}` extends `-${infer FromEnd extends number}`
    ? IsAbove<FromEnd, N>
    : IsAbove<Add<I, 1>, N>;

type IsAbove<A extends number, B extends number> = [Sub<B, A>] extends [never] ? true : false;

/** S with a part of the dim D: `number` long, unless it is the whole of it. */
export type Slice<S extends Shape, D extends number, Start = number, Stop = number, Step = number> = [
  Start,
  Stop,
  Step,
] extends [undefined, undefined, undefined]
  ? Splice<'slice', S, D, [DimOf<S, D>]>
  : Splice<'slice', S, D, [number]>;

/** S with Length entries of the dim D, from Start on. */
export type Narrow<S extends Shape, D extends number, Start extends number, Length extends number> =
  IsBeyond<Start, Length, DimOf<S, D>> extends true
    ? `narrow: ${Length} elements from ${Start} do not fit into dim ${D} of size ${ShowDim<DimOf<S, D>>}`
    : Splice<'narrow', S, D, [Length]>;

type IsBeyond<Start extends number, Length extends number, Size extends number> = number extends Start | Length | Size
  ? false
  : `${Start}` extends `-${infer FromEnd extends number}`
    ? true extends IsAbove<FromEnd, Size> | IsAbove<Length, FromEnd>
      ? true
      : false
    : IsAbove<Add<Start, Length>, Size>;

/** S with as many entries along D as there are ids. */
export type IndexSelect<S extends Shape, D extends number, Ids extends Shape> =
  true extends IsDyn<Ids>
    ? Splice<'indexSelect', S, D, [number]>
    : Ids extends readonly []
      ? Splice<'indexSelect', S, D, [1]>
      : Ids extends readonly [infer N extends number]
        ? Splice<'indexSelect', S, D, [N]>
        : `indexSelect: ids must be a vector, got shape ${Show<Ids>}`;

/** The shape of `gather`: that of the ids, which have as many dims as S. */
export type Gather<S extends Shape, D extends number, Ids extends Shape> = WithIds<'gather', S, D, Ids, Ids>;

/** The shape of `scatter` and `scatterAdd`: S. */
export type Scatter<Op extends string, S extends Shape, D extends number, Ids extends Shape> = WithIds<
  Op,
  S,
  D,
  Ids,
  S
>;

type WithIds<Op extends string, S extends Shape, D extends number, Ids extends Shape, Out extends Shape> = true extends
  | IsDyn<S>
  | IsDyn<Ids>
  ? Out
  : [number extends D ? 0 : DimIndex<S, D>] extends [never]
    ? OutOfRange<Op, S, D>
    : Ids['length'] extends S['length']
      ? Out
      : `${Op}: ids ${Show<Ids>} must have as many dims as ${Show<S>}`;

/** One row of the weight W, [n, features], for each id. */
export type Embedding<Ids extends Shape, W extends Shape> =
  true extends IsDyn<Ids>
    ? Unknown
    : true extends IsDyn<W>
      ? [...Ids, number]
      : W extends readonly [number, infer Features extends number]
        ? [...Ids, Features]
        : `embedding: weight must be [n, features], got ${Show<W>}`;

/** A row of N zeros and ones for each id. */
export type OneHot<Ids extends Shape, N extends number = number> = true extends IsDyn<Ids> ? Unknown : [...Ids, N];

/**
 * The shape of `at(...I)`: a number drops its dim, `[]` keeps it, `[start, stop, step]` keeps a part of it, `null` is a
 * new dim, `'...'` stands for all dims that are not spoken for. With ids or a mask among the indices the rank is
 * unknown.
 */
export type Index<S extends Shape, I extends readonly unknown[]> = true extends IsDyn<S> | HasTensor<I>
  ? Unknown
  : number extends I['length']
    ? Unknown
    : IndexDims<S, S, I>;

type HasTensor<I extends readonly unknown[]> =
  Extract<I[number], { readonly shape: unknown }> extends never ? (unknown extends I[number] ? true : false) : true;

type IndexDims<
  S extends Shape,
  Left extends Shape,
  I extends readonly unknown[],
  Out extends number[] = [],
> = I extends readonly [infer First, ...infer Rest]
  ? First extends null
    ? IndexDims<S, Left, Rest, [...Out, 1]>
    : First extends '...'
      ? IndexEllipsis<S, Left, Rest, Out>
      : Left extends readonly [infer N extends number, ...infer More extends Shape]
        ? First extends number
          ? IsOutside<First, N> extends true
            ? `at: index ${First} is out of range for size ${ShowDim<N>} in shape ${Show<S>}`
            : IndexDims<S, More, Rest, Out>
          : IndexDims<S, More, Rest, [...Out, First extends readonly [] ? N : number]>
        : `at: too many indices for shape ${Show<S>}`
  : [...Out, ...Left];

/** Keeps the dims that the indices after the ellipsis do not take. */
type IndexEllipsis<
  S extends Shape,
  Left extends Shape,
  I extends readonly unknown[],
  Out extends number[],
> = '...' extends I[number]
  ? "at: only one '...' may be given"
  : Left extends readonly [...infer Kept extends Shape, ...Taking<I>]
    ? Left extends readonly [...Kept, ...infer Rest extends Shape]
      ? IndexDims<S, Rest, I, [...Out, ...Kept]>
      : never
    : `at: too many indices for shape ${Show<S>}`;

/** One `number` for each index that takes a dim. */
type Taking<I extends readonly unknown[], Found extends number[] = []> = I extends readonly [infer First, ...infer Rest]
  ? Taking<Rest, First extends null ? Found : [...Found, number]>
  : Found;
