import type { Tensor } from '@tapegrad/autograd';
import {
  ArgumentError,
  type Channels,
  type Chk,
  type Fn,
  type In,
  type LastDims,
  type NormShape,
  type Sh,
  type Shape,
  type ShowDim,
} from '@tapegrad/tensor';
import { checkChannels, optionsOf } from './checks.ts';
import { ones } from './init.ts';
import { Module } from './module.ts';
import { checkSize, type LayerOptions, layerOptions, parameter } from './options.ts';
import type { Parameter } from './parameter.ts';

interface LastDimsFn<Op extends string, N extends Shape> extends Fn {
  out: LastDims<Op, In<this>, N>;
}

/** The options of `RMSNorm`. */
export interface RMSNormOptions extends LayerOptions {
  /** Added to the mean square. Default: what the dtype of the input has between 1 and the next number. */
  readonly eps?: number;
  /** Whether the result is scaled by a parameter. Default true. */
  readonly elementwiseAffine?: boolean;
}

/** The options of `LayerNorm`. */
export interface LayerNormOptions extends LayerOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether the result is scaled and shifted by parameters. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Whether it is shifted. Default true. */
  readonly bias?: boolean;
}

/** The sizes of the dims that are normalised over, as a list. */
function sizesOf(layer: string, normalizedShape: number | Shape): Shape {
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
  for (const n of shape) checkSize(layer, 'every size of normalizedShape', n);
  return shape;
}

/**
 * (x - mean) / √(variance + eps) over the last dims, of the sizes `normalizedShape`, times weight plus bias (Ba, Kiros
 * and Hinton 2016).
 *
 * weight (ones at first) and bias (zeros) are of that shape; a number stands for a shape of one dim.
 */
export class LayerNorm<const N extends number | readonly number[] = any> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': LastDimsFn<'layerNorm', NormShape<N>>;
  /** The sizes of the last dims, which are normalised over. */
  readonly normalizedShape: Shape;
  /** Added to the variance. */
  readonly eps: number;
  /** Null without elementwiseAffine. */
  weight: Parameter | null;
  /** Null without elementwiseAffine or bias. */
  bias: Parameter | null;

  /**
   * `normalizedShape` are the sizes of the last dims, or the size of the last one.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(normalizedShape: N, options: LayerNormOptions = {}) {
    super();
    optionsOf('LayerNorm', options, ['eps', 'elementwiseAffine', 'bias', ...layerOptions]);
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    const shape = sizesOf('LayerNorm', normalizedShape);
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? ones(parameter(shape, options)) : null;
    this.bias = elementwiseAffine && bias ? parameter(shape, options) : null;
  }

  forward<X extends Tensor>(
    x: Chk<LastDims<'layerNorm', X['shape'], NormShape<N>>, X>,
  ): Tensor<Sh<LastDims<'layerNorm', X['shape'], NormShape<N>>>> {
    const input: Tensor = x as Tensor;
    return input.layerNorm(this.normalizedShape, this.weight, this.bias, { eps: this.eps });
  }

  override extraRepr(): string {
    const affine = this.weight !== null;
    return `[${this.normalizedShape.join(', ')}], eps=${this.eps}, elementwiseAffine=${affine}`;
  }
}

/**
 * x / √(mean(x²) + eps) over the last dims, of the sizes `normalizedShape`, times weight (Zhang and Sennrich 2019).
 *
 * weight (ones at first) is of that shape; a number stands for a shape of one dim.
 */
export class RMSNorm<const N extends number | readonly number[] = any> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': LastDimsFn<'rmsNorm', NormShape<N>>;
  /** The sizes of the last dims, which are normalised over. */
  readonly normalizedShape: Shape;
  /** Undefined for that of the input's dtype. */
  readonly eps: number | undefined;
  /** Null without elementwiseAffine. */
  weight: Parameter | null;

  /**
   * `normalizedShape` are the sizes of the last dims, or the size of the last one.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(normalizedShape: N, options: RMSNormOptions = {}) {
    super();
    optionsOf('RMSNorm', options, ['eps', 'elementwiseAffine', ...layerOptions]);
    const { eps, elementwiseAffine = true } = options;
    const shape = sizesOf('RMSNorm', normalizedShape);
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? ones(parameter(shape, options)) : null;
  }

  forward<X extends Tensor>(
    x: Chk<LastDims<'rmsNorm', X['shape'], NormShape<N>>, X>,
  ): Tensor<Sh<LastDims<'rmsNorm', X['shape'], NormShape<N>>>> {
    const input: Tensor = x as Tensor;
    return input.rmsNorm(this.normalizedShape, this.weight, { eps: this.eps });
  }

  override extraRepr(): string {
    const eps = this.eps === undefined ? '' : `eps=${this.eps}, `;
    return `[${this.normalizedShape.join(', ')}], ${eps}elementwiseAffine=${this.weight !== null}`;
  }
}

type Grouped<X extends Shape, C extends number> = Channels<'GroupNorm', X, C, number, `[batch, ${ShowDim<C>}, ...]`>;

interface GroupNormFn<C extends number> extends Fn {
  out: Grouped<In<this>, C>;
}

/** The options of `GroupNorm`. */
export interface GroupNormOptions extends LayerOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether every channel is scaled and shifted by parameters. Default true. */
  readonly affine?: boolean;
}

/**
 * (x - mean) / √(variance + eps) over each of the groups that the channels of x [batch, channels, …] are split into, and
 * all positions, times weight plus bias (Wu and He 2018).
 *
 * weight (ones at first) and bias (zeros) are [channels]. The groups are of one size.
 */
export class GroupNorm<C extends number = any> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': GroupNormFn<C>;
  /** How many groups the channels are split into. */
  readonly numGroups: number;
  /** The channels of x. */
  readonly numChannels: C;
  /** Added to the variance. */
  readonly eps: number;
  /** [channels], or null without affine. */
  weight: Parameter<[C]> | null;
  /** [channels], or null without affine. */
  bias: Parameter<[C]> | null;

  /**
   * `numChannels` channels in `numGroups` groups.
   * @throws ArgumentError where the groups do not divide the channels.
   */
  constructor(numGroups: number, numChannels: C, options: GroupNormOptions = {}) {
    super();
    optionsOf('GroupNorm', options, ['eps', 'affine', ...layerOptions]);
    const { eps = 1e-5, affine = true } = options;
    checkSize('GroupNorm', 'numGroups', numGroups);
    checkSize('GroupNorm', 'numChannels', numChannels);
    if (numChannels % numGroups !== 0)
      throw new ArgumentError(
        `GroupNorm: expected numGroups to divide numChannels, got ${numGroups} and ${numChannels}`,
      );
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.weight = affine ? ones(parameter([numChannels], options)) : null;
    this.bias = affine ? parameter([numChannels], options) : null;
  }

  forward<X extends Tensor>(x: Chk<Grouped<X['shape'], C>, X>): Tensor<Sh<Grouped<X['shape'], C>>> {
    const input: Tensor = x as Tensor;
    checkChannels('GroupNorm', input, this.numChannels);
    return input.groupNorm(this.numGroups, this.weight, this.bias, { eps: this.eps });
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.weight !== null}`;
  }
}
