import { ShapeError } from '../errors.ts';
import type { Add, ExactDiv, Prod } from './arithmetic.ts';
import { type DimIndex, normalizeDim, type OutOfRange } from './dims.ts';
import type { HasOpenSize } from './move.ts';
import { type Shape, sameShape, showShape, sizeOf } from './shape.ts';
import type { IsDyn, Show, Take, Unknown } from './types.ts';

/** The shape `to`, where one -1 stands for the size that makes the number of elements right. */
export function resolveReshape(from: Shape, to: readonly number[]): Shape {
  if (sameShape(from, to)) return from;
  let rest = 1;
  let open = -1;
  for (let d = 0; d < to.length; d++) {
    const n = to[d];
    if (n === -1) {
      if (open >= 0) throw new ShapeError(`reshape: only one size may be -1, got ${showShape(to)}`);
      open = d;
    } else if (Number.isInteger(n) && n >= 0) rest *= n;
    else throw new ShapeError(`reshape: sizes must be whole numbers, or -1, got ${showShape(to)}`);
  }
  const size = sizeOf(from);
  const out = to.slice();
  if (open < 0) {
    if (rest !== size)
      throw new ShapeError(`reshape: ${showShape(from)} has ${size} elements, ${showShape(to)} has ${rest}`);
    return out;
  }
  if (rest === 0 && size === 0) {
    throw new ShapeError(`reshape: any size would do for the -1 in ${showShape(to)}, which has no elements`);
  }
  if (size % rest !== 0 || rest === 0) {
    throw new ShapeError(`reshape: ${showShape(from)} has ${size} elements, which ${showShape(to)} does not divide`);
  }
  out[open] = size / rest;
  return sameShape(from, out) ? from : out;
}

/** The shape with the dims from `start` to `end`, both included, made into one. A scalar becomes [1]. */
export function flattenShape(shape: Shape, start = 0, end = -1): Shape {
  if (shape.length === 0 && (start === 0 || start === -1) && (end === 0 || end === -1)) return [1];
  const from = normalizeDim('flatten', start, shape.length, shape);
  const to = normalizeDim('flatten', end, shape.length, shape);
  if (from === to) return shape;
  if (from > to) throw new ShapeError(`flatten: dim ${start} comes after dim ${end} in shape ${showShape(shape)}`);
  const out = shape.slice(0, from + 1);
  for (let d = from + 1; d <= to; d++) out[from] *= shape[d];
  for (let d = to + 1; d < shape.length; d++) out.push(shape[d]);
  return out;
}

/**
 * The shape T, if it has as many elements as S. Equal sizes of S and T are cancelled first, so that named dims and
 * large sizes cost nothing; what is left is multiplied out. Where sizes are known only at run time, T is believed.
 */
export type Reshape<S extends Shape, T extends Shape> = S extends unknown
  ? true extends IsDyn<T>
    ? Unknown
    : OpenPlaces<T>['length'] extends 0
      ? ReshapeClosed<S, T>
      : OpenPlaces<T>['length'] extends 1
        ? ReshapeOpen<S, T>
        : `reshape: only one size may be -1, got ${Show<T>}`
  : never;

/** As many elements as T has literal -1s; a size of type `any` is none. */
type OpenPlaces<T extends Shape, Found extends 0[] = []> = T extends readonly [
  infer N extends number,
  ...infer Rest extends Shape,
]
  ? OpenPlaces<Rest, -1 extends N ? (number extends N ? Found : [...Found, 0]) : Found>
  : Found;

/** T has no literal -1; a `number` in it may still be one. */
type ReshapeClosed<S extends Shape, T extends Shape> =
  true extends IsDyn<S>
    ? T
    : number extends S[number] | T[number]
      ? T
      : Cancel<S, T> extends [infer Left extends Shape, infer Right extends Shape]
        ? true extends HasOpenSize<Left> | HasOpenSize<Right>
          ? T
          : Prod<Left> extends Prod<Right>
            ? T
            : `reshape: ${Show<S>} has ${ShowProd<S>} elements, ${Show<T>} has ${ShowProd<T>}`
        : never;

/** T has one -1. */
type ReshapeOpen<S extends Shape, T extends Shape> =
  true extends IsDyn<S>
    ? FillOpen<T, number>
    : Cancel<S, WithoutOpen<T>> extends [infer Left extends Shape, infer Right extends Shape]
      ? true extends HasOpenSize<Left> | HasOpenSize<Right>
        ? FillOpen<T, number>
        : ExactDiv<Prod<Left>, Prod<Right>> extends infer N extends number
          ? [N] extends [never]
            ? `reshape: ${Show<S>} has ${ShowProd<S>} elements, which ${Show<T>} does not divide`
            : FillOpen<T, N>
          : never
      : never;

type FillOpen<T extends Shape, N extends number> = { -readonly [D in keyof T]: T[D] extends -1 ? N : T[D] };

type WithoutOpen<T extends Shape, Kept extends number[] = []> = T extends readonly [
  infer N extends number,
  ...infer Rest extends Shape,
]
  ? WithoutOpen<Rest, N extends -1 ? Kept : [...Kept, N]>
  : Kept;

type ShowProd<S extends Shape> = number extends Prod<S> ? '?' : Prod<S>;

/** [S, T] without the sizes that both have, except plain `number`s, which need not be equal, and zeros. */
type Cancel<S extends Shape, T extends Shape, Kept extends number[] = []> = T extends readonly [
  infer N extends number,
  ...infer Rest extends Shape,
]
  ? RemoveOne<S, N> extends infer Fewer extends Shape
    ? [Fewer] extends [never]
      ? Cancel<S, Rest, [...Kept, N]>
      : Cancel<Fewer, Rest, Kept>
    : never
  : [S, Kept];

/** S without the first size that is N, a literal or a named dim; `never` when there is none. */
type RemoveOne<S extends Shape, N extends number, Passed extends number[] = []> = number extends N
  ? never
  : N extends 0
    ? never
    : S extends readonly [infer M extends number, ...infer Rest extends Shape]
      ? [M, N] extends [N, M]
        ? [...Passed, ...Rest]
        : RemoveOne<Rest, N, [...Passed, M]>
      : never;

/** S with the dims from Start to End, both included, made into one. */
export type Flatten<S extends Shape, Start extends number = 0, End extends number = -1> = S extends unknown
  ? true extends IsDyn<S>
    ? FlattenUnknown<Start, End>
    : number extends Start | End
      ? Unknown
      : S extends readonly []
        ? [1]
        : [DimIndex<S, Start>] extends [never]
          ? OutOfRange<'flatten', S, Start>
          : [DimIndex<S, End>] extends [never]
            ? OutOfRange<'flatten', S, End>
            : FlattenBetween<S, DimIndex<S, Start>, DimIndex<S, End>> extends infer Out
              ? [Out] extends [never]
                ? `flatten: dim ${Start} comes after dim ${End} in shape ${Show<S>}`
                : Out
              : never
  : never;

/** Flattening from the front to the end tells the rank, whatever it was. */
type FlattenUnknown<Start extends number, End extends number> = [Start, End] extends [0, -1]
  ? [number]
  : [Start, End] extends [1, -1]
    ? [number, number]
    : Unknown;

type FlattenBetween<S extends Shape, I extends number, J extends number> =
  Take<S, Add<J, 1>> extends infer UpTo extends Shape
    ? UpTo extends readonly [...Take<S, I>, infer First extends number, ...infer More extends Shape]
      ? S extends readonly [...UpTo, ...infer Rest extends Shape]
        ? [...Take<S, I>, Prod<[First, ...More]>, ...Rest]
        : never
      : never
    : never;
