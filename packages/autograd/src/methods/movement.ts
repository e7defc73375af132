import type {
  Chk,
  Chunk,
  Expand,
  Flatten,
  Permute,
  Reshape,
  Sh,
  Shape,
  Split,
  Squeeze,
  Tile,
  Transpose,
  TransposeMatrix,
  Unbind,
  Unsqueeze,
} from '@tapegrad/tensor';
import * as movement from '../functional/movement.ts';
import type { SliceAttrs } from '../primitives/movement.ts';
import * as ops from '../primitives/movement.ts';
import { apply } from '../tape/apply.ts';
import type { Tensor } from '../tensor.ts';
import { Reduction } from './reduction.ts';

/** Other shapes for the same elements. Where strides can express the result, nothing is copied. */
export abstract class Movement<out S extends Shape = any> extends Reduction<S> {
  /**
   * The elements in row-major order under another shape of the same size; one dim may be -1, for what is left.
   *
   * @throws ShapeError where the sizes do not multiply to as many elements.
   * @example
   * ```ts
   * arange(6).reshape([2, -1]).shape; // [2, 3]
   * ```
   */
  reshape<X extends Tensor, const T extends readonly number[]>(
    this: X,
    shape: Chk<Reshape<X['shape'], T>, readonly [...T]>,
  ): Tensor<Sh<Reshape<X['shape'], T>>> {
    return movement.reshape(this, shape as readonly number[]);
  }

  /**
   * The dims from `start` (0 by default) to `end` (the last, included) as one: [2, 3, 4] from 1 is [2, 12].
   *
   * @throws ShapeError for a dim that x does not have.
   */
  flatten<X extends Tensor, A extends number = 0, B extends number = -1>(
    this: X,
    start?: Chk<Flatten<X['shape'], A, B>, A>,
    end?: B,
  ): Tensor<Sh<Flatten<X['shape'], A, B>>> {
    return movement.flatten(this, (start as number | undefined) ?? 0, end ?? -1);
  }

  /**
   * Without the dims of size 1, or without those named where they have size 1: [1, 3, 1] is [3].
   *
   * @throws ShapeError for a dim that x does not have.
   */
  squeeze<X extends Tensor, const D extends number | readonly number[] | undefined = undefined>(
    this: X,
    dim?: Chk<Squeeze<X['shape'], D>, D>,
  ): Tensor<Sh<Squeeze<X['shape'], D>>> {
    return movement.squeeze(this, dim as number | readonly number[] | undefined);
  }

  /**
   * With a new dim of size 1 at `dim`: [3] at 0 is [1, 3], at -1 [3, 1].
   *
   * @throws ShapeError for a place that the result does not have.
   */
  unsqueeze<X extends Tensor, D extends number>(
    this: X,
    dim: Chk<Unsqueeze<X['shape'], D>, D>,
  ): Tensor<Sh<Unsqueeze<X['shape'], D>>> {
    return movement.unsqueeze(this, dim as number);
  }

  /**
   * The dims in another order: [2, 3, 4] by [2, 0, 1] is [4, 2, 3]. Nothing is copied.
   *
   * @throws ShapeError unless every dim is there once.
   */
  permute<X extends Tensor, const P extends readonly number[]>(
    this: X,
    dims: Chk<Permute<X['shape'], P>, P>,
  ): Tensor<Sh<Permute<X['shape'], P>>> {
    return movement.permute(this, dims as readonly number[]);
  }

  /**
   * Two dims swapped. Nothing is copied.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  transpose<X extends Tensor, A extends number, B extends number>(
    this: X,
    dim0: A,
    dim1: Chk<Transpose<X['shape'], A, B>, B>,
  ): Tensor<Sh<Transpose<X['shape'], A, B>>> {
    return movement.transpose(this, dim0, dim1 as number);
  }

  /**
   * The transpose of a matrix, [n, m] to [m, n]; of a vector or scalar, itself.
   *
   * @throws ShapeError for more than two dims.
   */
  t<X extends Tensor>(this: X): Tensor<Sh<TransposeMatrix<X['shape']>>> {
    return movement.transposeMatrix(this);
  }

