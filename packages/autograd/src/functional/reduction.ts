import { ArgumentError, normalizeDim, normalizeDims, ShapeError, showShape } from '@tapegrad/tensor';
import * as ops from '../primitives/reduction.ts';
import { apply } from '../tape/apply.ts';
import type { Computed } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import { checkDims, checkFloat, checkNumber, floating } from './operands.ts';

export type Dims = number | readonly number[] | undefined;

/** The largest (smallest) elements, whose gradient, if they are NaN, goes to those that are. */
function extremeOf(largest: boolean, x: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  return apply(largest ? ops.amax : ops.amin, [x], { dims, keepdim, nanShares: true });
}

export function reduce(op: Computed<ops.ReduceAttrs>, x: Tensor, dim: Dims, keepdim: boolean): Tensor {
  return apply(op, [x], { dims: dimsOf(op.name, dim, x), keepdim });
}

/** The place of a dim; a scalar counts as one element along dim 0, as in PyTorch. */
const dimOf = (op: string, dim: number, x: Tensor): number =>
  x.ndim === 0 && (dim === 0 || dim === -1) ? 0 : normalizeDim(op, dim, x.ndim, x.shape);

/** The places of the dims to reduce, ascending; none for a scalar. */
function dimsOf(op: string, dims: Dims, x: Tensor): number[] {
  checkDims(op, dims);
  if (x.ndim > 0 || dims === undefined) return normalizeDims(op, dims, x.shape);
  for (const dim of typeof dims === 'number' ? [dims] : dims) dimOf(op, dim, x);
  return [];
}

/** The option keepdim; a bare true in its place (as in PyTorch) would else be passed over in silence. */
export function keeps(op: string, options: { readonly keepdim?: boolean }): boolean {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`${op}: expected options such as { keepdim: true }, got ${String(options)}`);
  if (options.keepdim !== undefined) return options.keepdim;
  for (const name in options)
    if (name !== 'keepdim' && name !== 'correction')
      throw new ArgumentError(`${op}: expected options such as { keepdim: true }, got ${name}`);
  return false;
}

/** Sums and products of bools are counted in int32. */
export const counted = (x: Tensor): Tensor => (x.dtype === 'bool' ? x.to('int32') : x);

/** How many elements each result of a reduction is made from. */
function countOf(x: Tensor, dims: readonly number[]): number {
  let n = 1;
  for (const d of dims) n *= x.shape[d];
  return n;
}

export function mean(x: Tensor, dim: Dims, keepdim: boolean): Tensor {
  checkFloat('mean', x);
  const dims = dimsOf('mean', dim, x);
  return apply(ops.sum, [x], { dims, keepdim }).div(countOf(x, dims));
}

/**
 * sum((x - mean)^2) / (n - correction), from the differences and not from the squares, which would cancel. Of fewer elements
 * than the correction it is that of as many, infinite or NaN; the slope is, as in PyTorch, still that of the formula.
 */
export function variance(x: Tensor, dim: Dims, keepdim: boolean, correction: number): Tensor {
  checkFloat('variance', x);
  checkNumber('variance', 'correction', correction);
  const dims = dimsOf('variance', dim, x);
  const deviation = x.sub(mean(x, dims, true));
  const squares = apply(ops.sumSquares, [deviation], { dims, keepdim });
  const freedom = countOf(x, dims) - correction;
  if (freedom >= 0) return squares.div(freedom);
  const sloped = squares.div(freedom);
  return sloped.add(squares.detach().div(0).sub(sloped.detach()));
}

/** mean(x²). */
export const meanSquare = (x: Tensor, dims: readonly number[], keepdim: boolean): Tensor =>
  apply(ops.sumSquares, [x], { dims, keepdim }).div(countOf(x, dims));

export const std = (x: Tensor, dim: Dims, keepdim: boolean, correction: number): Tensor =>
  rootOrZero(variance(x, dim, keepdim, correction), t => t.sqrt());

/** A root, which has no slope at 0: a 1 stands in for zeros below it, so that 0 and not NaN flows back from there. */
const rootOrZero = (x: Tensor, root: (x: Tensor) => Tensor): Tensor => exceptAtZero(x, 0, root);

/** f(x), but `value` where x is 0, with no slope. */
function exceptAtZero(x: Tensor, value: number, f: (x: Tensor) => Tensor): Tensor {
  const zero = x.eq(0);
  return f(x.maskedFill(zero, 1)).maskedFill(zero, value);
}

/** 1 where x is not 0, else 0: a step function of x, with the gradient 0. */
const ofNonzero = (x: Tensor): Tensor => exceptAtZero(x, 0, t => t.maskedFill(t.ne(0), 1));

/** `max` and `min`: over one named dim the first winner gets the gradient, over all of it the ties share it. */
export function extreme(largest: boolean, x: Tensor, dim: number | undefined, keepdim: boolean): Tensor {
  const name = largest ? 'max' : 'min';
  const d = dim === undefined ? undefined : dimOf(name, dim, x);
  if (x.ndim === 0) return x.clone();
  const dims = d === undefined ? x.shape.map((_: number, k: number) => k) : [d];
  checkSome(name, x, dims);
  if (d === undefined) return extremeOf(largest, x, dims, keepdim);
  const op = largest ? ops.argmax : ops.argmin;
  const winners = x.gather(d, apply(op, [x], { dim: d }));
  return keepdim ? winners : winners.squeeze(d);
}

