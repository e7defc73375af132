import type { NdArray } from '../ndarray.ts';
import type { Shape } from '../shape/shape.ts';
import type { BinaryLoop, UnaryLoop } from './loops.ts';

/** The strides of `a` seen as `shape`, which it broadcasts to: 0 along every dim that repeats. */
export function broadcastStrides(a: NdArray, shape: Shape): number[] {
  const lead = shape.length - a.ndim;
  const strides = new Array<number>(shape.length);
  for (let d = 0; d < shape.length; d++) strides[d] = d < lead || a.shape[d - lead] === 1 ? 0 : a.strides[d - lead];
  return strides;
}

/** Runs a loop over all of `a`, which broadcasts to the shape of `out`. `out` is contiguous. */
export function runUnary(loop: UnaryLoop, out: NdArray, a: NdArray): void {
  if (a.contiguous && a.size === out.size) loop(out.size, out.buffer, out.offset, a.buffer, a.offset, 1);
  else if (out.size > 0) {
    const rows = new Rows(out.shape, [broadcastStrides(a, out.shape)], [a.offset]);
    const { length, steps, at } = rows;
    let o = out.offset;
    do {
      loop(length, out.buffer, o, a.buffer, at[0], steps[0]);
      o += length;
    } while (rows.next());
  }
}

/** Runs a loop over `a` and `b`, which broadcast to the shape of `out`. `out` is contiguous and may be `a` itself. */
export function runBinary(loop: BinaryLoop, out: NdArray, a: NdArray, b: NdArray): void {
  const n = out.size;
  if (n === 0) return;
  const flat = a.contiguous && b.contiguous;
  if (flat && (a.size === n || a.size === 1) && (b.size === n || b.size === 1)) {
    const sa = a.size === n ? 1 : 0;
    const sb = b.size === n ? 1 : 0;
    loop(n, out.buffer, out.offset, a.buffer, a.offset, sa, b.buffer, b.offset, sb);
    return;
  }
  if (flat && a.size === n && isSuffix(b.shape, out.shape)) {
    for (let i = 0; i < n; i += b.size)
      loop(b.size, out.buffer, out.offset + i, a.buffer, a.offset + i, 1, b.buffer, b.offset, 1);
    return;
  }
  const rows = new Rows(
    out.shape,
    [broadcastStrides(a, out.shape), broadcastStrides(b, out.shape)],
    [a.offset, b.offset],
  );
  const { length, steps, at } = rows;
  let o = out.offset;
  do {
    loop(length, out.buffer, o, a.buffer, at[0], steps[0], b.buffer, at[1], steps[1]);
    o += length;
  } while (rows.next());
}

/** Whether the dims of `part` are the last ones of `shape`: a bias on rows, say. */
function isSuffix(part: Shape, shape: Shape): boolean {
  const lead = shape.length - part.length;
  for (let d = 0; d < part.length; d++) if (part[d] !== shape[lead + d]) return false;
  return true;
}

/**
 * Walks several strided operands of one shape row by row: `at` holds where the current row of each begins, `steps` how
 * far its elements lie apart. Dims that follow each other without a gap in every operand count as one.
 */
export class Rows {
  /** Elements in a row. */
  readonly length: number;
  readonly steps: readonly number[];
  readonly at: number[];
  readonly #sizes: number[] = [];
  readonly #strides: number[][] = [];
  readonly #counts: number[];

  constructor(shape: Shape, strides: readonly (readonly number[])[], offsets: readonly number[]) {
    const operands = strides.length;
    this.at = offsets.slice();
    for (let d = shape.length - 1; d >= 0; d--) {
      if (shape[d] === 1) continue;
      const last = this.#sizes.length - 1;
      let joins = last >= 0;
      for (let k = 0; joins && k < operands; k++) joins = strides[k][d] === this.#strides[last][k] * this.#sizes[last];
      if (joins) this.#sizes[last] *= shape[d];
      else {
        const step = new Array<number>(operands);
        for (let k = 0; k < operands; k++) step[k] = strides[k][d];
        this.#sizes.push(shape[d]);
        this.#strides.push(step);
      }
    }
    this.length = this.#sizes.length === 0 ? 1 : this.#sizes[0];
    this.steps = this.#sizes.length === 0 ? new Array(operands).fill(0) : this.#strides[0];
    this.#counts = new Array(this.#sizes.length).fill(0);
  }

  /** Moves to the next row; after the last it stands at the first again and gives false. */
  next(): boolean {
    const { at } = this;
    const counts = this.#counts;
    for (let d = 1; d < counts.length; d++) {
      const step = this.#strides[d];
      if (++counts[d] < this.#sizes[d]) {
        for (let k = 0; k < at.length; k++) at[k] += step[k];
        return true;
      }
      const back = this.#sizes[d] - 1;
      for (let k = 0; k < at.length; k++) at[k] -= step[k] * back;
      counts[d] = 0;
    }
    return false;
  }
}
