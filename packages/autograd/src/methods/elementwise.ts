import type { Shape } from '@tapegrad/tensor';
import { arithmetic, binary, floating, logical, negative, power, quotient } from '../functional/operands.ts';
import { counted } from '../functional/reduction.ts';
import * as ops from '../primitives/elementwise.ts';
import { apply } from '../tape/apply.ts';
import { none } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import type { BroadcastArg, BroadcastResult } from '../types.ts';
import { TensorBase } from './base.ts';

/** Element by element. Two operands broadcast and promote as in PyTorch; a number may stand for the second. */
export abstract class Elementwise<out S extends Shape = any> extends TensorBase<S> {
  /** x + y. */
  add<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return arithmetic(ops.add, ops.logicalOr, this, other);
  }

  /** x - y. */
  sub<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return arithmetic(ops.sub, null, this, other);
  }

  /** x · y. */
  mul<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return arithmetic(ops.mul, ops.logicalAnd, this, other);
  }

  /** x / y; integers divide to float32. */
  div<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return quotient(ops.div, this, other);
  }

  /** x to the power of y. A negative number as y is an error for integers, whose result would have fractions. */
  pow<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return power(this, other);
  }

  /** The larger of x and y; NaN where either is. A tie halves the gradient. */
  maximum<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.maximum, this, other);
  }

  /** The smaller of x and y; NaN where either is. A tie halves the gradient. */
  minimum<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.minimum, this, other);
  }

  /** The angle of the point (y, x), this tensor being y, in (-π, π]. */
  atan2<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return quotient(ops.atan2, this, other);
  }

  /** x - floor(x / y) · y, with the sign of y. */
  remainder<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.remainder, this, other);
  }

  /** x = y, as bool. */
  eq<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.eq, this, other);
  }

  /** x ≠ y, as bool. */
  ne<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.ne, this, other);
  }

  /** x < y, as bool. */
  lt<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.lt, this, other);
  }

  /** x ≤ y, as bool. */
  le<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.le, this, other);
  }

  /** x > y, as bool. */
  gt<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.gt, this, other);
  }

  /** x ≥ y, as bool. */
  ge<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.ge, this, other);
  }

  /** Both are non-zero, as bool. */
  logicalAnd<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return logical(ops.logicalAnd, this, other);
  }

  /** Either is non-zero, as bool. */
  logicalOr<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return logical(ops.logicalOr, this, other);
  }

  /** One is non-zero and the other is not, as bool. */
  logicalXor<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return logical(ops.logicalXor, this, other);
  }

  /** Zero, as bool. */
  logicalNot<X extends Tensor>(this: X): Tensor<X['shape']> {
    return this.eq(0);
  }

  /** -x. */
  neg<X extends Tensor>(this: X): Tensor<X['shape']> {
    return negative(this);
  }

  /** |x|. */
  abs<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.abs, [this], none);
  }

  /** -1, 0 or 1. */
  sign<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.sign, [this], none);
  }

  /** x²; of bools in int32. */
  square<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.square, [counted(this)], none);
  }

  /** √x; NaN for negative elements. */
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

  /** e^x. */
  exp<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.exp, [floating(this)], none);
  }

  /** e^x - 1, exact near 0. */
  expm1<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.expm1, [floating(this)], none);
  }

  /** The natural logarithm. */
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

  /** The largest whole number that is at most x. */
  floor<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.floor, [this], none);
  }

  /** The smallest whole number that is at least x. */
  ceil<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.ceil, [this], none);
  }

  /** The nearest whole number, halves to the even one. */
  round<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.round, [this], none);
  }

  /** x without its fraction. */
  trunc<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(ops.trunc, [this], none);
  }
}
