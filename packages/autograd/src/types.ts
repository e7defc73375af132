import type { Broadcast, Chk, Index, Sh, Shape } from '@tapegrad/tensor';
import type { Tensor } from './tensor.ts';

/** The shape of an operand: that of a tensor, `[]` for a number. */
export type ShapeOf<Y> = Y extends Tensor<infer S> ? S : [];

/** A second operand: `Y` itself where the shapes broadcast, else the message that says why they do not. */
export type BroadcastArg<X extends Tensor, Y> = Y extends number ? Y : Chk<Broadcast<X['shape'], ShapeOf<Y>>, Y>;

/** The shape of an elementwise operation's result. */
export type BroadcastResult<X extends Tensor, Y> = Y extends number
  ? X['shape']
  : Sh<Broadcast<X['shape'], ShapeOf<Y>>>;

/** The shape of X held by a bound that is a tensor, a number, or left out. */
export type Bounded<X extends Tensor, Y> = [Y] extends [number | undefined] ? X['shape'] : BroadcastResult<X, Y>;

/** The shapes of a list of tensors. */
export type ShapesOf<L extends readonly Tensor[]> = { [K in keyof L]: L[K] extends Tensor<infer S> ? S : never };

/** Elements in order, and where they were before. */
export interface Sorted<S extends Shape = any> {
  /** The elements. */
  readonly values: Tensor<S>;
  /** The position of each along the dim, int32. */
  readonly indices: Tensor<S>;
}

/** Plain arrays nested as deep as S has dims, with elements E; anything where the rank is unknown. */
export type NestedArray<S extends Shape, E> = number extends S['length']
  ? any
  : S extends readonly [number, ...infer Rest extends Shape]
    ? NestedArray<Rest, E>[]
    : E;

/** `K` of the options `{ keepdim }`, default false. */
export interface KeepDim<K extends boolean = boolean> {
  /** Keep the reduced dims with size 1. Default false. */
  readonly keepdim?: K;
}

/** The indices of `at`: as given where they fit the shape, else the message. */
export type AtIndices<X extends Tensor, I extends readonly unknown[]> = {
  readonly [K in keyof I]: Chk<Index<X['shape'], I>, I[K]>;
};
