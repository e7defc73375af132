import type { ConvOptions, ConvTransposeOptions, PadMode, Tensor } from '@tapegrad/autograd';
import {
  ArgumentError,
  type Chk,
  type ConvOf,
  type ConvTransposeOf,
  type Fn,
  type In,
  type Sh,
  type Sizes,
  sizesOf,
} from '@tapegrad/tensor';
import { checkTensor, optionsOf } from './checks.ts';
import { uniform } from './init.ts';
import { Module } from './module.ts';
import { checkSize, type LayerOptions, layerOptions, parameter } from './options.ts';
import type { Parameter } from './parameter.ts';

/** The options of `Conv1d` and `Conv2d`. */
export interface ConvLayerOptions extends ConvOptions, LayerOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** What stands in the padding: zeros, or what `pad` takes from x. Default 'zeros'. */
  readonly paddingMode?: 'zeros' | Exclude<PadMode, 'constant'>;
}

/** The options of `ConvTranspose2d`. */
export interface ConvTransposeLayerOptions extends ConvTransposeOptions, LayerOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
}

const kernelNames = ['stride', 'padding', 'dilation', 'groups', 'bias', ...layerOptions] as const;
const convNames = [...kernelNames, 'paddingMode'] as const;
const transposeNames = [...kernelNames, 'outputPadding'] as const;

/** How a layer says what it is made of. */
const show = (sizes: Sizes | string): string => (typeof sizes === 'object' ? `[${sizes.join(', ')}]` : `${sizes}`);

/** What convolutions of all kinds hold: a weight [first, second / groups, ...kernel] and a bias [out]. */
abstract class Kernels extends Module {
  /** The channels of x. */
  readonly inChannels: number;
  /** The channels of the result. */
  readonly outChannels: number;
  /** The size of a kernel along each dim. */
  readonly kernelSize: readonly number[];
  /** How far apart the windows begin, along each dim. */
  readonly stride: Sizes;
  /** How far apart the elements of a window are, along each dim. */
  readonly dilation: Sizes;
  /** How many groups the channels are split into, which do not mix. */
  readonly groups: number;
  /** The kernels, laid out as the class says. */
  weight: Parameter;
  /** [out], or null without one. */
  bias: Parameter | null;

  constructor(
    name: string,
    inChannels: number,
    outChannels: number,
    kernel: Sizes,
    options: ConvLayerOptions | ConvTransposeLayerOptions,
    rank: 1 | 2,
    transposed: boolean,
  ) {
    super();
    const { stride = 1, dilation = 1, groups = 1 } = options;
    checkSize(name, 'groups', groups);
    for (const [what, channels] of Object.entries({ inChannels, outChannels })) {
      checkSize(name, what, channels);
      if (channels % groups !== 0)
        throw new ArgumentError(`${name}: expected ${what} to divide into ${groups} groups, got ${channels}`);
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = sizesOf(name, 'the kernel', kernel, rank, 1);
    this.stride = sizesOf(name, 'stride', stride, rank, 1);
    this.dilation = sizesOf(name, 'dilation', dilation, rank, 1);
    this.groups = groups;
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    const shape = [first, second / groups, ...this.kernelSize];
    const bound = 1 / Math.sqrt(shape.slice(1).reduce((n, m) => n * m));
    this.weight = uniform(parameter(shape, options), -bound, bound, options);
    this.bias = (options.bias ?? true) ? uniform(parameter([outChannels], options), -bound, bound, options) : null;
  }

  /** What stands between the parentheses when the layer is printed. */
  protected describe(padding: Sizes | string, more: readonly string[]): string {
    const parts = [`${this.inChannels}, ${this.outChannels}`, `kernelSize=${show(this.kernelSize)}`];
    parts.push(`stride=${show(this.stride)}`, `padding=${show(padding)}`, `dilation=${show(this.dilation)}`);
    return [...parts, `groups=${this.groups}`, ...more, `bias=${this.bias !== null}`].join(', ');
  }
}

/** Convolutions along one or two dims. */
abstract class Convolution extends Kernels {
  /** How much is added at each end. */
  readonly padding: Sizes | 'same' | 'valid';
  /** What stands in the padding. */
  readonly paddingMode: NonNullable<ConvLayerOptions['paddingMode']>;
  /** How much `pad` adds to x, where the padding is not of zeros; in its order. */
  private readonly pads: readonly number[] | null;

