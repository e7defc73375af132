import type { Shape } from './shape.ts';
import type { IsDyn, Show } from './types.ts';

/** X when its last dims have the sizes N. */
export type LastDims<Op extends string, X extends Shape, N extends Shape> = true extends IsDyn<X> | IsDyn<N>
  ? X
  : N extends readonly []
    ? LastDimsProblem<Op, X, N>
    : EndsWith<X, N> extends true
      ? X
      : LastDimsProblem<Op, X, N>;

type LastDimsProblem<
  Op extends string,
  X extends Shape,
  N extends Shape,
> = `${Op}: expected an input whose last dims are ${Show<N>}, got shape ${Show<X>}`;

type EndsWith<X extends Shape, N extends Shape> = N extends readonly [
  ...infer Before extends Shape,
  infer A extends number,
]
  ? X extends readonly [...infer Rest extends Shape, infer B extends number]
    ? [A & B] extends [never]
      ? false
      : EndsWith<Rest, Before>
    : false
  : true;

/** The sizes that a normalised shape stands for, which is a number for one dim, or a list. */
export type NormShape<N> = 0 extends 1 & N ? any : N extends number ? [N] : N extends Shape ? N : never;

/** X when it has a rank of Rank, and C channels along dim 1; Expected is the shape that the message asks for. */
export type Channels<
  Op extends string,
  X extends Shape,
  C extends number,
  Rank extends number,
  Expected extends string,
> = X extends unknown
  ? true extends IsDyn<X>
    ? X
    : HasChannels<X, C, Rank> extends true
      ? X
      : `${Op}: expected x of shape ${Expected}, got ${Show<X>}`
  : never;

type HasChannels<X extends Shape, C extends number, Rank extends number> = X['length'] extends Rank
  ? X extends readonly [number, infer N extends number, ...Shape]
    ? [N & C] extends [never]
      ? false
      : true
    : false
  : false;
