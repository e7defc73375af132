import type { TypedArray } from '../dtype.ts';
import type { NdArray } from '../ndarray.ts';
import type { Windows } from '../shape/windows.ts';
import { contiguous } from './copy.ts';
import { addRow } from './ids.ts';

/** For each window along a dim where what it sees within the plane begins, and behind what it ends. */
interface Spans {
  readonly count: number;
  readonly first: Int32Array;
  readonly end: Int32Array;
  /** From one position of a window to the next. */
  readonly step: number;
}

function spansOf({ input, output, kernel, stride, padding, dilation }: Windows, d: 0 | 1): Spans {
  const [count, step] = [output[d], dilation[d]];
  const [first, end] = [new Int32Array(count), new Int32Array(count)];
  for (let i = 0; i < count; i++) {
    const begin = i * stride[d] - padding[d];
    first[i] = begin < 0 ? begin + Math.ceil(-begin / step) * step : begin;
    end[i] = Math.min(input[d], begin + (kernel[d] - 1) * step + 1);
  }
  return { count, first, end, step };
}

/** Visits each row of windows of each plane: `o` is where its results are, `plane` where the plane begins in x. */
function eachRow(
  x: NdArray,
  windows: Windows,
  visit: (o: number, plane: number, first: number, end: number, step: number, across: Spans) => void,
): void {
  const [H, W] = windows.input;
  const [down, across] = [spansOf(windows, 0), spansOf(windows, 1)];
  let o = 0;
  for (let plane = x.offset; plane < x.offset + x.size; plane += H * W)
    for (let i = 0; i < down.count; i++, o += across.count)
      visit(o, plane, down.first[i], down.end[i], down.step, across);
}

/**
 * The position in its plane, counted row by row, of the largest element that each window sees: the first of equals, and NaN
 * before all (the last of those), as in PyTorch.
 */
export function maxPositionsInto(out: NdArray, a: NdArray, windows: Windows): void {
  const x = contiguous(a);
  const [data, ids, W] = [x.buffer, out.buffer, windows.input[1]];
  eachRow(x, windows, (o, plane, top, bottom, down, { count, first, end, step }) => {
    for (let j = 0; j < count; j++) {
      const [left, right] = [first[j], end[j]];
      let best = plane + top * W + left;
      let largest = -Infinity;
      for (let h = top; h < bottom; h += down) {
        const last = plane + h * W + right;
        for (let p = plane + h * W + left; p < last; p += step) {
          const v = data[p];
          // `not at most` is true for NaN too, and nothing but NaN comes after one.
          if (!(v <= largest) && (v > largest || Number.isNaN(v))) {
            largest = v;
            best = p;
          }
        }
      }
      ids[out.offset + o + j] = best - plane;
    }
  });
}

/** What one column of all windows in a row sees: element `at` in the window `from`, and so on with the windows' stride. */
export interface Column {
  readonly from: number;
  readonly count: number;
  readonly at: number;
}

/** Sums over rows of so many windows are faster column by column, for all windows at once, than window by window. */
const manyWindows = 32;

/** The columns of the windows, from the left; null where a row has few windows, or fewer than each has columns. */
export function columnsOf({ input, output, kernel, stride, padding, dilation }: Windows): Column[] | null {
  const [W, n, step] = [input[1], output[1], stride[1]];
  if (n < manyWindows || n < kernel[1]) return null;
  return Array.from({ length: kernel[1] }, (_, l) => {
    const begin = l * dilation[1] - padding[1];
    const from = Math.max(0, Math.ceil(-begin / step));
    const end = Math.min(n, Math.floor((W - 1 - begin) / step) + 1);
    return { from, count: Math.max(0, end - from), at: begin + from * step };
  });
}

/** The sum of what each window sees. */
export function sumWindowsInto(out: NdArray, a: NdArray, windows: Windows): void {
  const x = contiguous(a);
  const [data, y, W] = [x.buffer, out.buffer, windows.input[1]];
  const columns = columnsOf(windows);
  if (columns !== null) {
    const [sums, stride] = [new Float64Array(windows.output[1]), windows.stride[1]];
    eachRow(x, windows, (o, plane, top, bottom, down) => {
      sums.fill(0);
      for (let h = top; h < bottom; h += down)
        for (const { from, count, at } of columns) addToSums(count, sums, from, data, plane + h * W + at, stride);
      y.set(sums, out.offset + o);
    });
    return;
  }
  eachRow(x, windows, (o, plane, top, bottom, down, { count, first, end, step }) => {
    for (let j = 0; j < count; j++) {
      const [left, right] = [first[j], end[j]];
      let sum = 0;
      for (let h = top; h < bottom; h += down) {
        const last = plane + h * W + right;
        for (let p = plane + h * W + left; p < last; p += step) sum += data[p];
      }
      y[out.offset + o + j] = sum;
    }
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
  const [data, x, W] = [source.buffer, out.buffer, windows.input[1]];
  x.fill(0, out.offset, out.offset + out.size);
  // An element is in the last column of the first window that sees it.
  const columns = columnsOf(windows)?.reverse();
  if (columns !== undefined) {
    const stride = windows.stride[1];
    eachRow(out, windows, (o, plane, top, bottom, down) => {
      for (let h = top; h < bottom; h += down)
        for (const { from, count, at } of columns)
          addRow(count, x, plane + h * W + at, stride, data, source.offset + o + from, 1);
    });
    return;
  }
  eachRow(out, windows, (o, plane, top, bottom, down, { count, first, end, step }) => {
    for (let j = 0; j < count; j++) {
      const [left, right] = [first[j], end[j]];
      const v = data[source.offset + o + j];
      for (let h = top; h < bottom; h += down) {
        const last = plane + h * W + right;
        for (let p = plane + h * W + left; p < last; p += step) x[p] += v;
      }
    }
  });
}
