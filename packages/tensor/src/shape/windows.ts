import { ArgumentError, ShapeError } from '../errors.ts';
import { showShape } from './shape.ts';

/** A number for height and one for width; what has no height has 1 there. */
export type Pair = readonly [height: number, width: number];

/** One whole number for all dims, or one for each. */
export type Sizes = number | readonly number[];

/** How windows lie over planes: the window at (i, j) sees position i · stride - padding + k · dilation, for k in the kernel. */
export interface Windows {
  /** The sizes of a plane. */
  readonly input: Pair;
  /** How many windows there are. */
  readonly output: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  /** What is added before the first position; after the last one there is as much as the windows need. */
  readonly padding: Pair;
  readonly dilation: Pair;
}

export interface WindowOptions {
  /** Positions from one window to the next. */
  readonly stride?: Sizes;
  /** Positions that are added at both ends. Default 0. */
  readonly padding?: Sizes;
  /** Positions from one element of a window to the next. Default 1. */
  readonly dilation?: Sizes;
}

/** One number for each of n dims, each a whole one of `least` or more. */
export function sizesOf(op: string, name: string, given: Sizes, n: number, least: number): readonly number[] {
  const list = typeof given === 'number' ? new Array<number>(n).fill(given) : given;
  if (Array.isArray(list) && list.length === n && list.every(size => Number.isInteger(size) && size >= least))
    return list;
  const got = Array.isArray(given) ? showShape(given) : String(given);
  throw new ArgumentError(
    `${op}: expected ${name} to be a whole number from ${least}${n === 1 ? '' : `, or ${n} of them`}, got ${got}`,
  );
}

/** The last of one or two numbers, and the one before it, or `fill`. */
const pairOf = (list: readonly number[], fill: number): Pair =>
  list.length === 1 ? [fill, list[0]] : [list[0], list[1]];

/** Windows of one dim or two, as windows of two. */
export const windowsIn = (
  input: readonly number[],
  output: readonly number[],
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
): Windows => ({
  input: pairOf(input, 1),
  output: pairOf(output, 1),
  kernel: pairOf(kernel, 1),
  stride: pairOf(stride, 1),
  padding: pairOf(padding, 0),
  dilation: pairOf(dilation, 1),
});

/**
 * How many windows fit into n positions with padding at both ends: floor((n + 2 padding - span) / stride) + 1, where a window
 * spans dilation · (kernel - 1) + 1; or rounded up, but for a window that would begin behind the last position.
 */
export function countWindows(
  n: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): number {
  const free = n + 2 * padding - dilation * (kernel - 1) - 1;
  if (!ceilMode) return Math.floor(free / stride) + 1;
  const count = Math.ceil(free / stride) + 1;
  return (count - 1) * stride >= n + padding ? count - 1 : count;
}

/** The windows over planes of the sizes `input`, of one or two dims. */
export function windowsOf(
  op: string,
  input: readonly number[],
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  ceilMode = false,
): Windows {
  const output = input.map((n, d) => countWindows(n, kernel[d], stride[d], padding[d], dilation[d], ceilMode));
  if (output.some(n => n < 1))
    throw new ShapeError(
      `${op}: a kernel of ${showShape(kernel)} with dilation ${showShape(dilation)} does not fit into ` +
        `an input of ${showShape(input)} with padding ${showShape(padding)}`,
    );
  return windowsIn(input, output, kernel, stride, padding, dilation);
}
