import type { Primitive } from '@tapegrad/autograd';
import { type DType, type NdArray, rowMajorStrides, type Shape, sizeOf, type TypedArray } from '@tapegrad/tensor';

/** Where the elements of a value come from. */
export type Origin =
  /** An argument of the call, row-major. */
  | { readonly from: 'input'; readonly index: number }
  /** An array that the function closes over: a parameter, a state, the learning rate. It keeps its place in memory. */
  | { readonly from: 'resident'; readonly array: NdArray }
  /** An array that was made while recording, the same at every call. */
  | { readonly from: 'constant'; readonly data: TypedArray }
  /** Drawn from a generator at every call. */
  | { readonly from: 'draw'; readonly redraw: (data: TypedArray) => void }
  /** The gradient that a leaf has before the call; the number is the leaf's. */
  | { readonly from: 'gradient'; readonly leaf: number }
  | { readonly from: 'operation' };

let made = 0;

/**
 * The contents of one buffer at one time: what writes to the buffer makes a new value. So a value never changes, and
 * operations may be moved, merged and left out by looking at the values that they read and make.
 */
export class Value {
  readonly id = ++made;
  readonly dtype: DType;
  /** The number of elements of the buffer. */
  readonly size: number;
  readonly origin: Origin;
  /**
   * The value whose memory this one takes over: a parameter's old value for its new one. Itself for all others.
   */
  readonly home: Value;

  constructor(dtype: DType, size: number, origin: Origin, home?: Value) {
    this.dtype = dtype;
    this.size = size;
    this.origin = origin;
    this.home = home ?? this;
  }

  /** Whether it takes the place of an older value. */
  get replaces(): boolean {
    return this.home !== this;
  }
}

/** A value seen through a shape, strides and an offset (in elements). */
export interface View {
  readonly value: Value;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** One operation of the recording: `output` is written as a whole, row-major in `shape`. */
export interface Operation {
  readonly op: Primitive<any>;
  readonly attrs: unknown;
  readonly inputs: readonly View[];
  readonly output: Value;
  readonly shape: Shape;
}

/** What a function did, as a list of operations on values, in an order in which they can be done. */
export interface Graph {
  readonly operations: readonly Operation[];
  /** What has to be there at the end: what the function returned, the gradients it left, what was overwritten. */
  readonly results: readonly View[];
}

/** All of a value in row-major order. */
export const wholeOf = (value: Value, shape: Shape): View => ({
  value,
  shape,
  strides: rowMajorStrides(shape),
  offset: 0,
});

/** Whether the view's elements follow each other in row-major order. */
export function isDense({ shape, strides }: View): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] === 0) return true;
    if (shape[d] !== 1 && strides[d] !== expected) return false;
    expected *= shape[d];
  }
  return true;
}

/** Whether the view shows all of its value in row-major order. */
export const isWhole = (view: View): boolean =>
  view.offset === 0 && sizeOf(view.shape) === view.value.size && isDense(view);

/** Whether all elements are one number. */
export function isUniform(data: TypedArray): boolean {
  const first = data[0];
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return false;
  return true;
}
