import { type DType, type Shape, Tensor } from 'tapegrad';
import type { Closeness, Nested } from './case.ts';

/** A tensor as it was when it was read, by the path that leads to it. */
export interface Reading {
  readonly path: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: ArrayLike<number>;
}

/** Copies all tensors out, each with its path: `results[1].loss`. A null is a reading of its own. */
export function read(value: Nested, path = ''): (Reading | { readonly path: string; readonly data: null })[] {
  if (value === null) return [{ path, data: null }];
  if (value instanceof Tensor) return [{ path, shape: value.shape, dtype: value.dtype, data: value.data.slice() }];
  if (Array.isArray(value)) return value.flatMap((part: Nested, i) => read(part, `${path}[${i}]`));
  // Numbers and options are arguments that stay what they are.
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, part]) => read(part, path === '' ? key : `${path}.${key}`));
}

type Readings = ReturnType<typeof read>;

export interface Tolerance {
  readonly closeness: Closeness;
  /** What stands for 1e-5 in the closeness. */
  readonly share: number;
  /** Whether float32 and float64 count as one dtype. */
  readonly anyFloat?: boolean;
}

/** What is different, a line for each tensor: where, what was expected, what came, and how far apart they are. */
export function differences(expected: Readings, got: Readings, tolerance: Tolerance): string[] {
  const paths = (readings: Readings): string => readings.map(({ path }) => path).join(', ');
  if (paths(expected) !== paths(got)) return [`expected the tensors ${paths(expected)}, got ${paths(got)}`];
  return expected.flatMap((reading, i) => {
    const found = difference(reading, got[i], tolerance);
    return found === undefined ? [] : [`${reading.path}: ${found}`];
  });
}

function difference(expected: Readings[number], got: Readings[number], tolerance: Tolerance): string | undefined {
  if (expected.data === null || got.data === null) {
    const name = (reading: Readings[number]): string => (reading.data === null ? 'null' : 'a tensor');
    return expected.data === got.data ? undefined : `expected ${name(expected)}, got ${name(got)}`;
  }
  const kind = (dtype: DType): string =>
    tolerance.anyFloat === true && dtype.startsWith('float') ? 'a float' : `dtype ${dtype}`;
  if (kind(expected.dtype) !== kind(got.dtype)) return `expected ${kind(expected.dtype)}, got ${kind(got.dtype)}`;
  if (`${expected.shape}` !== `${got.shape}`) return `expected shape [${expected.shape}], got [${got.shape}]`;
  return worstElement(expected, got, tolerance);
}

/** The element that lies farthest beyond what is tolerated, and how many others do. */
function worstElement(expected: Reading, got: Reading, { closeness, share }: Tolerance): string | undefined {
  const allowed = tolerated(expected, closeness, share);
  let [worst, excess, wrong] = [-1, 0, 0];
  for (let i = 0; i < expected.data.length; i++) {
    const [e, g] = [expected.data[i], got.data[i]];
    if (Object.is(e, g) || (closeness !== 'bits' && e === g)) continue;
    const apart = Math.abs(e - g);
    if (closeness !== 'bits' && Number.isFinite(apart) && apart <= allowed(e)) continue;
    wrong++;
    const beyond = Number.isFinite(apart) ? apart - allowed(e) : Number.POSITIVE_INFINITY;
    if (worst < 0 || beyond > excess) [worst, excess] = [i, beyond];
  }
  if (worst < 0) return undefined;
  const [e, g] = [expected.data[worst], got.data[worst]];
  const many = wrong === 1 ? '' : `; ${wrong} of ${expected.data.length} elements differ`;
  return `element [${indexOf(worst, expected.shape)}]: expected ${show(e)}, got ${show(g)}, ${Math.abs(e - g)} apart where ${allowed(e)} is tolerated${many}`;
}

/** A number, with the sign of a zero. */
const show = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

/** How far from an expected element another may lie. Whole numbers and truths are what they are. */
function tolerated({ dtype, data }: Reading, closeness: Closeness, share: number): (expected: number) => number {
  if (closeness === 'bits' || dtype === 'int32' || dtype === 'bool') return () => 0;
  // Below the smallest normal number float32 has fewer digits, or none.
  if (closeness === 'relative') return e => share * Math.abs(e) + 2 ** -126;
  let largest = 0;
  for (let i = 0; i < data.length; i++) if (Number.isFinite(data[i])) largest = Math.max(largest, Math.abs(data[i]));
  if (closeness === 'largest') return () => share * largest;
  const floor = Math.min(1, largest);
  return e => share * Math.max(Math.abs(e), floor);
}

/** Where an element lies, by its number in row-major order. */
function indexOf(position: number, shape: Shape): number[] {
  const index: number[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(position % shape[d]);
    position = Math.floor(position / shape[d]);
  }
  return index;
}
