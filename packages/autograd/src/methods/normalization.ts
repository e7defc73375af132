import type { Chk, LastDims, NormShape, Shape } from '@tapegrad/tensor';
import * as normalization from '../functional/normalization.ts';
import type { Tensor } from '../tensor.ts';
import { Loss } from './loss.ts';

/** Normalisation: what is subtracted and divided away so that elements have mean 0 and variance 1, or size 1. */
export abstract class Normalization<out S extends Shape = any> extends Loss<S> {
  /**
   * (x - mean) / √(variance + eps) over the last dims, whose sizes are `normalizedShape`; then times `weight` plus
   * `bias`, both of that shape. Ba, Kiros and Hinton 2016. eps is 1e-5 by default.
   */
  layerNorm<X extends Tensor, const N extends number | Shape>(
    this: X,
    normalizedShape: Chk<LastDims<'layerNorm', X['shape'], NormShape<N>>, N>,
    weight?: Tensor | null,
    bias?: Tensor | null,
    options: normalization.NormOptions = {},
  ): Tensor<X['shape']> {
    const eps = normalization.epsOf('layerNorm', options, 1e-5);
    return normalization.layerNorm(this, normalizedShape as number | Shape, weight, bias, eps);
  }

  /**
   * x / √(mean(x²) + eps) over the last dims, whose sizes are `normalizedShape`; then times `weight`, of that shape. Zhang
   * and Sennrich 2019. eps is by default what the dtype has between 1 and the next number: 2^-23 in float32.
   */
  rmsNorm<X extends Tensor, const N extends number | Shape>(
    this: X,
    normalizedShape: Chk<LastDims<'rmsNorm', X['shape'], NormShape<N>>, N>,
    weight?: Tensor | null,
    options: normalization.NormOptions = {},
  ): Tensor<X['shape']> {
    const eps = normalization.epsOf('rmsNorm', options, normalization.epsilonOf(this));
    return normalization.rmsNorm(this, normalizedShape as number | Shape, weight, eps);
  }

  /**
   * (x - mean) / √(variance + eps) over each of the `groups` that the channels of x [batch, channels, …] are split into,
   * in order, and all that follows; then times `weight` plus `bias`, both [channels]. Wu and He 2018. eps is 1e-5 by
   * default.
   *
   * @throws ShapeError where the groups do not divide the channels, and for a single value.
   */
  groupNorm<X extends Tensor>(
    this: X,
    groups: number,
    weight?: Tensor | null,
    bias?: Tensor | null,
    options: normalization.NormOptions = {},
  ): Tensor<X['shape']> {
    const eps = normalization.epsOf('groupNorm', options, 1e-5);
    return normalization.groupNorm(this, groups, weight, bias, eps);
  }

  /**
   * (x - mean) / √(variance + eps) for each channel of x [batch, channels, …]; then times `weight` plus `bias`. All four
   * vectors are [channels]. Ioffe and Szegedy 2015. eps is 1e-5 by default.
   *
   * In training the statistics are those of x, and the running ones, if given, are overwritten with (1 - momentum) running
   * + momentum new, the new variance being the unbiased one; momentum is 0.1 by default. Else they are the running ones.
   *
   * @throws ShapeError where there is one value per channel in training; ArgumentError where the running statistics are
   * missing outside of it.
   */
  batchNorm<X extends Tensor>(
    this: X,
    runningMean?: Tensor | null,
    runningVar?: Tensor | null,
    weight?: Tensor | null,
    bias?: Tensor | null,
    options: normalization.BatchNormOptions = {},
  ): Tensor<X['shape']> {
    const eps = normalization.epsOf('batchNorm', options, 1e-5);
    return normalization.batchNorm(this, runningMean, runningVar, weight, bias, eps, options);
  }
}
