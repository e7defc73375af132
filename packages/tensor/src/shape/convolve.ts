import type { Add, FloorDiv, Mul, Sub } from './arithmetic.ts';
import type { Shape } from './shape.ts';
import type { IsDyn, Show, ShowDim, Unknown } from './types.ts';

/** How many dims a plane has: 1 for signals, 2 for pictures. */
type Rank = 1 | 2;

/** The value of an option in the type of what was given: its default where it was left out, unknown where that is open. */
type OptionOf<O, Name extends string, Default> = Name extends keyof O
  ? undefined extends O[Name]
    ? number
    : O[Name]
  : Default;

/** The number that sizes have for dim I. */
type At<V, I extends number> = 0 extends 1 & V
  ? number
  : V extends number
    ? V
    : V extends readonly number[]
      ? `${I}` extends keyof V
        ? V[I]
        : number
      : number;

/** floor((N + 2 P - D (K - 1) - 1) / S) + 1; `never` where not one window fits. */
type Count<N extends number, K extends number, S extends number, P extends number, D extends number> =
  Sub<Add<N, Mul<2, P>>, Add<Mul<D, Sub<K, 1>>, 1>> extends infer Free
    ? [Free] extends [never]
      ? never
      : FloorDiv<Free & number, S> extends infer Steps extends number
        ? Add<Steps, 1>
        : never
    : never;

/** The number of windows along dim I of a plane, with the options O; the stride is the kernel's unless given, or 1. */
type CountAlong<N extends number, K, O, Stride, I extends number> =
  OptionOf<O, 'ceilMode', false> extends false
    ? OptionOf<O, 'padding', 0> extends infer P
      ? P extends 'same'
        ? N
        : Count<
            N,
            At<K, I>,
            At<OptionOf<O, 'stride', Stride>, I>,
            P extends 'valid' ? 0 : At<P, I>,
            At<OptionOf<O, 'dilation', 1>, I>
          >
      : never
    : number;

/** The sizes of a plane seen through windows; a message where none fits. */
type Slide<Op extends string, S extends Shape, K, O, Stride> = S extends readonly [infer H extends number]
  ? Fitting<Op, S, K, [CountAlong<H, K, O, Stride, 0>]>
  : S extends readonly [infer H extends number, infer W extends number]
    ? Fitting<Op, S, K, [CountAlong<H, K, O, Stride, 0>, CountAlong<W, K, O, Stride, 1>]>
    : Unknown;

type Fitting<Op extends string, S extends Shape, K, Out extends Shape> = [Out[0]] extends [never]
  ? TooLarge<Op, S, K>
  : [Out[1]] extends [never]
    ? Out['length'] extends 2
      ? TooLarge<Op, S, K>
      : Out
    : Out;

type TooLarge<
  Op extends string,
  S extends Shape,
  K,
> = `${Op}: a kernel of ${K extends number ? ShowDim<K> : K extends Shape ? Show<K> : '?'} does not fit into an input of ${Show<S>}`;

/** X as [dims before the channels, channels, sizes of a plane]; a message where it has another rank. */
type Planes<Op extends string, X extends Shape, R extends Rank> = X extends readonly [
  infer A extends number,
  infer B extends number,
]
  ? R extends 1
    ? [[], A, [B]]
    : NoPlanes<Op, X, R>
  : X extends readonly [infer A extends number, infer B extends number, infer C extends number]
    ? R extends 1
      ? [[A], B, [C]]
      : [[], A, [B, C]]
    : X extends readonly [
          infer A extends number,
          infer B extends number,
          infer C extends number,
          infer D extends number,
        ]
      ? R extends 2
        ? [[A], B, [C, D]]
        : NoPlanes<Op, X, R>
      : NoPlanes<Op, X, R>;

type SizeNames<R extends Rank> = R extends 1 ? 'length' : 'height, width';

type NoPlanes<
  Op extends string,
  X extends Shape,
  R extends Rank,
> = `${Op}: expected x of shape [batch, channels, ${SizeNames<R>}] or [channels, ${SizeNames<R>}], got ${Show<X>}`;

/** The result of pooling, with kernel K and options O. */
export type Pool<Op extends string, X extends Shape, K, O, R extends Rank> =
  true extends IsDyn<X>
    ? Unknown
    : Planes<Op, X, R> extends infer P
      ? P extends [infer Batch extends Shape, infer C extends number, infer S extends Shape]
        ? Slide<Op, S, K, O, K> extends infer Out
          ? Out extends Shape
            ? [...Batch, C, ...Out]
            : Out
          : never
        : P
      : never;

