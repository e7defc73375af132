import type { AvgPoolOptions, MaxPoolOptions, Tensor } from '@tapegrad/autograd';
import type { AdaptivePool, Chk, Fn, In, Pool, Sh, Sizes } from '@tapegrad/tensor';
import { optionsOf } from './checks.ts';
import { Module } from './module.ts';

const names = ['stride', 'padding', 'dilation', 'ceilMode', 'countIncludePad', 'divisorOverride'] as const;

/** What pooling with windows holds: how large these are, and how they lie. */
abstract class Pooling<K extends Sizes, Options extends MaxPoolOptions | AvgPoolOptions> extends Module {
  /** The size of a window. */
  readonly kernelSize: Sizes;
  /** How the windows lie. */
  readonly options: MaxPoolOptions & AvgPoolOptions;

  /** The stride is the kernel's size by default, so that windows lie side by side. */
  constructor(kernelSize: K, options?: Options) {
    super();
    this.kernelSize = kernelSize;
    this.options = optionsOf<MaxPoolOptions & AvgPoolOptions>(new.target.name, options, names);
  }

  override extraRepr(): string {
    return Object.entries({ kernelSize: this.kernelSize, ...this.options })
      .map(([name, value]) => `${name}=${Array.isArray(value) ? `[${value.join(', ')}]` : value}`)
      .join(', ');
  }
}

interface MaxPool1dFn<K, Options> extends Fn {
  out: Pool<'maxPool1d', In<this>, K, Options, 1>;
}

/** The largest element of each window along the last dim: [batch, channels, length] becomes [batch, channels, windows]. */
export class MaxPool1d<const K extends Sizes = any, const Options extends MaxPoolOptions = {}> extends Pooling<
  K,
  Options
> {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': MaxPool1dFn<K, Options>;

  forward<X extends Tensor>(
    x: Chk<Pool<'maxPool1d', X['shape'], K, Options, 1>, X>,
  ): Tensor<Sh<Pool<'maxPool1d', X['shape'], K, Options, 1>>> {
    const input: Tensor = x as Tensor;
    return input.maxPool1d(this.kernelSize, this.options);
  }
}

interface MaxPool2dFn<K, Options> extends Fn {
  out: Pool<'maxPool2d', In<this>, K, Options, 2>;
}

/** The largest element of each window: [batch, channels, height, width] becomes [batch, channels, ...windows]. */
export class MaxPool2d<const K extends Sizes = any, const Options extends MaxPoolOptions = {}> extends Pooling<
  K,
  Options
> {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': MaxPool2dFn<K, Options>;

  forward<X extends Tensor>(
    x: Chk<Pool<'maxPool2d', X['shape'], K, Options, 2>, X>,
  ): Tensor<Sh<Pool<'maxPool2d', X['shape'], K, Options, 2>>> {
    const input: Tensor = x as Tensor;
    return input.maxPool2d(this.kernelSize, this.options);
  }
}

interface AvgPool1dFn<K, Options> extends Fn {
  out: Pool<'avgPool1d', In<this>, K, Options, 1>;
}

/** The mean of each window along the last dim: [batch, channels, length] becomes [batch, channels, windows]. */
export class AvgPool1d<const K extends Sizes = any, const Options extends AvgPoolOptions = {}> extends Pooling<
  K,
  Options
> {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': AvgPool1dFn<K, Options>;

  forward<X extends Tensor>(
    x: Chk<Pool<'avgPool1d', X['shape'], K, Options, 1>, X>,
  ): Tensor<Sh<Pool<'avgPool1d', X['shape'], K, Options, 1>>> {
    const input: Tensor = x as Tensor;
    return input.avgPool1d(this.kernelSize, this.options);
  }
}

interface AvgPool2dFn<K, Options> extends Fn {
  out: Pool<'avgPool2d', In<this>, K, Options, 2>;
}

/** The mean of each window: [batch, channels, height, width] becomes [batch, channels, ...windows]. */
export class AvgPool2d<const K extends Sizes = any, const Options extends AvgPoolOptions = {}> extends Pooling<
  K,
  Options
> {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': AvgPool2dFn<K, Options>;

  forward<X extends Tensor>(
    x: Chk<Pool<'avgPool2d', X['shape'], K, Options, 2>, X>,
  ): Tensor<Sh<Pool<'avgPool2d', X['shape'], K, Options, 2>>> {
    const input: Tensor = x as Tensor;
    return input.avgPool2d(this.kernelSize, this.options);
  }
}

interface AdaptiveAvgPool2dFn<Size> extends Fn {
  out: AdaptivePool<'adaptiveAvgPool2d', In<this>, Size>;
}

/** Means over windows that divide pictures of any sizes into [height, width] of them; null keeps the size of a dim. */
export class AdaptiveAvgPool2d<
  const Size extends number | readonly [number | null, number | null] = any,
> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': AdaptiveAvgPool2dFn<Size>;
  /** The height and width of the result; null keeps what there is. */
  readonly outputSize: Size;

  /** One number stands for both sizes. */
  constructor(outputSize: Size) {
    super();
    this.outputSize = outputSize;
  }

  forward<X extends Tensor>(
    x: Chk<AdaptivePool<'adaptiveAvgPool2d', X['shape'], Size>, X>,
  ): Tensor<Sh<AdaptivePool<'adaptiveAvgPool2d', X['shape'], Size>>> {
    const input: Tensor = x as Tensor;
    return input.adaptiveAvgPool2d(this.outputSize as number | readonly [number | null, number | null]);
  }

  override extraRepr(): string {
    return `outputSize=${Array.isArray(this.outputSize) ? `[${this.outputSize.map(String).join(', ')}]` : this.outputSize}`;
  }
}
