import { type Tensor, zeros } from '@tapegrad/autograd';
import type { Channels, Chk, Fn, In, Sh, Shape, ShowDim } from '@tapegrad/tensor';
import { checkChannels, optionsOf } from './checks.ts';
import { ones } from './init.ts';
import { Module } from './module.ts';
import { checkSize, type LayerOptions, layerOptions, parameter } from './options.ts';
import { Buffer, type Parameter } from './parameter.ts';

/** The options of `BatchNorm1d` and `BatchNorm2d`. */
export interface BatchNormOptions extends LayerOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** The share of a batch in the running statistics; with null they are the averages of all batches so far. Default 0.1. */
  readonly momentum?: number | null;
  /** Whether every channel is scaled and shifted by parameters. Default true. */
  readonly affine?: boolean;
  /** Whether there are running statistics; else those of the batch are used in evaluation too. Default true. */
  readonly trackRunningStats?: boolean;
}

/** Normalisation of each channel, over the batch and all positions. */
abstract class BatchNorm<C extends number> extends Module {
  /** The channels of x. */
  readonly numFeatures: C;
  /** Added to the variance. */
  readonly eps: number;
  /** The share of a batch in the running statistics; null for the averages of all batches. */
  readonly momentum: number | null;
  /** [channels], or null without affine. */
  weight: Parameter<[C]> | null;
  /** [channels], or null without affine. */
  bias: Parameter<[C]> | null;
  /** [channels], zeros at first; null without trackRunningStats. */
  running_mean: Buffer<[C]> | null;
  /** [channels], ones at first; null without trackRunningStats. */
  running_var: Buffer<[C]> | null;
  /** How many batches the running statistics have seen, int32; null without trackRunningStats. */
  num_batches_tracked: Buffer<[]> | null;

  constructor(name: string, numFeatures: C, options: BatchNormOptions) {
    super();
    optionsOf(name, options, ['eps', 'momentum', 'affine', 'trackRunningStats', ...layerOptions]);
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, dtype } = options;
    checkSize(name, 'numFeatures', numFeatures);
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? ones(parameter([numFeatures], options)) : null;
    this.bias = affine ? parameter([numFeatures], options) : null;
    this.running_mean = trackRunningStats ? new Buffer(zeros([numFeatures], { dtype })) : null;
    this.running_var = trackRunningStats ? ones(new Buffer(zeros([numFeatures], { dtype }))) : null;
    this.num_batches_tracked = trackRunningStats ? new Buffer(zeros([], { dtype: 'int32' })) : null;
  }

  /** Normalises x, whose shape was checked; the running statistics move on in training. */
  protected normalize(x: Tensor): Tensor {
    const { eps, running_mean, running_var, num_batches_tracked } = this;
    const training = running_mean === null || this.training;
    const batches: Tensor | null = training && num_batches_tracked !== null ? num_batches_tracked.add(1) : null;
    const momentum = this.momentum ?? batches?.to(running_mean!.dtype).reciprocal();
    const y = x.batchNorm(running_mean, running_var, this.weight, this.bias, { training, momentum, eps });
    if (batches !== null) num_batches_tracked!.assign(batches);
    return y;
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, weight, running_mean } = this;
    const options = `affine=${weight !== null}, trackRunningStats=${running_mean !== null}`;
    return `${numFeatures}, eps=${eps}, momentum=${momentum}, ${options}`;
  }
}

type Input1d<X extends Shape, C extends number> = Channels<
  'BatchNorm1d',
  X,
  C,
  2 | 3,
  `[batch, ${ShowDim<C>}] or [batch, ${ShowDim<C>}, length]`
>;

interface BatchNorm1dFn<C extends number> extends Fn {
  out: Input1d<In<this>, C>;
}

/**
 * (x - mean) / √(variance + eps) for each channel of x [batch, channels] or [batch, channels, length], times weight plus
 * bias (Ioffe and Szegedy 2015).
 *
 * In training mean and variance are those of the batch, and the running ones move towards them, the variance being the
 * unbiased one there; in evaluation they are the running ones. Parameters and buffers are named as in PyTorch.
 *
 * @example
 * ```ts
 * const norm = new nn.BatchNorm1d(16);
 * norm.forward(randn([32, 16])); // by the statistics of these 32
 * norm.eval().forward(randn([1, 16])); // by the running ones
 * ```
 */
export class BatchNorm1d<C extends number = any> extends BatchNorm<C> {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': BatchNorm1dFn<C>;

  /**
   * `numFeatures` is the number of channels.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(numFeatures: C, options: BatchNormOptions = {}) {
    super('BatchNorm1d', numFeatures, options);
  }

  forward<X extends Tensor>(x: Chk<Input1d<X['shape'], C>, X>): Tensor<Sh<Input1d<X['shape'], C>>> {
    const input: Tensor = x as Tensor;
    checkChannels('BatchNorm1d', input, this.numFeatures, [[], ['length']]);
    return this.normalize(input);
  }
}

type Input2d<X extends Shape, C extends number> = Channels<
  'BatchNorm2d',
  X,
  C,
  4,
  `[batch, ${ShowDim<C>}, height, width]`
>;

interface BatchNorm2dFn<C extends number> extends Fn {
  out: Input2d<In<this>, C>;
}

/**
 * As `BatchNorm1d`, of images: x is [batch, channels, height, width].
 *
 * @example
 * ```ts
 * const norm = new nn.BatchNorm2d(16);
 * norm.forward(randn([8, 16, 5, 5])); // and running_mean, running_var move
 * norm.eval().forward(randn([1, 16, 5, 5])); // by the running statistics
 * ```
 */
export class BatchNorm2d<C extends number = any> extends BatchNorm<C> {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': BatchNorm2dFn<C>;

  /**
   * `numFeatures` is the number of channels.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(numFeatures: C, options: BatchNormOptions = {}) {
    super('BatchNorm2d', numFeatures, options);
  }

  forward<X extends Tensor>(x: Chk<Input2d<X['shape'], C>, X>): Tensor<Sh<Input2d<X['shape'], C>>> {
    const input: Tensor = x as Tensor;
    checkChannels('BatchNorm2d', input, this.numFeatures, [['height', 'width']]);
    return this.normalize(input);
  }
}
