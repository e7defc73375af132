import type { Shape } from '@tapegrad/tensor';
import { arithmetic, binary, floating, negative, power, quotient } from '../functional/operands.ts';
import { counted } from '../functional/reduction.ts';
import * as ops from '../primitives/elementwise.ts';
import { apply } from '../tape/apply.ts';
import { none } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import type { BroadcastArg, BroadcastResult } from '../types.ts';
import { Comparison } from './comparison.ts';

/** Element by element. Two operands broadcast and promote as in PyTorch; a number may stand for the second. */
export abstract class Elementwise<out S extends Shape = any> extends Comparison<S> {
  /**
   * x + y, element by element: the shapes broadcast, the dtypes promote, and a number may stand for y. Of bools it is
   * or.
   *
   * @throws ShapeError where the shapes do not broadcast.
   * @example
   * ```ts
   * tensor([[1], [2]]).add(tensor([10, 20])); // tensor([[11, 21], [12, 22]]), of shapes [2, 1] and [2]
   * ```
   */
  add<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return arithmetic(ops.add, ops.logicalOr, this, other);
  }

  /**
   * x - y, element by element; shapes broadcast, and a number may stand for y.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  sub<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return arithmetic(ops.sub, null, this, other);
  }

  /**
   * x · y, element by element; shapes broadcast, and a number may stand for y. Of bools it is and.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  mul<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return arithmetic(ops.mul, ops.logicalAnd, this, other);
  }

  /**
   * x / y, element by element; shapes broadcast, and a number may stand for y. Integers divide to float32.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  div<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return quotient(ops.div, this, other);
  }

  /**
   * x to the power of y, element by element; shapes broadcast, and a number may stand for y.
   *
   * @throws ShapeError where the shapes do not broadcast; ArgumentError for integers to the power of a negative
   * number, which would have fractions.
   */
  pow<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return power(this, other);
  }

  /**
   * The larger of x and y, element by element; NaN where either is. Shapes broadcast. A tie halves the gradient.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  maximum<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.maximum, this, other);
  }

  /**
   * The smaller of x and y, element by element; NaN where either is. Shapes broadcast. A tie halves the gradient.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  minimum<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.minimum, this, other);
  }

  /**
   * The angle of the point (y, x), this tensor being y, in (-π, π]; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  atan2<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return quotient(ops.atan2, this, other);
  }

  /**
   * x - floor(x / y) · y, with the sign of y, as % in Python; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  remainder<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.remainder, this, other);
  }

  /** -x, element by element. */
  neg<X extends Tensor>(this: X): Tensor<X['shape']> {
    return negative(this);
  }

  /** |x|, element by element; its gradient at 0 is 0. */
  abs<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.abs, [this], none);
  }

  /** -1, 0 or 1, element by element; its gradient is 0. */
  sign<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.sign, [this], none);
  }

  /** x²; of bools in int32. */
  square<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.square, [counted(this)], none);
  }

  /** √x, element by element; NaN for negative elements. */
  sqrt<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.sqrt, [floating(this)], none);
  }

  /** 1 / √x. */
  rsqrt<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.rsqrt, [floating(this)], none);
  }

  /** 1 / x. */
  reciprocal<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.reciprocal, [floating(this)], none);
  }

  /** e^x, element by element; integers give float32. */
  exp<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.exp, [floating(this)], none);
  }

  /** e^x - 1, exact near 0. */
  expm1<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.expm1, [floating(this)], none);
  }

  /** The natural logarithm, element by element; NaN below 0. */
  log<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.log, [floating(this)], none);
  }

  /** log(1 + x), exact near 0. */
  log1p<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.log1p, [floating(this)], none);
  }

  /** The logarithm to base 2. */
  log2<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.log2, [floating(this)], none);
  }

  /** The logarithm to base 10. */
  log10<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.log10, [floating(this)], none);
  }

  /** The sine of x in radians. */
  sin<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.sin, [floating(this)], none);
  }

  /** The cosine of x in radians. */
  cos<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.cos, [floating(this)], none);
  }

  /** The tangent of x in radians. */
  tan<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.tan, [floating(this)], none);
  }

  /** The angle in [-π/2, π/2] whose sine is x. */
  asin<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.asin, [floating(this)], none);
  }

  /** The angle in [0, π] whose cosine is x. */
  acos<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.acos, [floating(this)], none);
  }

  /** The angle in (-π/2, π/2) whose tangent is x. */
  atan<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.atan, [floating(this)], none);
  }

  /** (e^x - e^-x) / 2. */
  sinh<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.sinh, [floating(this)], none);
  }

  /** (e^x + e^-x) / 2. */
  cosh<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.cosh, [floating(this)], none);
  }

  /** The hyperbolic tangent, sinh x / cosh x. */
  tanh<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.tanh, [floating(this)], none);
  }

  /** The inverse of sinh. */
  asinh<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.asinh, [floating(this)], none);
  }

  /** The inverse of cosh; NaN below 1. */
  acosh<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.acosh, [floating(this)], none);
  }

  /** The inverse of tanh; NaN outside [-1, 1]. */
  atanh<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.atanh, [floating(this)], none);
  }

  /** The error function, 2/√π times the integral of exp(-t²) from 0 to x. */
  erf<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.erf, [floating(this)], none);
  }

  /** 1 / (1 + e^-x). */
  sigmoid<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.sigmoid, [floating(this)], none);
  }

  /** log(1 + e^x), without overflow. */
  softplus<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.softplus, [floating(this)], none);
  }

  /** max(x, 0); its gradient at 0 is 0. */
  relu<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.relu, [this], none);
  }

  /** The largest whole number that is at most x; its gradient is 0. */
  floor<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.floor, [this], none);
  }

  /** The smallest whole number that is at least x; its gradient is 0. */
  ceil<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.ceil, [this], none);
  }

  /** The nearest whole number, halves to the even one; its gradient is 0. */
  round<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.round, [this], none);
  }

  /** x without its fraction; its gradient is 0. */
  trunc<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.trunc, [this], none);
  }
}
