import type { DimOf } from './dims.ts';
import type { Shape } from './shape.ts';
import type { IsDyn, Show, ShowDim, Unknown } from './types.ts';

/** S, made more exact by the pattern P of which `number`s fit everything; for arguments whose rank is fixed. */
export type Expect<Op extends string, S extends Shape, P extends Shape> =
  true extends IsDyn<S>
    ? P
    : Match<S, P> extends infer R
      ? [R] extends [never]
        ? `${Op}: expected ${Show<P>}, got ${Show<S>}`
        : R
      : never;

type Match<S extends Shape, P extends Shape, Out extends number[] = []> = S extends readonly [
  infer M extends number,
  ...infer Ss extends Shape,
]
  ? P extends readonly [infer N extends number, ...infer Ps extends Shape]
    ? [M & N] extends [never]
      ? never
      : Match<Ss, Ps, [...Out, M & N]>
    : never
  : P extends readonly []
    ? Out
    : never;

/** The input of a recurrent layer: [time, batch, In], or [time, In] without a batch; batchFirst swaps the first two. */
export type RnnInput<Op extends string, X extends Shape, In extends number> = FeaturesOf<
  Op,
  X,
  In,
  2 | 3,
  '[time, batch, features] or [time, features]'
>;

/** The input of a recurrent cell: [batch, In] or [In]. */
export type CellInput<Op extends string, X extends Shape, In extends number> = FeaturesOf<
  Op,
  X,
  In,
  1 | 2,
  '[batch, features] or [features]'
>;

type FeaturesOf<Op extends string, X extends Shape, In extends number, Rank extends number, Names extends string> =
  true extends IsDyn<X>
    ? X
    : X['length'] extends Rank
      ? X extends readonly [...Shape, infer Last extends number]
        ? [Last & In] extends [never]
          ? `${Op}: last dim of x ${Show<X>} is ${ShowDim<Last>}, expected ${ShowDim<In>}`
          : X
        : never
      : `${Op}: x must be ${Names}, got ${Show<X>}`;

/** The output of a recurrent layer or cell: the input's shape with Out features. */
export type RnnOutput<X extends Shape, Out extends number> =
  true extends IsDyn<X>
    ? Unknown
    : X extends readonly [...infer Before extends Shape, number]
      ? [...Before, Out]
      : Unknown;

/** A state of a recurrent layer: [Layers, batch, Hidden], or [Layers, Hidden] when the input X has no batch. */
export type RnnState<
  X extends Shape,
  Layers extends number,
  Hidden extends number,
  BatchFirst extends boolean = false,
> =
  true extends IsDyn<X>
    ? Unknown
    : X['length'] extends 2
      ? [Layers, Hidden]
      : [Layers, DimOf<X, BatchFirst extends true ? 0 : 1>, Hidden];

/** Checks the state S that comes with the input X, when one is given. */
export type CheckState<Op extends string, S extends Shape, Expected extends Shape> =
  true extends IsDyn<Expected> ? S : Expect<`${Op}: state`, S, Expected>;

/**
 * What a layer does to a shape, as a type that can be handed on: `interface LinearFn<I extends number, O extends
 * number> extends Fn { out: LastDim<'linear', In<this>, I, O> }`. A module says so in a field that exists for the
 * compiler only: `declare readonly '~fn': LinearFn<I, O>`.
 */
export interface Fn {
  in: unknown;
  out: unknown;
}

/** The argument of a `Fn`, inside of its declaration. */
export type In<F extends Fn> = F['in'] extends infer S extends Shape ? S : never;

/** What F makes of the shape S: a shape or a message. */
export type Apply<F extends Fn, S extends Shape> = (F & { in: S })['out'];

/** The shape after all layers in the list L, or the message of the first that does not take what it gets. */
export type Sequence<L extends readonly unknown[], S extends Shape> = number extends L['length']
  ? Unknown
  : L extends readonly [infer First, ...infer Rest]
    ? First extends { readonly '~fn': infer F extends Fn }
      ? Apply<F, S> extends infer Out
        ? Out extends Shape
          ? Sequence<Rest, Out>
          : Out
        : never
      : Unknown
    : S;
