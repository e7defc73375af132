import {
  ArgumentError,
  checkSquare,
  emptyArray,
  promote,
  ShapeError,
  showShape,
  solvesVectors,
} from '@tapegrad/tensor';
import * as ops from '../primitives/solve.ts';
import { apply } from '../tape/apply.ts';
import { none } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import { checkFloat, checkOptions, checkTensor } from './operands.ts';

function checkMatrices(op: string, x: Tensor): void {
  checkFloat(op, x);
  checkSquare(op, x.shape);
}

/** a^-1, as the solution of a x = 1. */
export function inverse(a: Tensor): Tensor {
  checkMatrices('inverse', a);
  const n = a.shape[a.ndim - 1];
  const one = emptyArray([n, n], a.dtype);
  for (let i = 0; i < n; i++) one.buffer[i * n + i] = 1;
  return apply(ops.solve, [a, a.fresh(one)], { calledAs: 'inverse' });
}

export function det(a: Tensor): Tensor {
  checkMatrices('det', a);
  return apply(ops.det, [a], none);
}

/** x of a x = b; b holds vectors where it is [n] or has the shape of a without its last dim. */
export function solve(a: Tensor, b: Tensor): Tensor {
  checkTensor('solve', 'the right side', b);
  checkMatrices('solve', a);
  checkFloat('solve', b);
  const n = a.shape[a.ndim - 1];
  if (b.ndim < 2 && b.shape[0] !== n)
    throw new ShapeError(
      `solve: expected a right side of ${n} rows, got ${showShape(b.shape)} for ${showShape(a.shape)}`,
    );
  const dtype = promote(a.dtype, b.dtype);
  const vectors = solvesVectors(a.shape, b.shape);
  const columns = vectors ? b.unsqueeze(-1) : b;
  const x = apply(ops.solve, [a.to(dtype), columns.to(dtype)], { calledAs: 'solve' });
  return vectors ? x.squeeze(-1) : x;
}

/** The lower triangle L with L L^T = a, or the upper one U with U^T U = a, of whose upper triangle it is made. */
export function cholesky(a: Tensor, options: { readonly upper?: boolean }): Tensor {
  checkMatrices('cholesky', a);
  const { upper = false } = checkOptions('cholesky', options);
  if (typeof upper !== 'boolean')
    throw new ArgumentError(`cholesky: expected upper to be true or false, got ${String(upper)}`);
  if (!upper) return apply(ops.cholesky, [a], none);
  return apply(ops.cholesky, [a.transpose(-1, -2)], none).transpose(-1, -2);
}
