import type {
  AdaptivePool,
  Chk,
  Conv,
  ConvTranspose,
  Convolution as Geometry,
  Pool,
  Sh,
  Shape,
  Sizes,
} from '@tapegrad/tensor';
import * as convolution from '../functional/convolution.ts';
import * as pooling from '../functional/pooling.ts';
import * as ops from '../primitives/convolution.ts';
import { apply } from '../tape/apply.ts';
import type { Tensor } from '../tensor.ts';
import { Linear } from './linear.ts';

/**
 * Convolutions and pooling, over [batch, channels, length] or [batch, channels, height, width]; the batch may be missing. Sizes
 * are one number for all dims, or one for each.
 */
export abstract class Convolution<out S extends Shape = any> extends Linear<S> {
  /**
   * The cross-correlation y[n, o, i] = bias[o] + Σ weight[o, c, k] x[n, c, i · stride - padding + k · dilation]: x [batch, in,
   * length] and weight [out, in / groups, kernel] give [batch, out, (length + 2 padding - dilation (kernel - 1) - 1) / stride + 1].
   *
   * @throws ShapeError where x, weight and bias do not fit, or the kernel does not fit into x.
   */
  conv1d<X extends Tensor, W extends Tensor, const O extends convolution.ConvOptions = {}>(
    this: X,
    weight: Chk<Conv<'conv1d', X['shape'], W['shape'], O, 1>, W>,
    bias?: Tensor | null,
    options?: O,
  ): Tensor<Sh<Conv<'conv1d', X['shape'], W['shape'], O, 1>>> {
    return convolution.convolution('conv1d', 1, this, weight as Tensor, bias ?? null, options ?? {});
  }

  /**
   * The cross-correlation of pictures with kernels, as `conv1d` along both dims: x [batch, in, height, width] and weight [out,
   * in / groups, kernel height, kernel width] give [batch, out, height', width'].
   *
   * @throws ShapeError where x, weight and bias do not fit, or the kernel does not fit into x.
   * @example
   * ```ts
   * zeros([8, 3, 32, 32]).conv2d(zeros([16, 3, 5, 5]), null, { padding: 2, stride: 2 }).shape; // [8, 16, 16, 16]
   * ```
   */
  conv2d<X extends Tensor, W extends Tensor, const O extends convolution.ConvOptions = {}>(
    this: X,
    weight: Chk<Conv<'conv2d', X['shape'], W['shape'], O, 2>, W>,
    bias?: Tensor | null,
    options?: O,
  ): Tensor<Sh<Conv<'conv2d', X['shape'], W['shape'], O, 2>>> {
    return convolution.convolution('conv2d', 2, this, weight as Tensor, bias ?? null, options ?? {});
  }

  /**
   * The gradient of `conv2d` in its input, as an operation of its own: x [batch, in, height, width] and weight [in, out /
   * groups, kernel height, kernel width] give [batch, out, …] of sizes (n - 1) stride - 2 padding + dilation (kernel - 1) +
   * outputPadding + 1.
   *
   * @throws ShapeError where x, weight and bias do not fit.
   */
  convTranspose2d<X extends Tensor, W extends Tensor, const O extends convolution.ConvTransposeOptions = {}>(
    this: X,
    weight: Chk<ConvTranspose<'convTranspose2d', X['shape'], W['shape'], O, 2>, W>,
    bias?: Tensor | null,
    options?: O,
  ): Tensor<Sh<ConvTranspose<'convTranspose2d', X['shape'], W['shape'], O, 2>>> {
    return convolution.transposedConvolution('convTranspose2d', 2, this, weight as Tensor, bias ?? null, options ?? {});
  }

  /**
   * The largest element of each window of `kernel` positions: [batch, channels, length] to [batch, channels, windows]. NaN
   * wins, and padding never does; the gradient goes to the first of equals.
   *
   * @throws ShapeError where the kernel does not fit into x; ArgumentError for padding of more than half of it.
   */
  maxPool1d<X extends Tensor, const K extends Sizes, const O extends pooling.MaxPoolOptions = {}>(
    this: X,
    kernel: Chk<Pool<'maxPool1d', X['shape'], K, O, 1>, K>,
    options?: O,
  ): Tensor<Sh<Pool<'maxPool1d', X['shape'], K, O, 1>>> {
    return pooling.maxPool('maxPool1d', 1, this, kernel as Sizes, options ?? {});
  }

