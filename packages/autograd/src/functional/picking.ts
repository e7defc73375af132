import {
  ArgumentError,
  DTypeError,
  embeddingShape,
  flatData,
  IndexError,
  narrowStart,
  normalizeDim,
  normalizeIndex,
  type Shape,
  ShapeError,
  sameShape,
  showShape,
  sliceBounds,
  type TypedArray,
} from '@tapegrad/tensor';
import * as move from '../primitives/movement.ts';
import * as ops from '../primitives/picking.ts';
import { apply } from '../tape/apply.ts';
import type { Tensor } from '../tensor.ts';
import { checkList, checkTensor, constant, operand } from './operands.ts';

export function select(x: Tensor, dim: number, index: number): Tensor {
  checkHasDim('select', x);
  const d = normalizeDim('select', dim, x.ndim, x.shape);
  return apply(move.select, [x], { dim: d, index: normalizeIndex('select', index, x.shape[d], d) });
}

function checkHasDim(op: string, x: Tensor): void {
  if (x.ndim === 0) throw new ShapeError(`${op}: expected at least one dim, got a scalar, shape []`);
}

export function slice(x: Tensor, dim: number, start?: number, stop?: number, step = 1): Tensor {
  checkHasDim('slice', x);
  const d = normalizeDim('slice', dim, x.ndim, x.shape);
  const bounds = sliceBounds('slice', start, stop, step, x.shape[d]);
  if (bounds.length === x.shape[d]) return x;
  return apply(move.slice, [x], { dim: d, ...bounds, step });
}

export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  checkHasDim('narrow', x);
  const d = normalizeDim('narrow', dim, x.ndim, x.shape);
  const from = narrowStart(start, length, x.shape[d], d);
  if (length === x.shape[d]) return x;
  return apply(move.slice, [x], { dim: d, start: from, length, step: 1 });
}

/** Throws unless ids are an int32 tensor. */
export function checkIdTensor(op: string, ids: unknown): asserts ids is Tensor {
  checkTensor(op, 'ids', ids);
  if (ids.dtype !== 'int32')
    throw new DTypeError(
      `${op}: expected int32 ids, got dtype ${ids.dtype}; make them with { dtype: 'int32' } or to('int32')`,
    );
}

export function indexSelect(x: Tensor, dim: number, ids: Tensor): Tensor {
  checkIdTensor('indexSelect', ids);
  checkHasDim('indexSelect', x);
  return apply(ops.indexSelect, [x, ids], { dim: normalizeDim('indexSelect', dim, x.ndim, x.shape) });
}

export function gather(x: Tensor, dim: number, ids: Tensor): Tensor {
  checkIdTensor('gather', ids);
  checkHasDim('gather', x);
  return apply(ops.gather, [x, ids], { dim: normalizeDim('gather', dim, x.ndim, x.shape) });
}

export function scatter(x: Tensor, dim: number, ids: Tensor, source: Tensor | number, adds: boolean): Tensor {
  const op = adds ? ops.scatterAdd : ops.scatter;
  checkIdTensor(op.name, ids);
  checkHasDim(op.name, x);
  const y = typeof source === 'number' ? constant(op.name, x, source).expand(ids.shape) : operand(op.name, x, source);
  if (y.dtype !== x.dtype)
    throw new DTypeError(`${op.name}: expected a source of the tensor's dtype ${x.dtype}, got ${y.dtype}`);
  const attrs = { dim: normalizeDim(op.name, dim, x.ndim, x.shape) };
  // A sum of truths is counted, and then true where it is not 0.
  if (adds && x.dtype === 'bool') return apply(op, [x.to('int32'), ids, y.to('int32')], attrs).to('bool');
  return apply(op, [x, ids, y], attrs);
}

/** Elements by their number in row-major order; the result has the shape of `ids`. */
export function take(x: Tensor, ids: Tensor): Tensor {
  checkIdTensor('take', ids);
  const picked = apply(ops.indexSelect, [x.reshape([-1]), ids.reshape([-1])], { dim: 0, calledAs: 'take' });
  return picked.reshape(ids.shape);
}

/** Rows of `weight` (n, dim): the result has the shape of `ids` and the row's length behind it. */
export function embedding(ids: Tensor, weight: Tensor): Tensor {
  checkIdTensor('embedding', ids);
  checkTensor('embedding', 'weight', weight);
  const shape = embeddingShape(ids.shape, weight.shape);
  const attrs = { dim: 0, calledAs: 'embedding' };
  if (ids.ndim === 1) return apply(ops.indexSelect, [weight, ids], attrs);
  const rows = apply(ops.indexSelect, [weight, ids.reshape([-1])], attrs);
  return rows.reshape(shape);
}