  constructor(
    name: string,
    inChannels: number,
    outChannels: number,
    kernel: Sizes,
    options: ConvLayerOptions,
    rank: 1 | 2,
  ) {
    super(name, inChannels, outChannels, kernel, options, rank, false);
    const { padding = 0, paddingMode = 'zeros' } = options;
    if (!['zeros', 'reflect', 'replicate', 'circular'].includes(paddingMode))
      throw new ArgumentError(
        `${name}: expected paddingMode to be 'zeros', 'reflect', 'replicate' or 'circular', got ${JSON.stringify(paddingMode)}`,
      );
    this.padding = typeof padding === 'string' ? padding : sizesOf(name, 'padding', padding, rank, 0);
    this.paddingMode = paddingMode;
    this.pads = paddingMode === 'zeros' || padding === 'valid' ? null : this.ends(name, rank);
  }

  /** [before, after] of the last dim, then of the one before it. */
  private ends(name: string, rank: 1 | 2): number[] {
    const { padding, kernelSize } = this;
    const gaps = sizesOf(name, 'dilation', this.dilation, rank, 1);
    return kernelSize
      .map((k, d) => {
        if (padding !== 'same') return [(padding as readonly number[])[d], (padding as readonly number[])[d]];
        const zeros = gaps[d] * (k - 1);
        return [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
      })
      .reverse()
      .flat();
  }

  /** x, and the options of the operation on it: what the padding mode adds is there already. */
  protected padded(x: Tensor): readonly [x: Tensor, options: ConvOptions] {
    const { stride, padding, dilation, groups, paddingMode } = this;
    if (this.pads === null || paddingMode === 'zeros') return [x, { stride, padding, dilation, groups }];
    return [x.pad(this.pads, { mode: paddingMode }), { stride, dilation, groups }];
  }

  override extraRepr(): string {
    const mode = this.paddingMode === 'zeros' ? [] : [`paddingMode=${this.paddingMode}`];
    return this.describe(this.padding, mode);
  }
}

interface Conv1dFn<I extends number, O extends number, K, Options> extends Fn {
  out: ConvOf<'conv1d', In<this>, O, I, K, Options, 1>;
}

/**
 * A convolution along one dim: [batch, in, length] becomes [batch, out, length'], of the length that `conv1d` says. The batch
 * may be missing.
 *
 * weight is [out, in / groups, kernel] and bias [out], both uniform in ± 1 / √(in / groups · kernel) at first.
 */
export class Conv1d<
  I extends number = any,
  O extends number = any,
  const K extends Sizes = any,
  const Options extends ConvLayerOptions = {},
> extends Convolution {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': Conv1dFn<I, O, K, Options>;

  /**
   * `inChannels` to `outChannels`, by kernels of `kernelSize`: one number, or one for each dim.
   * @throws ArgumentError for sizes that are no whole numbers from 1, and channels that the groups do not divide.
   */
  constructor(inChannels: I, outChannels: O, kernelSize: K, options?: Options) {
    super('Conv1d', inChannels, outChannels, kernelSize, optionsOf('Conv1d', options, convNames), 1);
  }

  forward<X extends Tensor>(
    x: Chk<ConvOf<'conv1d', X['shape'], O, I, K, Options, 1>, X>,
  ): Tensor<Sh<ConvOf<'conv1d', X['shape'], O, I, K, Options, 1>>> {
    checkTensor('Conv1d', x);
    const [input, options] = this.padded(x as Tensor);
    const weight: Tensor = this.weight;
    return input.conv1d(weight, this.bias, options);
  }
}

interface Conv2dFn<I extends number, O extends number, K, Options> extends Fn {
  out: ConvOf<'conv2d', In<this>, O, I, K, Options, 2>;
}

/**
 * A convolution of pictures: [batch, in, height, width] becomes [batch, out, height', width'], of the sizes that `conv2d` says.
 * The batch may be missing.
 *
 * weight is [out, in / groups, kernel height, kernel width] and bias [out], both uniform in ± 1 / √(in / groups · kernel height ·
 * kernel width) at first.
 *
 * @example
 * ```ts
 * const layer = new nn.Conv2d(3, 16, 5, { padding: 'same' });
 * layer.forward(zeros([8, 3, 32, 32])).shape; // [8, 16, 32, 32]
 * ```
 */
export class Conv2d<
  I extends number = any,
  O extends number = any,
  const K extends Sizes = any,
  const Options extends ConvLayerOptions = {},
> extends Convolution {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': Conv2dFn<I, O, K, Options>;

  /**
   * `inChannels` to `outChannels`, by kernels of `kernelSize`: one number, or one for each dim.
   * @throws ArgumentError for sizes that are no whole numbers from 1, and channels that the groups do not divide.
   */
  constructor(inChannels: I, outChannels: O, kernelSize: K, options?: Options) {
    super('Conv2d', inChannels, outChannels, kernelSize, optionsOf('Conv2d', options, convNames), 2);
  }

  forward<X extends Tensor>(
    x: Chk<ConvOf<'conv2d', X['shape'], O, I, K, Options, 2>, X>,
  ): Tensor<Sh<ConvOf<'conv2d', X['shape'], O, I, K, Options, 2>>> {
    checkTensor('Conv2d', x);
    const [input, options] = this.padded(x as Tensor);
    const weight: Tensor = this.weight;
    return input.conv2d(weight, this.bias, options);
  }
}

interface ConvTranspose2dFn<I extends number, O extends number, K, Options> extends Fn {
  out: ConvTransposeOf<'convTranspose2d', In<this>, O, I, K, Options, 2>;
}

/**
 * A transposed convolution: [batch, in, height, width] becomes [batch, out, height', width'], of the sizes that
 * `convTranspose2d` says. The batch may be missing.
 *
 * weight is [in, out / groups, kernel height, kernel width] and bias [out], both uniform in ± 1 / √(out / groups · kernel height
 * · kernel width) at first, as in PyTorch.
 */
export class ConvTranspose2d<
  I extends number = any,
  O extends number = any,
  const K extends Sizes = any,
  const Options extends ConvTransposeLayerOptions = {},
> extends Kernels {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': ConvTranspose2dFn<I, O, K, Options>;
  /** How much is left out at each end. */
  readonly padding: Sizes;
  /** How much larger the result is at its far end. */
  readonly outputPadding: Sizes;

  /**
   * `inChannels` to `outChannels`, by kernels of `kernelSize`: one number, or one for each dim.
   * @throws ArgumentError for sizes that are no whole numbers from 1, and channels that the groups do not divide.
   */
  constructor(inChannels: I, outChannels: O, kernelSize: K, options?: Options) {
    const given = optionsOf('ConvTranspose2d', options, transposeNames);
    super('ConvTranspose2d', inChannels, outChannels, kernelSize, given, 2, true);
    const { padding = 0, outputPadding = 0 }: ConvTransposeLayerOptions = given;
    this.padding = sizesOf('ConvTranspose2d', 'padding', padding, 2, 0);
    this.outputPadding = sizesOf('ConvTranspose2d', 'outputPadding', outputPadding, 2, 0);
  }

  forward<X extends Tensor>(
    x: Chk<ConvTransposeOf<'convTranspose2d', X['shape'], O, I, K, Options, 2>, X>,
  ): Tensor<Sh<ConvTransposeOf<'convTranspose2d', X['shape'], O, I, K, Options, 2>>> {
    checkTensor('ConvTranspose2d', x);
    const { stride, padding, dilation, groups, outputPadding } = this;
    const input: Tensor = x as Tensor;
    const weight: Tensor = this.weight;
    return input.convTranspose2d(weight, this.bias, { stride, padding, dilation, groups, outputPadding });
  }

  override extraRepr(): string {
    return this.describe(this.padding, [`outputPadding=${show(this.outputPadding)}`]);
  }
}