  /**
   * Dims of size 1, and new ones in front, repeated to `shape`, without copying; -1 keeps a size.
   *
   * @throws ShapeError where a size is neither 1 nor the one wanted.
   * @example
   * ```ts
   * tensor([[1], [2]]).expand([2, 3]); // tensor([[1, 1, 1], [2, 2, 2]])
   * ```
   */
  expand<X extends Tensor, const T extends readonly number[]>(
    this: X,
    shape: Chk<Expand<X['shape'], T>, readonly [...T]>,
  ): Tensor<Sh<Expand<X['shape'], T>>> {
    return movement.expand(this, shape as readonly number[]);
  }

  /**
   * The whole repeated `reps[d]` times along each dim; missing dims are added in front: [2] by [3, 2] is [3, 4].
   *
   * @throws ShapeError for reps that are no whole numbers of 0 or more.
   */
  tile<X extends Tensor, const R extends readonly number[]>(this: X, reps: R): Tensor<Sh<Tile<X['shape'], R>>> {
    return movement.tile(this, reps);
  }

  /**
   * The order reversed along the named dims.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  flip<X extends Tensor>(this: X, dims: number | readonly number[]): Tensor<X['shape']> {
    return movement.flip(this, typeof dims === 'number' ? [dims] : dims);
  }

  /**
   * Elements moved on by `shifts` along the named dims (or through all of them in row-major order), around the end.
   *
   * @throws ShapeError for a dim that x does not have.
   */
  roll<X extends Tensor>(
    this: X,
    shifts: number | readonly number[],
    dims?: number | readonly number[],
  ): Tensor<X['shape']> {
    return movement.roll(this, shifts, dims);
  }

  /**
   * Pieces along `dim`: of one size (the last may be smaller), or of the sizes given.
   *
   * @throws ShapeError where the sizes do not add up to the dim.
   * @example
   * ```ts
   * const [a, b] = arange(5).split(3); // tensor([0, 1, 2]) and tensor([3, 4])
   * const [q, k, v] = zeros([8, 48]).split([16, 16, 16], 1); // three of [8, 16]
   * ```
   */
  split<X extends Tensor, N extends number | readonly number[], D extends number = 0>(
    this: X,
    sizeOrSizes: N,
    dim?: Chk<Split<X['shape'], N, D>, D>,
  ): Tensor<Sh<Split<X['shape'], N, D>>>[] {
    return movement.split(this, sizeOrSizes, (dim as number | undefined) ?? 0);
  }

  /**
   * At most n pieces along `dim`, of one size but for the last.
   *
   * @throws ArgumentError for an n that is no whole number from 1; ShapeError for a dim that x does not have.
   */
  chunk<X extends Tensor, N extends number, D extends number = 0>(
    this: X,
    n: N,
    dim?: Chk<Chunk<X['shape'], N, D>, D>,
  ): Tensor<Sh<Chunk<X['shape'], N, D>>>[] {
    return movement.chunk(this, n, (dim as number | undefined) ?? 0);
  }

  /**
   * The tensors along `dim`, which goes away: [2, 3] along 0 is two tensors [3].
   *
   * @throws ShapeError for a dim that x does not have.
   */
  unbind<X extends Tensor, D extends number = 0>(
    this: X,
    dim?: Chk<Unbind<X['shape'], D>, D>,
  ): Tensor<Sh<Unbind<X['shape'], D>>>[] {
    return movement.unbind(this, (dim as number | undefined) ?? 0);
  }

  /** The sum over what a tensor of `shape` was repeated along. @internal */
  sumTo(this: Tensor, shape: Shape): Tensor {
    return movement.sumTo(this, shape);
  }

  /** This with `source` added to a slice of it. @internal */
  sliceAdd(this: Tensor, source: Tensor, attrs: SliceAttrs): Tensor {
    return apply(ops.sliceAdd, [this, source], attrs);
  }

  /** A slice given by its bounds. @internal */
  sliceOf(this: Tensor, attrs: SliceAttrs): Tensor {
    return apply(ops.slice, [this], attrs);
  }

  /** This and then others along `dim`. @internal */
  join(this: Tensor, others: readonly Tensor[], dim: number): Tensor {
    return movement.cat([this, ...others], dim);
  }
}
