import type { Shape } from '@tapegrad/tensor';
import { binary, logical } from '../functional/operands.ts';
import * as ops from '../primitives/elementwise.ts';
import type { Tensor } from '../tensor.ts';
import type { BroadcastArg, BroadcastResult } from '../types.ts';
import { TensorBase } from './base.ts';

/** Comparisons, and what bools are combined by, element by element. The two operands broadcast, as in arithmetic. */
export abstract class Comparison<out S extends Shape = any> extends TensorBase<S> {
  /**
   * Where x = y, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  eq<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.eq, this, other);
  }

  /**
   * Where x ≠ y, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  ne<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.ne, this, other);
  }

  /**
   * Where x < y, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  lt<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.lt, this, other);
  }

  /**
   * Where x ≤ y, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  le<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.le, this, other);
  }

  /**
   * Where x > y, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  gt<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.gt, this, other);
  }

  /**
   * Where x ≥ y, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  ge<X extends Tensor, Y extends Tensor | number>(this: X, other: BroadcastArg<X, Y>): Tensor<BroadcastResult<X, Y>> {
    return binary(ops.ge, this, other);
  }

  /**
   * Where both are non-zero, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  logicalAnd<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return logical(ops.logicalAnd, this, other);
  }

  /**
   * Where either is non-zero, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  logicalOr<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return logical(ops.logicalOr, this, other);
  }

  /**
   * Where one is non-zero and the other is not, as bool; shapes broadcast.
   *
   * @throws ShapeError where the shapes do not broadcast.
   */
  logicalXor<X extends Tensor, Y extends Tensor | number>(
    this: X,
    other: BroadcastArg<X, Y>,
  ): Tensor<BroadcastResult<X, Y>> {
    return logical(ops.logicalXor, this, other);
  }

  /** Where x is zero, as bool. */
  logicalNot<X extends Tensor>(this: X): Tensor<X['shape']> {
    return this.eq(0);
  }
}
