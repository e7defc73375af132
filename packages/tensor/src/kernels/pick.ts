import { IndexError } from '../errors.ts';
import type { NdArray } from '../ndarray.ts';
import { around } from '../shape/shape.ts';
import { contiguous, copyInto, copyLoop } from './copy.ts';
import { Rows } from './elementwise.ts';
import { addAtIds, addRow, firstOutside, pickByIds, putAtIds } from './ids.ts';

/** Throws unless every id lies in 0..size-1; nothing has been written by then. */
export function checkIds(op: string, ids: NdArray, size: number, what: string): void {
  if (ids.size === 0) return;
  const rows = new Rows(ids.shape, [ids.strides], [ids.offset]);
  do {
    const p = firstOutside(rows.length, ids.buffer, rows.at[0], rows.steps[0], size);
    if (p >= 0) throw new IndexError(`${op}: ids must lie in 0..${size - 1} (${what}), got ${ids.buffer[p]}`);
  } while (rows.next());
}

/** out[…, i, …] = a[…, ids[i], …] along `dim`; ids are one-dimensional and in range. */
export function indexSelectInto(out: NdArray, a: NdArray, ids: NdArray, dim: number): void {
  if (!a.contiguous && out.size < a.size) {
    selectEach(out, a, ids, dim);
    return;
  }
  const source = contiguous(a);
  const { outer, size, inner } = around(a.shape, dim);
  const [x, y, id, step] = [source.buffer, out.buffer, ids.buffer, ids.strides[0] ?? 0];
  const n = ids.size;
  let o = out.offset;
  for (let i = 0; i < outer; i++) {
    const p = source.offset + i * size * inner;
    if (inner === 1) pickByIds(n, y, o, x, p, 0, id, ids.offset, step, 1);
    else for (let k = 0; k < n; k++) copyLoop(inner, y, o + k * inner, x, p + id[ids.offset + k * step] * inner, 1);
    o += n * inner;
  }
}

/** The same, id by id through the strides: a few out of many overlapping windows are not worth a copy of them all. */
function selectEach(out: NdArray, a: NdArray, ids: NdArray, dim: number): void {
  const [id, step] = [ids.buffer, ids.strides[0] ?? 0];
  for (let k = 0, t = ids.offset; k < ids.size; k++, t += step)
    copyInto(sliceView(out, dim, k, 1, 1), sliceView(a, dim, id[t], 1, 1));
}

/** out = base, then out[…, ids[i], …] += source[…, i, …] along `dim`; `out` may be `base` itself. */
export function indexAddInto(out: NdArray, base: NdArray, source: NdArray, ids: NdArray, dim: number): void {
  if (out !== base) copyInto(out, base);
  const g = contiguous(source);
  const { outer, size, inner } = around(base.shape, dim);
  const [x, y, id, step] = [g.buffer, out.buffer, ids.buffer, ids.strides[0] ?? 0];
  const n = ids.size;
  let p = g.offset;
  for (let i = 0; i < outer; i++) {
    const o = out.offset + i * size * inner;
    if (inner === 1) addAtIds(n, y, o, 0, x, p, 1, id, ids.offset, step, 1);
    else for (let k = 0; k < n; k++) addRow(inner, y, o + id[ids.offset + k * step] * inner, 1, x, p + k * inner, 1);
    p += n * inner;
  }
}

/** The strides of `a` with that of `dim` set to 0: where an element goes is then up to its id. */
function stridesBut(a: NdArray, dim: number): number[] {
  const strides = a.strides.slice();
  strides[dim] = 0;
  return strides;
}

/** out[i, j, …] = a[i, …, ids[i, j, …], …] along `dim`; the other dims of ids are at most those of a. */
export function gatherInto(out: NdArray, a: NdArray, ids: NdArray, dim: number): void {
  if (out.size === 0) return;
  const rows = new Rows(ids.shape, [stridesBut(a, dim), ids.strides], [a.offset, ids.offset]);
  const [x, y, id, jump] = [a.buffer, out.buffer, ids.buffer, a.strides[dim]];
  const [sx, si] = rows.steps;
  let o = out.offset;
  do {
    pickByIds(rows.length, y, o, x, rows.at[0], sx, id, rows.at[1], si, jump);
    o += rows.length;
  } while (rows.next());
}

/** out = base, then out[i, …, ids[i, j, …], …] = (or += when `adds`) source[i, j, …]; `out` may be `base` itself. */
export function scatterInto(
  out: NdArray,
  base: NdArray,
  source: NdArray,
  ids: NdArray,
  dim: number,
  adds: boolean,
): void {
  if (out !== base) copyInto(out, base);
  if (ids.size === 0) return;
  const strides = [stridesBut(out, dim), source.strides, ids.strides];
  const rows = new Rows(ids.shape, strides, [out.offset, source.offset, ids.offset]);
  const [y, x, id, jump] = [out.buffer, source.buffer, ids.buffer, out.strides[dim]];
  const [sy, sx, si] = rows.steps;
  const { length, at } = rows;
  const loop = adds ? addAtIds : putAtIds;
  do loop(length, y, at[0], sy, x, at[1], sx, id, at[2], si, jump);
  while (rows.next());
}

/** The part of `a` at start, start + step, … along `dim`, as a view of `length` there. */
export function sliceView(a: NdArray, dim: number, start: number, length: number, step: number): NdArray {
  const shape = a.shape.slice();
  const strides = a.strides.slice();
  shape[dim] = length;
  strides[dim] *= step;
  return a.view(shape, strides, a.offset + (length === 0 ? 0 : start * a.strides[dim]));
}

/** out = base, then source added to the slice of it along `dim`; `out` may be `base` itself. */
export function sliceAddInto(
  out: NdArray,
  base: NdArray,
  source: NdArray,
  dim: number,
  start: number,
  step: number,
): void {
  if (out !== base) copyInto(out, base);
  if (source.size === 0) return;
  const target = sliceView(out, dim, start, source.shape[dim], step);
  const rows = new Rows(source.shape, [target.strides, source.strides], [target.offset, source.offset]);
  const [y, x] = [out.buffer, source.buffer];
  const [sy, sx] = rows.steps;
  do addRow(rows.length, y, rows.at[0], sy, x, rows.at[1], sx);
  while (rows.next());
}

/** `a` as the block of `out` that begins at `start`, one position for each dim, and `value` around it. */
export function padInto(out: NdArray, a: NdArray, start: readonly number[], value: number): void {
  out.buffer.fill(value, out.offset, out.offset + out.size);
  if (a.size === 0) return;
  const { strides } = out;
  let offset = out.offset;
  for (let d = 0; d < start.length; d++) offset += start[d] * strides[d];
  copyInto(out.view(a.shape, strides, offset), a);
}

/** The arrays one after the other along `dim`. */
export function catInto(out: NdArray, arrays: readonly NdArray[], dim: number): void {
  let start = 0;
  for (const a of arrays) {
    copyInto(sliceView(out, dim, start, a.shape[dim], 1), a);
    start += a.shape[dim];
  }
}
