import type { TypedArray } from '../dtype.ts';
import type { NdArray } from '../ndarray.ts';
import type { Windows } from '../shape/windows.ts';
import { contiguous } from './copy.ts';
import { addRow } from './ids.ts';
import { plainSum } from './reduce.ts';

/** For each window along a dim where what it sees within the plane begins, and how many positions that are. */
interface Spans {
  readonly count: number;
  readonly first: Int32Array;
  readonly seen: Int32Array;
  /** From one position of a window to the next. */
  readonly step: number;
}

function spansOf({ input, output, kernel, stride, padding, dilation }: Windows, d: 0 | 1): Spans {
  const [count, step] = [output[d], dilation[d]];
  const [first, seen] = [new Int32Array(count), new Int32Array(count)];
  for (let i = 0; i < count; i++) {
    const begin = i * stride[d] - padding[d];
    first[i] = begin < 0 ? begin + Math.ceil(-begin / step) * step : begin;
    const end = Math.min(input[d], begin + (kernel[d] - 1) * step + 1);
    seen[i] = Math.max(0, Math.ceil((end - first[i]) / step));
  }
  return { count, first, seen, step };
}

/**
 * Visits each row of windows of each plane: `o` is where its results are, `plane` where the plane begins in x. The rows of the
 * plane that they see begin at `begin`, every `jump` elements, up to `end`.
 */
function eachRow(
  x: NdArray,
  windows: Windows,
  visit: (o: number, plane: number, begin: number, end: number, jump: number, across: Spans) => void,
): void {
  const [H, W] = windows.input;
  const [down, across] = [spansOf(windows, 0), spansOf(windows, 1)];
  const jump = down.step * W;
  let o = 0;
  for (let plane = x.offset; plane < x.offset + x.size; plane += H * W)
    for (let i = 0; i < down.count; i++, o += across.count) {
      const begin = plane + down.first[i] * W;
      visit(o, plane, begin, begin + down.seen[i] * jump, jump, across);
    }
}

/** What one column of all windows in a row sees: element `at` in the window `from`, and so on with the windows' stride. */
export interface Column {
  readonly from: number;
  readonly count: number;
  readonly at: number;
}

/**
 * The columns of the windows, from the left. Rows with many windows are faster column by column, for all windows at once,
 * than window by window; null where they are few beside what each of them sees.
 */
export function columnsOf({ input, output, kernel, stride, padding, dilation }: Windows): Column[] | null {
  const [W, n, step] = [input[1], output[1], stride[1]];
  if (n < kernel[1]) return null;
  return Array.from({ length: kernel[1] }, (_, l) => {
    const begin = l * dilation[1] - padding[1];
    const from = Math.max(0, Math.ceil(-begin / step));
    const end = Math.min(n, Math.floor((W - 1 - begin) / step) + 1);
    return { from, count: Math.max(0, end - from), at: begin + from * step };
  });
}

/**
 * The position in its plane, counted row by row, of the largest element that each window sees: the first of equals, and NaN
 * before all (the last of those), as in PyTorch.
 */
export function maxPositionsInto(out: NdArray, a: NdArray, windows: Windows): void {
  const x = contiguous(a);
  const [data, ids, stride] = [x.buffer, out.buffer, windows.stride[1]];
  const columns = columnsOf(windows);
  const largest = new Float64Array(windows.output[1]);
  eachRow(x, windows, (o, plane, begin, end, jump, { count, first, seen, step }) => {
    const to = out.offset + o;
    largest.fill(-Infinity);
    for (let j = 0; j < count; j++) ids[to + j] = begin - plane + first[j];
    for (let row = begin; row < end; row += jump)
      if (columns !== null)
        for (const { from, count: n, at } of columns)
          keepLargest(n, largest, from, 1, ids, to + from, data, row + at, stride, plane);
      else
        for (let j = 0; j < count; j++)
          keepLargest(seen[j], largest, j, 0, ids, to + j, data, row + first[j], step, plane);
  });
}

/**
 * Puts the elements of `a` that are larger in the place of those in `largest`, and where they lie after `plane` into `ids`.
 * With the step 0 all of them compete for one place. Float32 has a loop of its own, as in binary.ts.
 */
function keepLargest(
  n: number,
  largest: Float64Array,
  j: number,
  sj: 0 | 1,
  ids: TypedArray,
  o: number,
  a: TypedArray,
  p: number,
  sa: number,
  plane: number,
): void {
  // `not at most` is true for NaN too, and nothing but NaN comes after one.
  if (a instanceof Float32Array && ids instanceof Int32Array) {
    for (let i = 0; i < n; i++, j += sj, o += sj, p += sa)
      if (!(a[p] <= largest[j]) && (a[p] > largest[j] || Number.isNaN(a[p]))) {
        largest[j] = a[p];
        ids[o] = p - plane;
      }
  } else
    for (let i = 0; i < n; i++, j += sj, o += sj, p += sa)
      if (!(a[p] <= largest[j]) && (a[p] > largest[j] || Number.isNaN(a[p]))) {
        largest[j] = a[p];
        ids[o] = p - plane;
      }
}

/** The sum of what each window sees. */
export function sumWindowsInto(out: NdArray, a: NdArray, windows: Windows): void {
  const x = contiguous(a);
  const [data, y, stride] = [x.buffer, out.buffer, windows.stride[1]];
  const columns = columnsOf(windows);
  const sums = new Float64Array(windows.output[1]);
  eachRow(x, windows, (o, _, begin, end, jump, { count, first, seen, step }) => {
    sums.fill(0);
    for (let row = begin; row < end; row += jump)
      if (columns !== null)
        for (const { from, count: n, at } of columns) addToSums(n, sums, from, data, row + at, stride);
      else for (let j = 0; j < count; j++) sums[j] = plainSum(seen[j], sums[j], data, row + first[j], step);
    y.set(sums, out.offset + o);
  });
}

/** sums[j] += a[p], for `n` elements of `a`, `step` apart. Float32 has a loop of its own, as in binary.ts. */
function addToSums(n: number, sums: Float64Array, j: number, a: TypedArray, p: number, step: number): void {
  if (a instanceof Float32Array) for (let i = 0; i < n; i++, p += step) sums[j + i] += a[p];
  else for (let i = 0; i < n; i++, p += step) sums[j + i] += a[p];
}

/** The adjoint of `sumWindowsInto`: each element is the sum over the windows that see it, from the left. */
export function spreadWindowsInto(out: NdArray, g: NdArray, windows: Windows): void {
  const source = contiguous(g);
  const [data, x, stride] = [source.buffer, out.buffer, windows.stride[1]];
  // An element is in the last column of the first window that sees it.
  const columns = columnsOf(windows)?.reverse() ?? null;
  x.fill(0, out.offset, out.offset + out.size);
  eachRow(out, windows, (o, _, begin, end, jump, { count, first, seen, step }) => {
    const at = source.offset + o;
    for (let row = begin; row < end; row += jump)
      if (columns !== null)
        for (const column of columns) addRow(column.count, x, row + column.at, stride, data, at + column.from, 1);
      else for (let j = 0; j < count; j++) addRow(seen[j], x, row + first[j], step, data, at + j, 0);
  });
}