/** The result of a convolution of X with a weight [out, in / groups, …kernel] and options O. */
export type Conv<Op extends string, X extends Shape, W extends Shape, O, R extends Rank> = true extends
  | IsDyn<X>
  | IsDyn<W>
  ? Unknown
  : W extends readonly [infer Out extends number, infer Ci extends number, ...infer K extends Shape]
    ? K['length'] extends R
      ? ConvOf<Op, X, Out, Mul<Ci, At<OptionOf<O, 'groups', 1>, 0>>, K, O, R>
      : NoKernel<Op, W, R>
    : NoKernel<Op, W, R>;

type NoKernel<
  Op extends string,
  W extends Shape,
  R extends Rank,
> = `${Op}: expected a weight of shape [out, in / groups, ${SizeNames<R>}], got ${Show<W>}`;

/** The result of a convolution that takes In channels and gives Out. */
export type ConvOf<Op extends string, X extends Shape, Out extends number, In extends number, K, O, R extends Rank> =
  true extends IsDyn<X>
    ? Unknown
    : Planes<Op, X, R> extends infer P
      ? P extends [infer Batch extends Shape, infer C extends number, infer S extends Shape]
        ? [C & In] extends [never]
          ? `${Op}: x ${Show<X>} has ${ShowDim<C>} channels, expected ${ShowDim<In>}`
          : Slide<Op, S, K, O, 1> extends infer Sizes
            ? Sizes extends Shape
              ? [...Batch, Out, ...Sizes]
              : Sizes
            : never
        : P
      : never;

/** The result of a transposed convolution of X with a weight [in, out / groups, height, width] and options O. */
export type ConvTranspose<Op extends string, X extends Shape, W extends Shape, O, R extends Rank> = true extends
  | IsDyn<X>
  | IsDyn<W>
  ? Unknown
  : W extends readonly [infer Ci extends number, infer Out extends number, ...infer K extends Shape]
    ? ConvTransposeOf<Op, X, Mul<Out, At<OptionOf<O, 'groups', 1>, 0>>, Ci, K, O, R>
    : `${Op}: expected a weight of shape [in, out / groups, ${SizeNames<R>}], got ${Show<W>}`;

/** The result of a transposed convolution that takes In channels and gives Out. */
export type ConvTransposeOf<
  Op extends string,
  X extends Shape,
  Out extends number,
  In extends number,
  K,
  O,
  R extends Rank,
> =
  true extends IsDyn<X>
    ? Unknown
    : Planes<Op, X, R> extends infer P
      ? P extends [infer Batch extends Shape, infer C extends number, infer S extends Shape]
        ? [C & In] extends [never]
          ? `${Op}: x ${Show<X>} has ${ShowDim<C>} channels, expected ${ShowDim<In>}`
          : [...Batch, Out, ...Spread<S, K, O>]
        : P
      : never;

type Spread<S extends Shape, K, O> = S extends readonly [infer H extends number]
  ? [SpreadAlong<H, K, O, 0>]
  : S extends readonly [infer H extends number, infer W extends number]
    ? [SpreadAlong<H, K, O, 0>, SpreadAlong<W, K, O, 1>]
    : Unknown;

/** (N - 1) S - 2 P + D (K - 1) + output padding + 1. */
type SpreadAlong<N extends number, K, O, I extends number> =
  Sub<
    Add<
      Add<Mul<Sub<N, 1>, At<OptionOf<O, 'stride', 1>, I>>, Mul<At<OptionOf<O, 'dilation', 1>, I>, Sub<At<K, I>, 1>>>,
      Add<At<OptionOf<O, 'outputPadding', 0>, I>, 1>
    >,
    Mul<2, At<OptionOf<O, 'padding', 0>, I>>
  > extends infer Size
    ? [Size] extends [never]
      ? number
      : Size & number
    : never;

/** The result of pooling to planes of the sizes O, a number or one for each dim; null keeps what x has. */
export type AdaptivePool<Op extends string, X extends Shape, O> =
  true extends IsDyn<X>
    ? Unknown
    : Planes<Op, X, 2> extends infer P
      ? P extends [infer Batch extends Shape, infer C extends number, infer S extends readonly [number, number]]
        ? [...Batch, C, ...AdaptiveSizes<S, O>]
        : P
      : never;

type AdaptiveSizes<S extends readonly [number, number], O> = O extends number
  ? [O, O]
  : O extends readonly [infer H, infer W]
    ? [H extends number ? H : S[0], W extends number ? W : S[1]]
    : [number, number];