function checkSome(op: string, x: Tensor, dims: readonly number[]): void {
  if (countOf(x, dims) === 0)
    throw new ShapeError(`${op}: expected at least one element to choose from, got shape ${showShape(x.shape)}`);
}

export function argExtreme(op: Computed<ops.DimAttrs>, x: Tensor, dim: number | undefined, keepdim: boolean): Tensor {
  if (dim === undefined) {
    const winner = apply(op, [x.reshape([-1])], { dim: 0 });
    return winner.reshape(keepdim ? x.shape.map(() => 1) : []);
  }
  const d = dimOf(op.name, dim, x);
  const winners = apply(op, [x.ndim === 0 ? x.reshape([1]) : x], { dim: d });
  return keepdim && x.ndim > 0 ? winners : winners.squeeze(d);
}

/** max + log(sum(exp(x - max))); where the max is infinite nothing is subtracted. -Infinity of nothing. */
export function logsumexp(x: Tensor, dim: Dims, keepdim: boolean): Tensor {
  const dims = dimsOf('logsumexp', dim, x);
  const y = floating(x);
  if (countOf(y, dims) === 0) return reduce(ops.sum, y, dims, keepdim).log();
  const largest = reduce(ops.amax, y.detach(), dims, true);
  const shift = largest.maskedFill(largest.isInf(), 0);
  const sum = reduce(ops.sum, y.sub(shift).exp(), dims, true).log().add(shift);
  return keepdim ? sum : sum.squeeze(dims);
}

/**
 * (sum |x|^p)^(1/p); the gradient at a zero vector is 0. p may be 0 (a count), Infinity or -Infinity; with a negative p a zero
 * makes the norm 0.
 */
export function norm(x: Tensor, p: number, dim: Dims, keepdim: boolean): Tensor {
  checkFloat('norm', x);
  checkNumber('norm', 'p', p);
  if (Number.isNaN(p)) throw new ArgumentError('norm: expected a number p, got NaN');
  const dims = dimsOf('norm', dim, x);
  if (Math.abs(p) === Infinity) checkSome('norm', x, dims);
  if (Math.abs(p) === Infinity) return extremeOf(p > 0, x.abs(), dims, keepdim);
  if (p === 0) return reduce(ops.sum, ofNonzero(x), dims, keepdim);
  if (p === 1) return reduce(ops.sum, x.abs(), dims, keepdim);
  if (p === 2) return rootOrZero(reduce(ops.sumSquares, x, dims, keepdim), t => t.sqrt());
  if (p < 0 && countOf(x, dims) > 0) return inversePowers(x, p, dims, keepdim);
  const powers = p > 1 ? x.abs().pow(p) : rootOrZero(x.abs(), t => t.pow(p));
  return rootOrZero(reduce(ops.sum, powers, dims, keepdim), t => t.pow(1 / p));
}

/** The norm for a p below 0, by which a zero is infinite. */
function inversePowers(x: Tensor, p: number, dims: readonly number[], keepdim: boolean): Tensor {
  const powers = exceptAtZero(x.abs(), Infinity, t => t.pow(p));
  return reduce(ops.sum, powers, dims, keepdim).pow(1 / p);
}

export function order(op: string, x: Tensor, dim: number, descending: boolean): Tensor {
  const d = dimOf(op, dim, x);
  if (x.ndim === 0) return x.filled([], 0, 'int32');
  return apply(ops.argsort, [x], { dim: d, descending });
}

export function sort(x: Tensor, dim: number, descending: boolean): { values: Tensor; indices: Tensor } {
  const indices = order('sort', x, dim, descending);
  return { values: x.ndim === 0 ? x.clone() : x.gather(dim, indices), indices };
}

export function topk(x: Tensor, k: number, dim: number, largest: boolean): { values: Tensor; indices: Tensor } {
  const d = dimOf('topk', dim, x);
  const n = x.ndim === 0 ? 1 : x.shape[d];
  if (!Number.isInteger(k) || k < 0 || k > n)
    throw new ArgumentError(`topk: expected k in 0..${n}, the size of dim ${dim}, got ${k}`);
  if (x.ndim === 0) {
    const { values, indices } = topk(x.reshape([1]), k, 0, largest);
    return k === 1 ? { values: values.reshape([]), indices: indices.reshape([]) } : { values, indices };
  }
  const indices = apply(ops.topk, [x], { dim: d, k, largest });
  return { values: x.gather(d, indices), indices };
}

/** An operation along one dim; a scalar is taken as one element. */
export function scan(op: Computed<ops.DimAttrs>, x: Tensor, dim: number): Tensor {
  const d = dimOf(op.name, dim, x);
  return x.ndim > 0 ? apply(op, [x], { dim: d }) : apply(op, [x.reshape([1])], { dim: 0 }).reshape([]);
}

export const anyOf = (x: Tensor, dim: Dims, keepdim: boolean): Tensor => reduce(ops.any, x, dim, keepdim);

export const everyOf = (x: Tensor, dim: Dims, keepdim: boolean): Tensor => reduce(ops.all, x, dim, keepdim);
