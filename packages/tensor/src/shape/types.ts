import type { Shape } from './shape.ts';

/**
 * How shapes are written in types.
 *
 * A rule is a type that takes shapes and gives a shape, or a string, which is the error message that the reader sees.
 * Sizes that only the running program knows are `number` and fit everywhere; a shape whose rank is unknown is `any`.
 */

/** True when not even the rank of S is known. */
export type IsDyn<S extends Shape> = number extends S['length'] ? true : false;

/** What a rule gives when it cannot know the rank; `Sh` turns it into `any`. */
export type Unknown = number[];

/** The type of a checked argument: T when rule R holds, else the message of R, which no argument is assignable to. */
export type Chk<R, T> = 0 extends 1 & R ? T : R extends string ? R : T;

/**
 * The shape of a result: what rule R gives, or `any` when the rank is unknown or the rule failed (so it fails once).
 */
export type Sh<R> = R extends Shape ? (number extends R['length'] ? any : R) : any;

/** A size known only at run time, with a name: it fits numbers and literals, but no size of another name. */
export type NamedDim<N extends string> = number & { readonly __dim: N };

/** S with every size forgotten; the rank stays. */
export type AnySizes<S extends Shape> = { -readonly [D in keyof S]: number };

/** A shape as the run-time errors write it, `[14, 3]`, where a size known only at run time is `?`, or its name. */
export type Show<S extends Shape> = IsDyn<S> extends true ? '[...]' : `[${ShowDims<S>}]`;

export type ShowDim<N extends number> = number extends N
  ? '?'
  : N extends { readonly __dim: infer Name extends string }
    ? Name
    : `${N}`;

type ShowDims<S extends Shape, Text extends string = ''> = S extends readonly [
  infer N extends number,
  ...infer Rest extends Shape,
]
  ? ShowDims<Rest, Text extends '' ? ShowDim<N> : `${Text}, ${ShowDim<N>}`>
  : Text;

/** The first N sizes of S; `never` when S has fewer. */
export type Take<S extends Shape, N extends number, Taken extends number[] = []> = Taken['length'] extends N
  ? Taken
  : S extends readonly [infer First extends number, ...infer Rest extends Shape]
    ? Take<Rest, N, [...Taken, First]>
    : never;