  /**
   * `maxPool1d` along both dims of [batch, channels, height, width].
   *
   * @example
   * ```ts
   * zeros([8, 3, 32, 32]).maxPool2d(2).shape; // [8, 3, 16, 16]: the stride is the kernel's size by default
   * ```
   */
  maxPool2d<X extends Tensor, const K extends Sizes, const O extends pooling.MaxPoolOptions = {}>(
    this: X,
    kernel: Chk<Pool<'maxPool2d', X['shape'], K, O, 2>, K>,
    options?: O,
  ): Tensor<Sh<Pool<'maxPool2d', X['shape'], K, O, 2>>> {
    return pooling.maxPool('maxPool2d', 2, this, kernel as Sizes, options ?? {});
  }

  /**
   * The mean of each window of `kernel` positions: [batch, channels, length] to [batch, channels, windows]. The zeros of the
   * padding count, unless `countIncludePad` is false. Of integers the fraction is cut off.
   *
   * @throws ShapeError where the kernel does not fit into x; ArgumentError for padding of more than half of it.
   */
  avgPool1d<X extends Tensor, const K extends Sizes, const O extends pooling.AvgPoolOptions = {}>(
    this: X,
    kernel: Chk<Pool<'avgPool1d', X['shape'], K, O, 1>, K>,
    options?: O,
  ): Tensor<Sh<Pool<'avgPool1d', X['shape'], K, O, 1>>> {
    return pooling.avgPool('avgPool1d', 1, this, kernel as Sizes, options ?? {});
  }

  /** `avgPool1d` along both dims of [batch, channels, height, width]. */
  avgPool2d<X extends Tensor, const K extends Sizes, const O extends pooling.AvgPoolOptions = {}>(
    this: X,
    kernel: Chk<Pool<'avgPool2d', X['shape'], K, O, 2>, K>,
    options?: O,
  ): Tensor<Sh<Pool<'avgPool2d', X['shape'], K, O, 2>>> {
    return pooling.avgPool('avgPool2d', 2, this, kernel as Sizes, options ?? {});
  }

  /**
   * Means over windows that divide planes into `size` (one number, or height and width, of which null keeps what there is),
   * whatever their sizes: [batch, channels, height, width] to [batch, channels, ...size].
   */
  adaptiveAvgPool2d<X extends Tensor, const Z extends number | readonly [number | null, number | null]>(
    this: X,
    size: Chk<AdaptivePool<'adaptiveAvgPool2d', X['shape'], Z>, Z>,
  ): Tensor<Sh<AdaptivePool<'adaptiveAvgPool2d', X['shape'], Z>>> {
    return pooling.adaptiveAvgPool('adaptiveAvgPool2d', this, size as Z);
  }

  /** The convolution as the rules reach it. @internal */
  convOf(this: Tensor, weight: Tensor, attrs: Geometry): Tensor {
    return apply(ops.conv, [this, weight], attrs);
  }

  /** Its adjoint in the input. @internal */
  convTransposeOf(this: Tensor, weight: Tensor, attrs: Geometry): Tensor {
    return apply(ops.convTranspose, [this, weight], attrs);
  }

  /** Its adjoint in the weight. @internal */
  convWeightOf(this: Tensor, g: Tensor, attrs: Geometry): Tensor {
    return apply(ops.convWeight, [this, g], attrs);
  }

  /** The sums of windows as the rules reach them. @internal */
  sumWindows(this: Tensor, attrs: ops.PoolAttrs): Tensor {
    return apply(ops.sumWindows, [this], attrs);
  }

  /** Their adjoint. @internal */
  spreadWindows(this: Tensor, attrs: ops.PoolAttrs): Tensor {
    return apply(ops.spreadWindows, [this], attrs);
  }
}
