import type { CheckDim, Chk, Reduce, Sh, Shape } from '@tapegrad/tensor';
import { floating } from '../functional/operands.ts';
import * as reduction from '../functional/reduction.ts';
import * as ops from '../primitives/reduction.ts';
import type { Tensor } from '../tensor.ts';
import type { KeepDim, Sorted } from '../types.ts';
import { Activation } from './activation.ts';

type Dims = number | readonly number[] | undefined;

/**
 * Reductions. `dim` is one dim, several, or left out for all; negative ones count from the end. With `{ keepdim: true
 * }` the reduced dims stay with size 1.
 */
export abstract class Reduction<out S extends Shape = any> extends Activation<S> {
  /** The sum; 0 of nothing. Bools are counted as int32. */
  sum<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'sum', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'sum', X['shape'], D, K>>> {
    return reduction.reduce(ops.sum, reduction.counted(this), dim as Dims, reduction.keeps('sum', options));
  }

  /** The product; 1 of nothing. The gradient is right where elements are 0. */
  prod<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'prod', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'prod', X['shape'], D, K>>> {
    return reduction.reduce(ops.prod, reduction.counted(this), dim as Dims, reduction.keeps('prod', options));
  }

  /** The arithmetic mean; NaN of nothing. */
  mean<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'mean', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'mean', X['shape'], D, K>>> {
    return reduction.mean(this, dim as Dims, reduction.keeps('mean', options));
  }

  /** The largest element; elements that tie share the gradient evenly. NaN wins. */
  amax<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'amax', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'amax', X['shape'], D, K>>> {
    return reduction.reduce(ops.amax, this, dim as Dims, reduction.keeps('amax', options));
  }

  /** The smallest element; elements that tie share the gradient evenly. NaN wins. */
  amin<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'amin', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'amin', X['shape'], D, K>>> {
    return reduction.reduce(ops.amin, this, dim as Dims, reduction.keeps('amin', options));
  }

  /** The largest element. Along a named dim the first winner gets the gradient; without one the ties share it. */
  max<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'max', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'max', X['shape'], D, K>>> {
    return reduction.extreme(true, this, dim as number | undefined, reduction.keeps('max', options));
  }

  /** The smallest element. Along a named dim the first winner gets the gradient; without one the ties share it. */
  min<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'min', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'min', X['shape'], D, K>>> {
    return reduction.extreme(false, this, dim as number | undefined, reduction.keeps('min', options));
  }

  /** The position of the largest element (in row-major order without a dim), as int32; the first of equals. */
  argmax<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'argmax', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'argmax', X['shape'], D, K>>> {
    return reduction.argExtreme(ops.argmax, this, dim as number | undefined, reduction.keeps('argmax', options));
  }

  /** The position of the smallest element (in row-major order without a dim), as int32; the first of equals. */
  argmin<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'argmin', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'argmin', X['shape'], D, K>>> {
    return reduction.argExtreme(ops.argmin, this, dim as number | undefined, reduction.keeps('argmin', options));
  }

  /** log(sum(e^x)) without overflow. */
  logsumexp<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'logsumexp', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'logsumexp', X['shape'], D, K>>> {
    return reduction.logsumexp(this, dim as Dims, reduction.keeps('logsumexp', options));
  }

  /** Whether all elements are non-zero, as bool; true of nothing. */
  all<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'all', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'all', X['shape'], D, K>>> {
    return reduction.everyOf(this, dim as Dims, reduction.keeps('all', options));
  }

  /** Whether any element is non-zero, as bool; false of nothing. */
  any<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'any', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'any', X['shape'], D, K>>> {
    return reduction.anyOf(this, dim as Dims, reduction.keeps('any', options));
  }

  /** sum((x - mean)²) / (n - correction); correction 1 is the unbiased estimate. */
  variance<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'variance', X['shape'], D, K>, D>,
    options: KeepDim<K> & { readonly correction?: number } = {},
  ): Tensor<Sh<Reduce<'variance', X['shape'], D, K>>> {
    return reduction.variance(this, dim as Dims, reduction.keeps('variance', options), options.correction ?? 1);
  }

  /** The square root of the variance. Its gradient at 0 is 0. */
  std<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'std', X['shape'], D, K>, D>,
    options: KeepDim<K> & { readonly correction?: number } = {},
  ): Tensor<Sh<Reduce<'std', X['shape'], D, K>>> {
    return reduction.std(this, dim as Dims, reduction.keeps('std', options), options.correction ?? 1);
  }

  /**
   * (sum |x|^p)^(1/p), p = 2 by default; Infinity is the largest |x|, 0 counts what is not 0. Its gradient at 0 is 0.
   */
  norm<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    p = 2,
    dim?: Chk<Reduce<'norm', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'norm', X['shape'], D, K>>> {
    return reduction.norm(this, p, dim as Dims, reduction.keeps('norm', options));
  }

  /** The running sum along `dim`. Bools are counted as int32. */
  cumsum<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'cumsum', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.cumsum, reduction.counted(this), dim as number);
  }

  /** The running product along `dim`. */
  cumprod<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'cumprod', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.cumprod, reduction.counted(this), dim as number);
  }

  /** e^x divided by its sum along `dim`; without overflow. */
  softmax<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'softmax', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.softmax, floating(this), dim as number);
  }

  /** The logarithm of softmax along `dim`: x - logsumexp(x). */
  logSoftmax<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'logSoftmax', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.logSoftmax, floating(this), dim as number);
  }

  /** The positions that sort along `dim`, as int32; equal elements keep their order, NaN counts as largest. */
  argsort<X extends Tensor>(this: X, dim = -1, options: { readonly descending?: boolean } = {}): Tensor<X['shape']> {
    return reduction.order('argsort', this, dim, options.descending ?? false);
  }

  /** The elements sorted along `dim`, and where they came from. */
  sort<X extends Tensor>(
    this: X,
    dim = -1,
    options: { readonly descending?: boolean } = {},
  ): Sorted<X['shape']> {
    return reduction.sort(this, dim, options.descending ?? false);
  }

  /** The k largest (or smallest) elements along `dim` in order, and where they came from. */
  topk(
    this: Tensor,
    k: number,
    dim = -1,
    options: { readonly largest?: boolean } = {},
  ): Sorted {
    return reduction.topk(this, k, dim, options.largest ?? true);
  }
}
