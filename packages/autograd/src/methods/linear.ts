import type { Chk, LastDim, MatMul, Sh, Shape } from '@tapegrad/tensor';
import * as linear from '../functional/linear.ts';
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
   */
  matmul<X extends Tensor, Y extends Tensor>(
    this: X,
    other: Chk<MatMul<X['shape'], Y['shape']>, Y>,
  ): Tensor<Sh<MatMul<X['shape'], Y['shape']>>> {
    return linear.matmul(this, other as Tensor);
  }

  /** The sum of products of two vectors of one length. */
  dot(this: Tensor, other: Tensor): Tensor<[]> {
    return linear.dot(this, other);
  }

  /** All products of an element of this vector (rows) and one of the other (columns). */
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

  /** The lower triangle of the last two dims: elements above the k-th diagonal are 0. */
  tril<X extends Tensor>(this: X, k = 0): Tensor<X['shape']> {
    return linear.triangle('tril', this, k);
  }

  /** The upper triangle of the last two dims: elements below the k-th diagonal are 0. */
  triu<X extends Tensor>(this: X, k = 0): Tensor<X['shape']> {
    return linear.triangle('triu', this, k);
  }

  /** The elements whose positions along dim0 and dim1 differ by `offset`, as a new last dim. */
  diagonal(this: Tensor, offset = 0, dim0 = 0, dim1 = 1): Tensor {
    return linear.diagonal(this, offset, dim0, dim1);
  }

  /** The sum of the diagonal of a matrix. */
  trace(this: Tensor): Tensor<[]> {
    return linear.trace(this);
  }
}
