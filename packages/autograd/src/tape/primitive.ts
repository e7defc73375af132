import type { DType, NdArray, Shape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import type { Node } from './node.ts';

/**
 * The gradient of an operation with respect to one input: from the gradient `g` of its output. It is made of operations
 * on tensors only, so that it differentiates again. It may return a shape that the input was broadcast to; the walk
 * sums over what was repeated.
 */
export type Gradient<Attrs> = (g: Tensor, node: Node<Attrs>, input: number) => Tensor;

/**
 * A gradient that touches only a part of its input: it returns `total` with its share added there. The walk hands out a
 * total that it owns wherever it can, and the addition is then done in place.
 */
export interface PartialGradient<Attrs> {
  readonly addTo: (total: Tensor, g: Tensor, node: Node<Attrs>, input: number) => Tensor;
}

/**
 * A gradient x^T y, a sum over the rows of two matrices. Those that arrive at one node, as at a weight that every time step
 * uses, may be computed as one product, of the rows of all.
 */
export interface RowsGradient<Attrs> {
  readonly rows: (g: Tensor, node: Node<Attrs>, input: number) => readonly [x: Tensor, y: Tensor];
}

/** The gradients of all inputs together, in their shapes; null for an input that none flows to. */
export interface JointGradient<Attrs> {
  readonly together: (g: Tensor, node: Node<Attrs>) => readonly (Tensor | null)[];
}

interface Described<Attrs> {
  readonly name: string;
  /** One rule for each input; null where there is no gradient. The last one stands for all that follow. */
  readonly gradients:
    | readonly (Gradient<Attrs> | PartialGradient<Attrs> | RowsGradient<Attrs> | null)[]
    | JointGradient<Attrs>;
  /**
   * What each of the rules reads: inputs, by number, and the output. The last entry stands for all that follow. Only
   * what a gradient that does flow needs is kept.
   */
  readonly keeps: readonly (readonly (number | 'output')[])[];
}

/**
 * An operation that computes: a shape rule, which throws on inputs that do not fit, and a kernel that fills the result.
 */
export interface Computed<Attrs> extends Described<Attrs> {
  readonly shape: (inputs: readonly NdArray[], attrs: Attrs) => Shape;
  /** The dtype of the result when it is not that of the first input. */
  readonly dtype?: DType | ((inputs: readonly NdArray[], attrs: Attrs) => DType);
  /** Writes the result into `out`, which is contiguous. */
  readonly kernel: (out: NdArray, inputs: readonly NdArray[], attrs: Attrs) => void;
  /** True when `out` may be the first input. */
  readonly inPlace?: boolean;
}

/** An operation that moves nothing: another view of its input's buffer. */
export interface Viewing<Attrs> extends Described<Attrs> {
  readonly view: (input: NdArray, attrs: Attrs) => NdArray;
}

/** An operation that somebody else defined, and that makes its result itself. */
export interface Custom<Attrs> extends Described<Attrs> {
  readonly run: (inputs: readonly NdArray[], attrs: Attrs) => NdArray;
}

/** One of the closed set of operations that everything else is composed of, or a custom one. */
export type Primitive<Attrs = unknown> = Computed<Attrs> | Viewing<Attrs> | Custom<Attrs>;

/** What a list with one entry per input, the last of which stands for all that follow, has for input i. */
export const entryFor = <T>(list: readonly T[], i: number): T | undefined => list[Math.min(i, list.length - 1)];

/** The attributes of operations that have none. */
export const none = undefined;
