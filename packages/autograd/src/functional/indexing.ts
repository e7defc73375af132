import { ArgumentError, broadcastAll, DTypeError, flatData, IndexError, ShapeError, showShape } from '@tapegrad/tensor';
import { isRecorded } from '../tape/observer.ts';
import type { Tensor } from '../tensor.ts';
import { checkTensor } from './operands.ts';

/**
 * What `at` takes per axis: a position, `[start?, stop?, step?]`, a new axis, the rest, or a tensor of ids or a mask.
 */
export type Index = number | readonly (number | undefined)[] | null | '...' | Tensor;

/** Ids of the positions of one dim, to be broadcast with those of the other picked dims. */
interface Picked {
  readonly dim: number;
  readonly ids: Tensor;
}

/**
 * Picks by one index per axis. Integers select, slices and new axes keep their place; id tensors broadcast together and
 * their dims stand where the first of them was, or in front when a slice lies between them (as in NumPy).
 */
export function at(x: Tensor, indices: readonly Index[]): Tensor {
  let y = x;
  let dim = 0; // of y
  let axis = 0; // of x
  const picked: Picked[] = [];
  for (const index of fillEllipsis(x, indices)) {
    if (index === null) y = y.unsqueeze(dim++);
    else if (typeof index === 'number') {
      checkPosition(index, y.shape[dim], axis++);
      y = y.select(dim, index);
    } else if (Array.isArray(index)) {
      if (index.length > 3)
        throw new ArgumentError(
          `at: expected [start, stop, step], got ${index.length} numbers; ids are a tensor: tensor([…], { dtype: 'int32' })`,
        );
      y = y.slice(dim++, index[0], index[1], index[2]);
      axis++;
    } else {
      const all = idsOf(x, axis, index as Tensor);
      for (const ids of all) picked.push({ dim: dim++, ids });
      axis += all.length;
    }
  }
  return picked.length === 0 ? y : pick(y, picked);
}

function checkPosition(index: number, size: number, dim: number): void {
  if (!Number.isInteger(index) || index < -size || index >= size)
    throw new IndexError(`at: index ${index} is out of range for dim ${dim} of size ${size}`);
}

/** The indices with '...' replaced by as many whole axes as are left. */
function fillEllipsis(x: Tensor, indices: readonly Index[]): Index[] {
  const used = indices.reduce<number>((n, index) => n + axesOf(index), 0);
  if (used > x.ndim)
    throw new IndexError(`at: ${used} indices are too many for shape ${showShape(x.shape)} of ${x.ndim} dims`);
  const first = indices.indexOf('...');
  if (first < 0) return indices.slice();
  if (indices.lastIndexOf('...') !== first) throw new IndexError("at: expected at most one '...', got several");
  const whole = new Array<Index>(x.ndim - used).fill([]);
  return [...indices.slice(0, first), ...whole, ...indices.slice(first + 1)];
}

function axesOf(index: Index): number {
  if (index === null || index === '...') return 0;
  if (typeof index === 'number' || Array.isArray(index)) return 1;
  checkTensor('at', 'an index', index, "a number, an array, null, '...' or a tensor");
  return index.dtype === 'bool' ? index.ndim : 1;
}

/** The positions that a tensor index names: ids counted from the front, or those where a mask is true, dim by dim. */
function idsOf(x: Tensor, dim: number, index: Tensor): Tensor[] {
  if (index.dtype === 'bool') return positionsWhere(x, dim, index);
  if (index.dtype !== 'int32')
    throw new DTypeError(`at: expected an int32 or bool tensor as an index, got dtype ${index.dtype}`);
  return [countedFromFront(index, x.shape[dim], dim)];
}

function countedFromFront(ids: Tensor, size: number, dim: number): Tensor {
  const data = flatData(ids.value);
  let mayBeNegative = isRecorded();
  for (let i = 0; i < data.length; i++) {
    checkPosition(data[i], size, dim);
    if (data[i] < 0) mayBeNegative = true;
  }
  return mayBeNegative ? ids.lt(0).choose(ids.add(size), ids) : ids;
}

function positionsWhere(x: Tensor, dim: number, mask: Tensor): Tensor[] {
  const { shape, data } = mask;
  if (shape.length === 0) throw new ShapeError('at: expected a mask with at least one dim, got a scalar, shape []');
  if (shape.some((n: number, d: number) => n !== x.shape[dim + d]))
    throw new ShapeError(`at: a mask of shape ${showShape(shape)} does not fit dims ${dim}… of ${showShape(x.shape)}`);
  const found: number[] = [];
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) found.push(i);
  let below = 1;
  const dims: Tensor[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    const [step, size] = [below, shape[d]];
    dims.unshift(mask.idsOf(Int32Array.from(found, i => Math.floor(i / step) % size)));
    below *= size;
  }
  return dims;
}

function pick(x: Tensor, picked: readonly Picked[]): Tensor {
  if (picked.length > 1) return pickTogether(x, picked);
  const [{ dim, ids }] = picked;
  const flat = x.indexSelect(dim, ids.reshape([-1]));
  return flat.reshape([...x.shape.slice(0, dim), ...ids.shape, ...x.shape.slice(dim + 1)]);
}

/** Where one of the ids, counted from the front, is no position of its dim. */
const outside = (x: Tensor, picked: readonly Picked[]): Tensor =>
  picked.map(({ dim, ids }): Tensor => ids.lt(0).logicalOr(ids.ge(x.shape[dim]))).reduce((a, b) => a.logicalOr(b));

/** Brings the picked dims to the front as one, selects from it, and moves the result to its place. */
function pickTogether(x: Tensor, picked: readonly Picked[]): Tensor {
  const dims = picked.map(p => p.dim);
  const rest = x.shape.map((_: number, d: number) => d).filter((d: number) => !dims.includes(d));
  const shape = broadcastAll(
    'at',
    picked.map(p => p.ids.shape),
  );
  let rows = picked[0].ids.expand(shape);
  for (const { dim, ids } of picked.slice(1)) rows = rows.mul(x.shape[dim]).add(ids);
  // The ids were checked one by one; who repeats this on others can check only the rows that come of them.
  if (isRecorded()) rows = rows.maskedFill(outside(x, picked), -1);
  const size = dims.reduce((n, d) => n * x.shape[d], 1);
  const restShape = rest.map((d: number) => x.shape[d]);
  const front = x.permute([...dims, ...rest]).reshape([size, ...restShape]);
  const result = front.indexSelect(0, rows.reshape([-1])).reshape([...shape, ...restShape]);
  const together = dims.every((d, i) => d === dims[0] + i);
  if (!together || dims[0] === 0) return result;
  const order = [...shape.keys(), ...rest.map((_: number, i: number) => shape.length + i)];
  const moved = order.splice(0, shape.length);
  order.splice(dims[0], 0, ...moved);
  return result.permute(order);
}
