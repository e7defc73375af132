import type { Tensor } from '@tapegrad/autograd';
import type { Chk, Fn, In, IsDyn, Sh, Shape, Show } from '@tapegrad/tensor';
import { ones } from './init.ts';
import { Module } from './module.ts';
import { checkSize, type LayerOptions, parameter } from './options.ts';
import type { Parameter } from './parameter.ts';

/** X when its last dims have the sizes N. */
type LastDims<X extends Shape, N extends Shape> = true extends IsDyn<X> | IsDyn<N>
  ? X
  : EndsWith<X, N> extends true
    ? X
    : `layerNorm: expected an input whose last dims are ${Show<N>}, got shape ${Show<X>}`;

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

interface LayerNormFn<N extends Shape> extends Fn {
  out: LastDims<In<this>, N>;
}

export interface LayerNormOptions extends LayerOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether the result is scaled and shifted by parameters. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Whether it is shifted. Default true. */
  readonly bias?: boolean;
}

/**
 * (x - mean) / √(variance + eps) over the last dims, of the sizes `normalizedShape`, times weight plus bias (Ba, Kiros
 * and Hinton 2016).
 *
 * weight (ones at first) and bias (zeros) are of that shape; a number stands for a shape of one dim.
 */
export class LayerNorm<const N extends number | readonly number[] = any> extends Module {
  declare readonly '~fn': LayerNormFn<NormShape<N>>;
  readonly normalizedShape: Shape;
  readonly eps: number;
  /** Null without elementwiseAffine. */
  weight: Parameter | null;
  /** Null without elementwiseAffine or bias. */
  bias: Parameter | null;

  constructor(normalizedShape: N, options: LayerNormOptions = {}) {
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    const given: number | Shape = normalizedShape;
    const shape = typeof given === 'number' ? [given] : [...given];
    for (const n of shape) checkSize('LayerNorm', 'every size of normalizedShape', n);
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? ones(parameter(shape, options)) : null;
    this.bias = elementwiseAffine && bias ? parameter(shape, options) : null;
  }

  forward<X extends Tensor>(
    x: Chk<LastDims<X['shape'], NormShape<N>>, X>,
  ): Tensor<Sh<LastDims<X['shape'], NormShape<N>>>> {
    const input: Tensor = x as Tensor;
    return input.layerNorm(this.normalizedShape, this.weight, this.bias, { eps: this.eps });
  }

  override extraRepr(): string {
    const affine = this.weight !== null;
    return `[${this.normalizedShape.join(', ')}], eps=${this.eps}, elementwiseAffine=${affine}`;
  }
}

/** The sizes that a number or a list stands for. */
type NormShape<N> = 0 extends 1 & N ? any : N extends number ? [N] : N extends Shape ? N : never;
