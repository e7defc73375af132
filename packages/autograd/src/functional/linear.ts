import {
  ArgumentError,
  DTypeError,
  emptyArray,
  linearShape,
  matmulShape,
  normalizeDim,
  promote,
  ShapeError,
  showShape,
  sizeOf,
} from '@tapegrad/tensor';
import * as ops from '../primitives/matmul.ts';
import { apply } from '../tape/apply.ts';
import { none } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import { checkTensor } from './operands.ts';

/** a @ b; a vector is a row on the left and a column on the right, and its dim goes again afterwards. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkTensor('matmul', 'the other operand', b);
  if (a.dtype !== b.dtype) {
    const dtype = promote(a.dtype, b.dtype);
    return matmul(a.to(dtype), b.to(dtype));
  }
  if (a.dtype === 'bool') throw new DTypeError('matmul: expected numbers, got two bool tensors; use to()');
  if (a.ndim >= 2 && b.ndim >= 2) return apply(ops.matmul, [a, b], none);
  const shape = matmulShape(a.shape, b.shape);
  const rows = a.ndim === 1 ? a.unsqueeze(0) : a;
  const columns = b.ndim === 1 ? b.unsqueeze(1) : b;
  return apply(ops.matmul, [rows, columns], none).reshape(shape);
}

/** x @ weight^T + bias, over the last dim of x. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  checkTensor('linear', 'weight', weight);
  if (bias !== undefined && bias !== null) checkTensor('linear', 'bias', bias);
  linearShape(x.shape, weight.shape, bias?.shape);
  const lead = x.shape.slice(0, -1);
  const flat: number[] = [sizeOf(lead), weight.shape[1]];
  const rows = x.ndim === 2 ? x : x.reshape(flat);
  const product = matmul(rows, weight.transpose(0, 1));
  const y = bias === undefined || bias === null ? product : product.add(bias);
  return x.ndim === 2 ? y : y.reshape([...lead, weight.shape[0]]);
}

function checkVectors(op: string, a: Tensor, b: Tensor): void {
  checkTensor(op, 'the other operand', b);
  if (a.ndim !== 1 || b.ndim !== 1)
    throw new ShapeError(`${op}: expected two vectors, got shapes ${showShape(a.shape)} and ${showShape(b.shape)}`);
}

export function dot(a: Tensor, b: Tensor): Tensor {
  checkVectors('dot', a, b);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(`dot: expected vectors of one length, got ${showShape(a.shape)} and ${showShape(b.shape)}`);
  return a.mul(b).sum();
}

export function outer(a: Tensor, b: Tensor): Tensor {
  checkVectors('outer', a, b);
  return a.unsqueeze(1).mul(b.unsqueeze(0));
}

function checkMatrix(op: string, x: Tensor): void {
  if (x.ndim < 2) throw new ShapeError(`${op}: expected at least two dims, got shape ${showShape(x.shape)}`);
}

/** The elements on and above (upper), or on and below the k-th diagonal of the last two dims; zero elsewhere. */
export function triangle(op: 'tril' | 'triu', x: Tensor, k: number): Tensor {
  checkMatrix(op, x);
  if (!Number.isInteger(k)) throw new ArgumentError(`${op}: expected a whole number of a diagonal, got ${String(k)}`);
  const [n, m] = x.shape.slice(-2);
  const outside = emptyArray([n, m], 'bool');
  for (let i = 0; i < n; i++) {
    // The first column beyond the diagonal, or the first one of it.
    const edge = Math.min(Math.max(0, i + k + (op === 'tril' ? 1 : 0)), m);
    if (op === 'tril') outside.buffer.fill(1, i * m + edge, (i + 1) * m);
    else outside.buffer.fill(1, i * m, i * m + edge);
  }
  return x.maskedFill(x.fresh(outside), 0);
}

/** The elements where the positions along two dims differ by `offset`, along a new last dim. */
export function diagonal(x: Tensor, offset: number, dim0: number, dim1: number): Tensor {
  checkMatrix('diagonal', x);
  const pair = [dim0, dim1].map(d => normalizeDim('diagonal', d, x.ndim, x.shape));
  if (pair[0] === pair[1])
    throw new ShapeError(
      `diagonal: expected two different dims of shape ${showShape(x.shape)}, got ${dim0} and ${dim1}`,
    );
  if (!Number.isInteger(offset)) throw new ArgumentError(`diagonal: expected a whole offset, got ${String(offset)}`);
  const rest = x.shape.map((_: number, d: number) => d).filter((d: number) => !pair.includes(d));
  const moved = x.permute([...rest, ...pair]);
  const [n, m] = moved.shape.slice(-2);
  const length = Math.max(0, offset >= 0 ? Math.min(n, m - offset) : Math.min(n + offset, m));
  const first = offset >= 0 ? offset : -offset * m;
  const ids = Int32Array.from({ length }, (_, i) => first + i * (m + 1));
  return moved.reshape([...moved.shape.slice(0, -2), n * m]).indexSelect(-1, x.idsOf(ids));
}

export function trace(x: Tensor): Tensor {
  if (x.ndim !== 2) throw new ShapeError(`trace: expected a matrix, got shape ${showShape(x.shape)}`);
  return diagonal(x, 0, 0, 1).sum();
}
