import {
  ArgumentError,
  checkExpand,
  chunkSizes,
  flattenShape,
  normalizeDim,
  permuteDims,
  promote,
  resolveReshape,
  type Shape,
  ShapeError,
  sameShape,
  showShape,
  splitSizes,
  squeezeShape,
  stackShape,
  tileShape,
  transposeDims,
  unsqueezeShape,
} from '@tapegrad/tensor';
import * as ops from '../primitives/movement.ts';
import { apply } from '../tape/apply.ts';
import type { Tensor } from '../tensor.ts';
import { checkDims, checkList, checkTensors } from './operands.ts';

/** A view where the elements lie in row-major order, else of a copy in which they do. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  checkList('reshape', 'the shape', shape);
  const to = resolveReshape(x.shape, shape);
  return sameShape(to, x.shape) ? x : reshapeTo(x, to);
}

const reshapeTo = (x: Tensor, shape: Shape): Tensor =>
  apply(ops.reshape, [x.value.contiguous ? x : x.clone()], { shape });

export const flatten = (x: Tensor, start: number, end: number): Tensor => {
  const to = flattenShape(x.shape, start, end);
  return sameShape(to, x.shape) ? x : reshapeTo(x, to);
};

/** Dims of size 1 come and go without a copy, whatever the strides. */
export function squeeze(x: Tensor, dim: number | readonly number[] | undefined): Tensor {
  checkDims('squeeze', dim);
  const to = squeezeShape(x.shape, dim);
  return to.length === x.ndim ? x : x.value.contiguous ? reshapeTo(x, to) : dropOnes(x, dim);
}

function dropOnes(x: Tensor, dim: number | readonly number[] | undefined): Tensor {
  const given =
    dim === undefined ? undefined : (typeof dim === 'number' ? [dim] : dim).map(d => (d < 0 ? d + x.ndim : d));
  const keep: number[] = [];
  for (let d = 0; d < x.ndim; d++) if (x.shape[d] !== 1 || (given !== undefined && !given.includes(d))) keep.push(d);
  let y = x;
  for (let d = x.ndim - 1; d >= 0; d--) if (!keep.includes(d)) y = apply(ops.select, [y], { dim: d, index: 0 });
  return y;
}

export function unsqueeze(x: Tensor, dim: number): Tensor {
  const to = unsqueezeShape(x.shape, dim);
  if (x.value.contiguous) return reshapeTo(x, to);
  const order = x.shape.map((_: number, d: number) => d + 1);
  order.splice(dim < 0 ? dim + to.length : dim, 0, 0);
  return permute(expand(x, [1, ...x.shape]), order);
}

export function permute(x: Tensor, dims: readonly number[]): Tensor {
  checkList('permute', 'the dims', dims);
  return apply(ops.permute, [x], { dims: permuteDims('permute', dims, x.shape) });
}

export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const dims = transposeDims('transpose', dim0, dim1, x.shape);
  return apply(ops.permute, [x], { dims });
}

export function transposeMatrix(x: Tensor): Tensor {
  if (x.ndim > 2) throw new ShapeError(`t: expected at most two dims, got shape ${showShape(x.shape)}; use transpose`);
  return x.ndim < 2 ? x : transpose(x, 0, 1);
}

export function expand(x: Tensor, shape: readonly number[]): Tensor {
  checkList('expand', 'the shape', shape);
  const to = checkExpand('expand', x.shape, shape);
  return sameShape(to, x.shape) ? x : apply(ops.expand, [x], { shape: to });
}

