import { ArgumentError, DTypeError, isFloat, normalizeDim, normalizeDims } from '@tapegrad/tensor';
import * as ops from '../primitives/reduction.ts';
import { apply } from '../tape/apply.ts';
import type { Computed } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import { floating } from './operands.ts';

export type Dims = number | readonly number[] | undefined;

export function reduce(op: Computed<ops.ReduceAttrs>, x: Tensor, dim: Dims, keepdim: boolean): Tensor {
  return apply(op, [x], { dims: normalizeDims(op.name, dim, x.shape), keepdim });
}

/** Sums and products of bools are counted in int32. */
export const counted = (x: Tensor): Tensor => (x.dtype === 'bool' ? x.to('int32') : x);

function checkFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) throw new DTypeError(`${op}: expected a float tensor, got dtype ${x.dtype}`);
}

/** How many elements each result of a reduction is made from. */
function countOf(x: Tensor, dims: readonly number[]): number {
  let n = 1;
  for (const d of dims) n *= x.shape[d];
  return n;
}

export function mean(x: Tensor, dim: Dims, keepdim: boolean): Tensor {
  checkFloat('mean', x);
  const dims = normalizeDims('mean', dim, x.shape);
  return apply(ops.sum, [x], { dims, keepdim }).div(countOf(x, dims));
}

/** sum((x - mean)^2) / (n - correction), from the differences and not from the squares, which would cancel. */
export function variance(x: Tensor, dim: Dims, keepdim: boolean, correction: number): Tensor {
  checkFloat('variance', x);
  const dims = normalizeDims('variance', dim, x.shape);
  const deviation = x.sub(mean(x, dims, true));
  const sum = apply(ops.sum, [deviation.square()], { dims, keepdim });
  return sum.div(Math.max(0, countOf(x, dims) - correction));
}

/** `max` and `min`: over one named dim the first winner gets the gradient, over all of it the ties share it. */
export function extreme(largest: boolean, x: Tensor, dim: number | undefined, keepdim: boolean): Tensor {
  if (dim === undefined) return reduce(largest ? ops.amax : ops.amin, x, undefined, keepdim);
  const op = largest ? ops.argmax : ops.argmin;
  const d = normalizeDim(largest ? 'max' : 'min', dim, x.ndim, x.shape);
  if (x.ndim === 0) return x.clone();
  const winners = x.gather(d, apply(op, [x], { dim: d }));
  return keepdim ? winners : winners.squeeze(d);
}

export function argExtreme(op: Computed<ops.DimAttrs>, x: Tensor, dim: number | undefined, keepdim: boolean): Tensor {
  if (dim === undefined) {
    const winner = apply(op, [x.reshape([-1])], { dim: 0 });
    return winner.reshape(keepdim ? x.shape.map(() => 1) : []);
  }
  const d = normalizeDim(op.name, dim, x.ndim, x.shape);
  const winners = apply(op, [x.ndim === 0 ? x.reshape([1]) : x], { dim: d });
  return keepdim && x.ndim > 0 ? winners : winners.squeeze(d);
}

/** max + log(sum(exp(x - max))); where the max is infinite nothing is subtracted. */
export function logsumexp(x: Tensor, dim: Dims, keepdim: boolean): Tensor {
  const dims = normalizeDims('logsumexp', dim, x.shape);
  const y = floating(x);
  const largest = reduce(ops.amax, y.detach(), dims, true);
  const shift = largest.maskedFill(largest.isInf(), 0);
  const sum = reduce(ops.sum, y.sub(shift).exp(), dims, true).log().add(shift);
  return keepdim ? sum : sum.squeeze(dims);
}

/** (sum |x|^p)^(1/p); the gradient at a zero vector is 0. p may be 0 (a count), Infinity or -Infinity. */
export function norm(x: Tensor, p: number, dim: Dims, keepdim: boolean): Tensor {
  checkFloat('norm', x);
  if (Number.isNaN(p)) throw new ArgumentError('norm: expected a number p, got NaN');
  const dims = normalizeDims('norm', dim, x.shape);
  if (p === Infinity) return reduce(ops.amax, x.abs(), dims, keepdim);
  if (p === -Infinity) return reduce(ops.amin, x.abs(), dims, keepdim);
  if (p === 0) return reduce(ops.sum, x.ne(0).to(x.dtype), dims, keepdim);
  if (p === 1) return reduce(ops.sum, x.abs(), dims, keepdim);
  const total = reduce(ops.sum, p === 2 ? x.square() : x.abs().pow(p), dims, keepdim);
  // At zero the root has no slope: a 1 stands in below it, so that 0 and not NaN flows back.
  const zero = total.eq(0);
  const safe = total.maskedFill(zero, 1);
  return (p === 2 ? safe.sqrt() : safe.pow(1 / p)).maskedFill(zero, 0);
}

export function order(x: Tensor, dim: number, descending: boolean): Tensor {
  const d = normalizeDim('sort', dim, x.ndim, x.shape);
  if (x.ndim === 0) return x.filled([], 0, 'int32');
  return apply(ops.argsort, [x], { dim: d, descending });
}

export function topk(x: Tensor, k: number, dim: number, largest: boolean): { values: Tensor; indices: Tensor } {
  const d = normalizeDim('topk', dim, x.ndim, x.shape);
  const n = x.ndim === 0 ? 1 : x.shape[d];
  if (!Number.isInteger(k) || k < 0 || k > n)
    throw new ArgumentError(`topk: expected k in 0..${n}, the size of dim ${dim}, got ${k}`);
  const indices = order(x, dim, largest);
  if (x.ndim === 0) return { values: x.clone(), indices };
  const first = indices.narrow(d, 0, k);
  return { values: x.gather(d, first), indices: first };
}

/** An operation along one dim; a scalar is taken as one element. */
export function scan(op: Computed<ops.DimAttrs>, x: Tensor, dim: number): Tensor {
  const d = normalizeDim(op.name, dim, x.ndim, x.shape);
  return x.ndim > 0 ? apply(op, [x], { dim: d }) : apply(op, [x.reshape([1])], { dim: 0 }).reshape([]);
}

export const anyOf = (x: Tensor, dim: Dims, keepdim: boolean): Tensor =>
  reduce(ops.sum, x.ne(0).to('int32'), dim, keepdim).gt(0);

export const everyOf = (x: Tensor, dim: Dims, keepdim: boolean): Tensor =>
  reduce(ops.sum, x.eq(0).to('int32'), dim, keepdim).eq(0);
