import {
  ArgumentError,
  DTypeError,
  emptyArray,
  isFloat,
  type Shape,
  ShapeError,
  type Sizes,
  showShape,
  sizesOf,
  type WindowOptions,
  type Windows,
  windowsOf,
} from '@tapegrad/tensor';
import * as ops from '../primitives/convolution.ts';
import { apply } from '../tape/apply.ts';
import type { Tensor } from '../tensor.ts';
import { planeOf, planesLike, planesOf } from './convolution.ts';
import { cat } from './movement.ts';
import { checkOptions } from './operands.ts';

/** Options of pooling by the largest element. */
export interface MaxPoolOptions extends WindowOptions {
  /** Positions from one window to the next. Default: the kernel, so that the windows lie side by side. */
  readonly stride?: Sizes;
  /** Count a window too that begins within the input and its padding and goes beyond the end. Default false. */
  readonly ceilMode?: boolean;
}

/** Options of pooling by the mean. */
export interface AvgPoolOptions extends Omit<MaxPoolOptions, 'dilation'> {
  /** Whether the mean is also over the zeros of the padding. Default true. */
  readonly countIncludePad?: boolean;
  /** What sums are divided by, in place of the number of elements. */
  readonly divisorOverride?: number;
}

type Rank = 1 | 2;

function windowsOfPool(op: string, input: Shape, kernel: Sizes, options: MaxPoolOptions): Windows {
  const rank = input.length;
  const size = sizesOf(op, 'the kernel', kernel, rank, 1);
  const { stride = size, padding = 0, dilation = 1, ceilMode = false } = checkOptions(op, options);
  const pads = sizesOf(op, 'padding', padding, rank, 0);
  const steps = sizesOf(op, 'stride', stride, rank, 1);
  const gaps = sizesOf(op, 'dilation', dilation, rank, 1);
  // So that every window sees an element.
  if (pads.some((n, d) => 2 * n > gaps[d] * (size[d] - 1) + 1))
    throw new ArgumentError(
      `${op}: expected padding of at most half the kernel, ${showShape(size)}, got ${showShape(pads)}`,
    );
  const windows = windowsOf(op, input, size, steps, pads, gaps, ceilMode);
  // With gaps a window may begin in the padding and step over all that there is.
  for (const d of [0, 1] as const)
    if (windows.dilation[d] > 1 && countsAlong(windows, d, false).includes(0))
      throw new ShapeError(
        `${op}: a window of kernel ${showShape(size)}, dilation ${showShape(gaps)} and padding ${showShape(pads)} sees nothing of an input of ${showShape(input)}`,
      );
  return windows;
}

function checkNumbers(op: string, x: Tensor): void {
  if (x.dtype === 'bool') throw new DTypeError(`${op}: expected numbers, got a bool tensor; use to()`);
}

/** The largest element that each window sees; its gradient goes to the first of equals. */
export function maxPool(op: string, rank: Rank, x: Tensor, kernel: Sizes, options: MaxPoolOptions): Tensor {
  const planes = planesOf(op, x, rank, checkNumbers);
  const windows = windowsOfPool(op, planeOf(x, rank), kernel, options);
  const lead: Shape = planes.shape.slice(0, 2);
  const positions = apply(ops.maxPositions, [planes], { windows });
  const largest = planes.flatten(2).gather(2, positions.flatten(2));
  return planesLike(x, largest.reshape([...lead, ...windows.output]), rank);
}

/** The mean of what each window sees; of integers without its fraction, as in PyTorch. */
export function avgPool(op: string, rank: Rank, x: Tensor, kernel: Sizes, options: AvgPoolOptions): Tensor {
  const planes = planesOf(op, x, rank, checkNumbers);
  const { countIncludePad = true, divisorOverride } = checkOptions(op, options);
  if (divisorOverride !== undefined && !(Number.isFinite(divisorOverride) && divisorOverride !== 0))
    throw new ArgumentError(`${op}: expected divisorOverride to be a number other than 0, got ${divisorOverride}`);
  const windows = windowsOfPool(op, planeOf(x, rank), kernel, options);
  const sums = apply(ops.sumWindows, [isFloat(x.dtype) ? planes : planes.to('float64')], { windows });
  const means =
    divisorOverride === undefined ? divideByCounts(sums, windows, countIncludePad) : sums.div(divisorOverride);
  return planesLike(x, isFloat(x.dtype) ? means : means.trunc().to(x.dtype), rank);
}

/** How many positions each window along dim d has, within the plane or with the padding. */
function countsAlong(
  { input, output, kernel, stride, padding, dilation }: Windows,
  d: 0 | 1,
  withPadding: boolean,
): number[] {
  const [low, high] = withPadding ? [-padding[d], input[d] + padding[d]] : [0, input[d]];
  return Array.from({ length: output[d] }, (_, i) => {
    const begin = i * stride[d] - padding[d];
    const first = Math.max(0, Math.ceil((low - begin) / dilation[d]));
    return Math.max(0, Math.min(kernel[d], Math.ceil((high - begin) / dilation[d])) - first);
  });
}

function divideByCounts(sums: Tensor, windows: Windows, withPadding: boolean): Tensor {
  const [down, across] = [countsAlong(windows, 0, withPadding), countsAlong(windows, 1, withPadding)];
  const whole = windows.kernel[0] * windows.kernel[1];
  if ([...down].every(n => n === windows.kernel[0]) && across.every(n => n === windows.kernel[1]))
    return sums.div(whole);
  const counts = emptyArray(windows.output, sums.dtype);
  for (let i = 0, o = 0; i < down.length; i++)
    for (let j = 0; j < across.length; j++) counts.buffer[o++] = down[i] * across[j];
  return sums.div(sums.fresh(counts));
}

/**
 * Means over windows that divide a plane into the sizes given, as evenly as they can: the i-th of n along H positions begins at
 * floor(i H / n) and ends at ceil((i + 1) H / n).
 */
export function adaptiveAvgPool(op: string, x: Tensor, size: number | readonly (number | null)[]): Tensor {
  const planes = planesOf(op, x, 2);
  const [H, W] = planeOf(x, 2);
  const given = typeof size === 'number' ? [size, size] : size;
  if (!Array.isArray(given) || given.length !== 2)
    throw new ArgumentError(`${op}: expected a size or two of them, got ${JSON.stringify(size)}`);
  const [h, w] = sizesOf(op, 'the size', [given[0] ?? H, given[1] ?? W], 2, 1);
  if (H % h === 0 && W % w === 0) return avgPool(op, 2, x, [H / h, W / w], {});
  return planesLike(x, meansAlong(meansAlong(planes, 2, h), 3, w), 2);
}

/** The means of n windows along one dim. */
function meansAlong(x: Tensor, dim: number, n: number): Tensor {
  const size = x.shape[dim];
  if (n === size) return x;
  const parts = Array.from({ length: n }, (_, i): Tensor => {
    const [first, end] = [Math.floor((i * size) / n), Math.ceil(((i + 1) * size) / n)];
    return x.narrow(dim, first, end - first).mean(dim, { keepdim: true });
  });
  return cat(parts, dim);
}