/** 1 at the position of each id along a new last dim of size n, as int32. */
export function oneHot(ids: Tensor, n?: number): Tensor {
  checkIdTensor('oneHot', ids);
  const classes = n ?? largestOf(ids.data) + 1;
  if (!Number.isInteger(classes) || classes < 1)
    throw new ArgumentError(`oneHot: expected a number of classes of 1 or more, got ${n ?? 'none, for no ids'}`);
  const data = flatData(ids.value);
  for (let i = 0; i < data.length; i++)
    if (data[i] < 0 || data[i] >= classes)
      throw new IndexError(`oneHot: ids must lie in 0..${classes - 1}, got ${data[i]}`);
  return scatter(ids.filled([], 0).expand([...ids.shape, classes]), -1, ids.unsqueeze(-1), 1, false);
}

function largestOf(ids: TypedArray): number {
  let largest = -1;
  for (let i = 0; i < ids.length; i++) largest = Math.max(largest, ids[i]);
  return largest;
}

/** x followed by zeros along every dim, up to `shape`. */
export function padTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const after = shape.map((n, d) => n - x.shape[d]);
  return apply(move.pad, [x, x.filled([], 0)], { before: shape.map(() => 0), after });
}

/** What stands beyond the ends: a value, the mirror image, the last element, or the other end. */
export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

const padModes: readonly PadMode[] = ['constant', 'reflect', 'replicate', 'circular'];

/** PyTorch's order: [before, after] of the last dim, then of the one before it, and so on. Negative pads cut off. */
export function pad(x: Tensor, pads: readonly number[], mode: PadMode = 'constant', value = 0): Tensor {
  checkList('pad', 'the pads', pads);
  if (!padModes.includes(mode))
    throw new ArgumentError(`pad: expected a mode of ${padModes.join(', ')}, got ${JSON.stringify(mode)}`);
  const filler = constant('pad', x, value);
  if (pads.length % 2 !== 0 || pads.length > 2 * x.ndim || pads.some(n => !Number.isInteger(n)))
    throw new ArgumentError(
      `pad: expected pairs of whole numbers, at most ${x.ndim} for shape ${showShape(x.shape)}, got [${pads.join(', ')}]`,
    );
  let y = x;
  for (let i = 0; i < pads.length; i += 2) {
    const [dim, before, after] = [x.ndim - 1 - i / 2, pads[i], pads[i + 1]];
    checkCut(x.shape[dim], dim, before, after);
    if (mode === 'constant') y = cutDim(y, dim, before, after);
    // What is cut off is not wrapped around.
    else if (mode === 'circular')
      y = padDim(cutDim(y, dim, before, after), dim, Math.max(0, before), Math.max(0, after), mode);
    else y = padDim(y, dim, before, after, mode);
  }
  if (mode === 'constant') y = fillAround(y, pads, filler);
  return y === x ? x.clone() : y;
}

function checkCut(n: number, dim: number, before: number, after: number): void {
  if (n + before + after < 0 || -before > n || -after > n)
    throw new ShapeError(`pad: [${before}, ${after}] cuts off more than there is of dim ${dim}, of size ${n}`);
}

/** A view without what negative pads cut off. */
function cutDim(x: Tensor, dim: number, before: number, after: number): Tensor {
  const start = Math.max(0, -before);
  return x.narrow(dim, start, x.shape[dim] - start - Math.max(0, -after));
}

/** A copy with a value as often before and after each dim as positive pads say. */
function fillAround(x: Tensor, pads: readonly number[], value: Tensor): Tensor {
  const ends = (end: 0 | 1): number[] =>
    x.shape.map((_: number, d: number) => Math.max(0, pads[2 * (x.ndim - 1 - d) + end] ?? 0));
  return pads.some(n => n > 0) ? apply(move.pad, [x, value], { before: ends(0), after: ends(1) }) : x.clone();
}

function padDim(x: Tensor, dim: number, before: number, after: number, mode: PadMode): Tensor {
  const n = x.shape[dim];
  const reach = mode === 'reflect' ? n - 1 : mode === 'circular' ? n : Number.POSITIVE_INFINITY;
  if (before > reach || after > reach || n === 0)
    throw new ShapeError(`pad: ${mode} padding of [${before}, ${after}] is too large for dim ${dim} of size ${n}`);
  const ids = new Int32Array(n + before + after);
  for (let i = 0; i < ids.length; i++) {
    const p = i - before;
    if (mode === 'replicate') ids[i] = Math.min(Math.max(p, 0), n - 1);
    else if (mode === 'circular') ids[i] = ((p % n) + n) % n;
    else ids[i] = n === 1 ? 0 : p < 0 ? -p : p >= n ? 2 * (n - 1) - p : p;
  }
  return x.indexSelect(dim, x.idsOf(ids));
}
