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
  /**
   * The sum over `dim`; 0 of nothing. Bools are counted as int32. `dim` is one dim, several, or left out for all; `{
   * keepdim: true }` keeps them with size 1.
   *
   * @throws ShapeError for a dim that x does not have, or one that is named twice.
   * @example
   * ```ts
   * const x = tensor([[1, 2], [3, 4]]);
   * x.sum(); // tensor(10)
   * x.sum(1, { keepdim: true }); // tensor([[3], [7]])
   * ```
   */
  sum<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'sum', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'sum', X['shape'], D, K>>> {
    return reduction.reduce(ops.sum, reduction.counted(this), dim as Dims, reduction.keeps('sum', options));
  }

  /**
   * The product over `dim`; 1 of nothing. The gradient is right where elements are 0. `dim` is one dim, several, or
   * left out for all; `{ keepdim: true }` keeps them with size 1.
   *
   * @throws ShapeError for a dim that x does not have, or one that is named twice.
   */
  prod<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'prod', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'prod', X['shape'], D, K>>> {
    return reduction.reduce(ops.prod, reduction.counted(this), dim as Dims, reduction.keeps('prod', options));
  }

  /**
   * The arithmetic mean over `dim`; NaN of nothing. `dim` is one dim, several, or left out for all; `{ keepdim: true
   * }` keeps them with size 1.
   *
   * @throws DTypeError for a tensor that is not float; ShapeError for a dim that x does not have.
   */
  mean<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'mean', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'mean', X['shape'], D, K>>> {
    return reduction.mean(this, dim as Dims, reduction.keeps('mean', options));
  }

  /**
   * The largest element over `dim`; elements that tie share the gradient evenly. NaN wins. `dim` is one dim, several,
   * or left out for all; `{ keepdim: true }` keeps them with size 1.
   *
   * @throws ShapeError for a dim that x does not have, and where there are no elements to choose from.
   */
  amax<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'amax', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'amax', X['shape'], D, K>>> {
    return reduction.reduce(ops.amax, this, dim as Dims, reduction.keeps('amax', options));
  }

  /**
   * The smallest element over `dim`; elements that tie share the gradient evenly. NaN wins. `dim` is one dim,
   * several, or left out for all; `{ keepdim: true }` keeps them with size 1.
   *
   * @throws ShapeError for a dim that x does not have, and where there are no elements to choose from.
   */
  amin<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'amin', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'amin', X['shape'], D, K>>> {
    return reduction.reduce(ops.amin, this, dim as Dims, reduction.keeps('amin', options));
  }

  /**
   * The largest element, its value alone: where it is says `argmax`. Along a named dim the first winner gets the
   * gradient; without one the ties share it. NaN wins. `dim` is one dim, or left out for all; `{ keepdim: true }`
   * keeps it with size 1.
   *
   * @throws ShapeError for a dim that x does not have, and where there are no elements to choose from.
   */
  max<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'max', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'max', X['shape'], D, K>>> {
    return reduction.extreme(true, this, dim as number | undefined, reduction.keeps('max', options));
  }

  /**
   * The smallest element, its value alone: where it is says `argmin`. Along a named dim the first winner gets the
   * gradient; without one the ties share it. NaN wins. `dim` is one dim, or left out for all; `{ keepdim: true }`
   * keeps it with size 1.
   *
   * @throws ShapeError for a dim that x does not have, and where there are no elements to choose from.
   */
  min<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'min', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'min', X['shape'], D, K>>> {
    return reduction.extreme(false, this, dim as number | undefined, reduction.keeps('min', options));
  }

  /**
   * The position of the largest element (in row-major order without a dim), as int32; the first of equals. `dim` is
   * one dim, or left out for all; `{ keepdim: true }` keeps it with size 1.
   *
   * @throws ShapeError for a dim that x does not have, and where there are no elements to choose from.
   */
  argmax<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'argmax', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'argmax', X['shape'], D, K>>> {
    return reduction.argExtreme(ops.argmax, this, dim as number | undefined, reduction.keeps('argmax', options));
  }

  /**
   * The position of the smallest element (in row-major order without a dim), as int32; the first of equals. `dim` is
   * one dim, or left out for all; `{ keepdim: true }` keeps it with size 1.
   *
   * @throws ShapeError for a dim that x does not have, and where there are no elements to choose from.
   */
  argmin<X extends Tensor, D extends number | undefined = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'argmin', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'argmin', X['shape'], D, K>>> {
    return reduction.argExtreme(ops.argmin, this, dim as number | undefined, reduction.keeps('argmin', options));
  }

  /**
   * log(Σ e^x) over `dim`, without overflow. `dim` is one dim, several, or left out for all; `{ keepdim: true }`
   * keeps them with size 1.
   *
   * @throws ShapeError for a dim that x does not have, or one that is named twice.
   */
  logsumexp<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'logsumexp', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'logsumexp', X['shape'], D, K>>> {
    return reduction.logsumexp(this, dim as Dims, reduction.keeps('logsumexp', options));
  }

  /**
   * Whether all elements are non-zero, as bool; true of nothing. `dim` is one dim, several, or left out for all; `{
   * keepdim: true }` keeps them with size 1.
   *
   * @throws ShapeError for a dim that x does not have, or one that is named twice.
   */
  all<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'all', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'all', X['shape'], D, K>>> {
    return reduction.everyOf(this, dim as Dims, reduction.keeps('all', options));
  }

  /**
   * Whether any element is non-zero, as bool; false of nothing. `dim` is one dim, several, or left out for all; `{
   * keepdim: true }` keeps them with size 1.
   *
   * @throws ShapeError for a dim that x does not have, or one that is named twice.
   */
  any<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'any', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'any', X['shape'], D, K>>> {
    return reduction.anyOf(this, dim as Dims, reduction.keeps('any', options));
  }

  /**
   * Σ (x - mean)² / (n - correction) over `dim`; correction is 1 by default, the unbiased estimate. `dim` is one dim,
   * several, or left out for all; `{ keepdim: true }` keeps them with size 1.
   *
   * @throws DTypeError for a tensor that is not float; ShapeError for a dim that x does not have.
   */
  variance<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'variance', X['shape'], D, K>, D>,
    options: KeepDim<K> & { readonly correction?: number } = {},
  ): Tensor<Sh<Reduce<'variance', X['shape'], D, K>>> {
    return reduction.variance(this, dim as Dims, reduction.keeps('variance', options), options.correction ?? 1);
  }

  /**
   * The square root of `variance`, with the same arguments. Its gradient at 0 is 0.
   *
   * @throws DTypeError for a tensor that is not float; ShapeError for a dim that x does not have.
   */
  std<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    dim?: Chk<Reduce<'std', X['shape'], D, K>, D>,
    options: KeepDim<K> & { readonly correction?: number } = {},
  ): Tensor<Sh<Reduce<'std', X['shape'], D, K>>> {
    return reduction.std(this, dim as Dims, reduction.keeps('std', options), options.correction ?? 1);
  }

  /**
   * (Σ |x|^p)^(1/p) over `dim`, p = 2 by default; Infinity is the largest |x|, 0 counts what is not 0. Its gradient
   * at 0 is 0. `dim` is one dim, several, or left out for all; `{ keepdim: true }` keeps them with size 1.
   *
   * @throws DTypeError for a tensor that is not float; ShapeError for a dim that x does not have.
   */
  norm<X extends Tensor, const D extends Dims = undefined, K extends boolean = false>(
    this: X,
    p = 2,
    dim?: Chk<Reduce<'norm', X['shape'], D, K>, D>,
    options: KeepDim<K> = {},
  ): Tensor<Sh<Reduce<'norm', X['shape'], D, K>>> {
    return reduction.norm(this, p, dim as Dims, reduction.keeps('norm', options));
  }

  /**
   * The running sum along `dim`, in the shape of x. Bools are counted as int32.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  cumsum<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'cumsum', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.cumsum, reduction.counted(this), dim as number);
  }

  /**
   * The running product along `dim`, in the shape of x.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  cumprod<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'cumprod', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.cumprod, reduction.counted(this), dim as number);
  }

  /**
   * e^x / Σ e^x, the sum along `dim`, without overflow; in the shape of x.
   *
   * @throws ShapeError for a dim that x does not have.
   * @example
   * ```ts
   * tensor([[0, 0], [0, 100]]).softmax(1); // tensor([[0.5000, 0.5000], [0.0000, 1.0000]])
   * ```
   */
  softmax<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'softmax', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.softmax, floating(this), dim as number);
  }

  /**
   * The logarithm of softmax along `dim`, x - logsumexp(x), without overflow; in the shape of x.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  logSoftmax<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<CheckDim<'logSoftmax', X['shape'], D>, D>,
  ): Tensor<X['shape']> {
    return reduction.scan(ops.logSoftmax, floating(this), dim as number);
  }

  /**
   * The positions that sort along `dim` (the last by default), as int32; equal elements keep their order, NaN counts
   * as largest.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  argsort<X extends Tensor>(this: X, dim = -1, options: { readonly descending?: boolean } = {}): Tensor<X['shape']> {
    return reduction.order('argsort', this, dim, options.descending ?? false);
  }

  /**
   * The elements sorted along `dim` (the last by default), and where they came from; equal ones keep their order.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  sort<X extends Tensor>(this: X, dim = -1, options: { readonly descending?: boolean } = {}): Sorted<X['shape']> {
    return reduction.sort(this, dim, options.descending ?? false);
  }

  /**
   * The k largest (or, with `{ largest: false }`, smallest) elements along `dim` (the last by default) in order, and
   * where they came from.
   *
   * @throws ArgumentError for more elements than there are; ShapeError for a dim that x does not have.
   * @example
   * ```ts
   * const { values, indices } = tensor([3, 1, 2]).topk(2); // tensor([3, 2]) and tensor([0, 2], dtype=int32)
   * ```
   */
  topk(this: Tensor, k: number, dim = -1, options: { readonly largest?: boolean } = {}): Sorted {
    return reduction.topk(this, k, dim, options.largest ?? true);
  }
}