/** The sum over what a tensor of `shape` was repeated along to broadcast to this: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.ndim - shape.length;
  const dims: number[] = [];
  for (let d = 0; d < x.ndim; d++) if (d < lead || (shape[d - lead] === 1 && x.shape[d] !== 1)) dims.push(d);
  const sum = x.sum(dims, { keepdim: lead === 0 });
  return sameShape(sum.shape, shape) ? sum : sum.reshape(shape);
}

export function flip(x: Tensor, dims: readonly number[]): Tensor {
  checkList('flip', 'the dims', dims);
  const normal = dims.map(d => normalizeDim('flip', d, x.ndim, x.shape));
  if (new Set(normal).size !== normal.length)
    throw new ShapeError(`flip: dims [${dims.join(', ')}] name a dim twice, for shape ${showShape(x.shape)}`);
  return normal.length === 0 ? x : apply(ops.flip, [x], { dims: normal });
}

export function roll(
  x: Tensor,
  shifts: number | readonly number[],
  dims: number | readonly number[] | undefined,
): Tensor {
  if (dims === undefined) {
    if (typeof shifts !== 'number') throw new ArgumentError('roll: expected one shift where no dims are named');
    return roll(x.reshape([-1]), shifts, 0).reshape(x.shape);
  }
  const by = typeof shifts === 'number' ? [shifts] : shifts;
  const along = typeof dims === 'number' ? [dims] : dims;
  checkList('roll', 'the shifts', by);
  checkList('roll', 'the dims', along);
  if (by.some(n => !Number.isInteger(n)))
    throw new ArgumentError(`roll: expected whole numbers to shift by, got [${by.join(', ')}]`);
  if (by.length !== along.length)
    throw new ArgumentError(`roll: expected as many shifts as dims, got ${by.length} and ${along.length}`);
  let y = x;
  along.forEach((dim, i) => {
    const d = normalizeDim('roll', dim, x.ndim, x.shape);
    const n = x.shape[d];
    const start = n === 0 ? 0 : (n - (((by[i] % n) + n) % n)) % n;
    if (start > 0) y = cat([y.narrow(d, start, n - start), y.narrow(d, 0, start)], d);
  });
  return y === x ? x.clone() : y;
}

export function tile(x: Tensor, reps: readonly number[]): Tensor {
  checkList('tile', 'the repetitions', reps);
  const to = tileShape(x.shape, reps);
  const ndim = to.length;
  const sizes = [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];
  const times = [...new Array<number>(ndim - reps.length).fill(1), ...reps];
  const spread = sizes.flatMap(n => [1, n]);
  const repeated = sizes.flatMap((n, d) => [times[d], n]);
  const tiled = x.reshape(spread).expand(repeated).reshape(to);
  return tiled.value.base === x.value.base ? tiled.clone() : tiled;
}

const isNothing = ({ shape }: Tensor): boolean => shape.length === 1 && shape[0] === 0;

/** The tensors one after the other along `dim`, promoted to one dtype; those of shape [0] go with any, as in PyTorch. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors('cat', tensors);
  const dtype = tensors.map(x => x.dtype).reduce(promote);
  const first = tensors.find(x => !isNothing(x)) ?? tensors[0];
  const d = normalizeDim('cat', dim, first.ndim, first.shape);
  if (tensors.length === 1) return first.clone();
  const nothing = first.shape.map((n: number, k: number) => (k === d ? 0 : n));
  const parts = tensors.map(x => (isNothing(x) ? reshape(x, nothing) : x));
  const sizes = parts.map(x => x.shape[d]);
  const starts = [0];
  for (const size of sizes) starts.push(starts[starts.length - 1] + size);
  return apply(
    ops.cat,
    parts.map(x => x.to(dtype)),
    { dim: d, starts, sizes },
  );
}

/** The tensors along a new dim. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors('stack', tensors);
  const to = stackShape(
    tensors.map(x => x.shape),
    dim,
  );
  const d = dim < 0 ? dim + to.length : dim;
  if (d < to.length - 1) return reshapeTo(cat(tensors, d), to);
  return cat(
    tensors.map(x => unsqueeze(x, d)),
    d,
  );
}

export function split(x: Tensor, sizeOrSizes: number | readonly number[], dim: number): Tensor[] {
  const d = normalizeDim('split', dim, x.ndim, x.shape);
  if (typeof sizeOrSizes !== 'number') checkList('split', 'the sizes', sizeOrSizes);
  return pieces(x, splitSizes('split', x.shape, sizeOrSizes, d), d);
}

export function chunk(x: Tensor, n: number, dim: number): Tensor[] {
  const d = normalizeDim('chunk', dim, x.ndim, x.shape);
  return pieces(x, chunkSizes(x.shape, n, d), d);
}

function pieces(x: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  let start = 0;
  return sizes.map(length => {
    const piece = apply(ops.slice, [x], { dim, start, length, step: 1 });
    start += length;
    return piece;
  });
}

export function unbind(x: Tensor, dim: number): Tensor[] {
  const d = normalizeDim('unbind', dim, x.ndim, x.shape);
  return Array.from({ length: x.shape[d] }, (_, index) => apply(ops.select, [x], { dim: d, index }));
}
