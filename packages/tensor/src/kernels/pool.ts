import type { NdArray } from '../ndarray.ts';
import type { Windows } from '../shape/windows.ts';
import { contiguous } from './copy.ts';

/** The rows or columns of a window that lie within the plane: from `first` on, below `end`, `step` apart. */
interface Span {
  readonly first: number;
  readonly end: number;
  readonly step: number;
}

/** The spans of all windows along dim d. */
function spansOf({ input, output, kernel, stride, padding, dilation }: Windows, d: 0 | 1): Span[] {
  const step = dilation[d];
  return Array.from({ length: output[d] }, (_, i) => {
    const begin = i * stride[d] - padding[d];
    const first = begin < 0 ? begin + Math.ceil(-begin / step) * step : begin;
    return { first, end: Math.min(input[d], begin + (kernel[d] - 1) * step + 1), step };
  });
}

/** Visits the windows of all planes, in the order of their results: `plane` is where a plane begins in x. */
function eachWindow(
  x: NdArray,
  windows: Windows,
  visit: (o: number, plane: number, rows: Span, columns: Span) => void,
): void {
  const [H, W] = windows.input;
  const [down, across] = [spansOf(windows, 0), spansOf(windows, 1)];
  let o = 0;
  for (let plane = x.offset; plane < x.offset + x.size; plane += H * W)
    for (const rows of down) for (const columns of across) visit(o++, plane, rows, columns);
}

/**
 * The position in its plane, counted row by row, of the largest element that each window sees: the first of equals, and NaN
 * before all (the last of those), as in PyTorch.
 */
export function maxPositionsInto(out: NdArray, a: NdArray, windows: Windows): void {
  const x = contiguous(a);
  const [data, ids, W] = [x.buffer, out.buffer, windows.input[1]];
  eachWindow(x, windows, (o, plane, rows, columns) => {
    let best = rows.first * W + columns.first;
    let largest = -Infinity;
    for (let h = rows.first; h < rows.end; h += rows.step)
      for (let w = columns.first, p = plane + h * W + w; w < columns.end; w += columns.step, p += columns.step) {
        const v = data[p];
        // Nothing but another NaN comes after one.
        if (v > largest || Number.isNaN(v)) {
          largest = v;
          best = p - plane;
        }
      }
    ids[out.offset + o] = best;
  });
}

/** The sum of what each window sees. */
export function sumWindowsInto(out: NdArray, a: NdArray, windows: Windows): void {
  const x = contiguous(a);
  const [data, y, W] = [x.buffer, out.buffer, windows.input[1]];
  eachWindow(x, windows, (o, plane, rows, columns) => {
    let sum = 0;
    for (let h = rows.first; h < rows.end; h += rows.step)
      for (let w = columns.first, p = plane + h * W + w; w < columns.end; w += columns.step, p += columns.step)
        sum += data[p];
    y[out.offset + o] = sum;
  });
}

/** The adjoint of `sumWindowsInto`: each element is the sum over the windows that see it. */
export function spreadWindowsInto(out: NdArray, g: NdArray, windows: Windows): void {
  const source = contiguous(g);
  const [data, x, W] = [source.buffer, out.buffer, windows.input[1]];
  x.fill(0, out.offset, out.offset + out.size);
  eachWindow(out, windows, (o, plane, rows, columns) => {
    const v = data[source.offset + o];
    for (let h = rows.first; h < rows.end; h += rows.step)
      for (let w = columns.first, p = plane + h * W + w; w < columns.end; w += columns.step, p += columns.step)
        x[p] += v;
  });
}
