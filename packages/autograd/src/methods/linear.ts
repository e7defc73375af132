import type { Chk, Det, LastDim, MatMul, Sh, Shape, Solve, Square } from '@tapegrad/tensor';
import * as linear from '../functional/linear.ts';
import * as equations from '../functional/solve.ts';
import type { Tensor } from '../tensor.ts';
import { Picking } from './picking.ts';

/** Products of vectors and matrices, and parts of matrices. */
export abstract class Linear<out S extends Shape = any> extends Picking<S> {
  /**
   * The matrix product x @ other: [n, k] @ [k, m] is [n, m]. Leading dims are batches, and broadcast; a vector on the
   * left is a row, one on the right a column. Of int32 the sums wrap around, exactly so while four products stay below
   * 2^53.
   *
   * @throws ShapeError where the inner dims differ, or an operand is a scalar.
   * @example
   * ```ts
   * zeros([5, 2, 3]).matmul(zeros([3, 4])).shape; // [5, 2, 4]: the matrix for each of the batch
   * zeros([3]).matmul(zeros([3, 4])).shape; // [4]
   * ```
   */
  matmul<X extends Tensor, Y extends Tensor>(
    this: X,
    other: Chk<MatMul<X['shape'], Y['shape']>, Y>,
  ): Tensor<Sh<MatMul<X['shape'], Y['shape']>>> {
    return linear.matmul(this, other as Tensor);
  }

  /**
   * The sum of products of two vectors of one length: [n] and [n] give a scalar.
   *
   * @throws ShapeError for anything but two vectors of one length.
   */
  dot(this: Tensor, other: Tensor): Tensor<[]> {
    return linear.dot(this, other);
  }

  /**
   * All products of an element of this vector (rows) and one of the other (columns): [n] and [m] give [n, m].
   *
   * @throws ShapeError for anything but two vectors.
   */
  outer<X extends Tensor, Y extends Tensor>(this: X, other: Y): Tensor<[X['shape'][0], Y['shape'][0]]> {
    return linear.outer(this, other);
  }

  /**
   * x @ weight^T + bias over the last dim: x [..., in], weight [out, in], bias [out] give [..., out].
   *
   * @throws ShapeError where the last dim of x is not that of the weight.
   */
  linear<X extends Tensor, W extends Tensor>(
    this: X,
    weight: Chk<LastDim<'linear', X['shape'], W['shape'][1], W['shape'][0]>, W>,
    bias?: Tensor | null,
  ): Tensor<Sh<LastDim<'linear', X['shape'], W['shape'][1], W['shape'][0]>>> {
    return linear.linear(this, weight as Tensor, bias);
  }

  /**
   * The lower triangle of the last two dims: elements above the k-th diagonal are 0.
   *
   * @throws ShapeError for fewer than two dims.
   */
  tril<X extends Tensor>(this: X, k = 0): Tensor<X['shape']> {
    return linear.triangle('tril', this, k);
  }

  /**
   * The upper triangle of the last two dims: elements below the k-th diagonal are 0.
   *
   * @throws ShapeError for fewer than two dims.
   */
  triu<X extends Tensor>(this: X, k = 0): Tensor<X['shape']> {
    return linear.triangle('triu', this, k);
  }

  /**
   * The elements whose positions along dim0 and dim1 differ by `offset`, as a new last dim: [n, n] gives [n].
   *
   * @throws ShapeError for fewer than two dims.
   */
  diagonal(this: Tensor, offset = 0, dim0 = 0, dim1 = 1): Tensor {
    return linear.diagonal(this, offset, dim0, dim1);
  }

  /**
   * The sum of the diagonal of a matrix.
   *
   * @throws ShapeError for anything but a matrix.
   */
  trace(this: Tensor): Tensor<[]> {
    return linear.trace(this);
  }

  /**
   * The inverse matrices of [..., n, n]; computed in float64 whatever the dtype.
   *
   * @throws ArgumentError where a matrix is singular: where elimination meets a pivot that is 0.
   */
  inverse<X extends Tensor>(this: Chk<Square<'inverse', X['shape']>, X>): Tensor<X['shape']> {
    return equations.inverse(this as Tensor);
  }

  /**
   * The determinants of the matrices [..., n, n]. The gradient is the matrix of the cofactors, also where a matrix is
   * singular; for more than 8 rows it goes by the inverse, and is an error there.
   */
  det<X extends Tensor>(this: Chk<Square<'det', X['shape']>, X>): Tensor<Sh<Det<X['shape']>>> {
    return equations.det(this as Tensor);
  }

  /**
   * x of the equations this @ x = right: this [..., n, n], right [..., n, k], whose leading dims broadcast. The right side
   * is a vector where it is [n], and vectors, one for each matrix, where it has the shape of this without its last dim.
   *
   * @throws ArgumentError where a matrix is singular.
   * @example
   * ```ts
   * const a = tensor([[2, 0], [0, 4]]);
   * a.solve(tensor([2, 2])); // tensor([1.0000, 0.5000])
   * ```
   */
  solve<X extends Tensor, Y extends Tensor>(
    this: X,
    right: Chk<Solve<X['shape'], Y['shape']>, Y>,
  ): Tensor<Sh<Solve<X['shape'], Y['shape']>>> {
    return equations.solve(this, right as Tensor);
  }

  /**
   * The lower triangles L with L @ L^T = this of positive definite matrices [..., n, n], of which only the lower triangles
   * are read; with `upper` the upper ones U with U^T @ U = this, and only those are read. The gradient is symmetric.
   *
   * @throws ArgumentError where a matrix is not positive definite.
   */
  cholesky<X extends Tensor>(
    this: Chk<Square<'cholesky', X['shape']>, X>,
    options: { readonly upper?: boolean } = {},
  ): Tensor<X['shape']> {
    return equations.cholesky(this as Tensor, options);
  }
}
