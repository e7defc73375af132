import type { NdArray } from '../ndarray.ts';
import type { Windows } from '../shape/windows.ts';
import { contiguous } from './copy.ts';

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

/** The sum of what each window sees. */
export function sumWindowsInto(out: NdArray, a: NdArray, windows: Windows): void {
  const x = contiguous(a);
  const [data, y, W] = [x.buffer, out.buffer, windows.input[1]];
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

/** The adjoint of `sumWindowsInto`: each element is the sum over the windows that see it. */
export function spreadWindowsInto(out: NdArray, g: NdArray, windows: Windows): void {
  const source = contiguous(g);
  const [data, x, W] = [source.buffer, out.buffer, windows.input[1]];
  x.fill(0, out.offset, out.offset + out.size);
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
