import type { TypedArray } from '../dtype.ts';
import type { NdArray } from '../ndarray.ts';
import { Rows } from './elementwise.ts';
import { sumThroughVectors } from './vectors/loops.ts';

/** How a reduction folds elements together; it is carried in float64 whatever the dtype. */
interface Fold {
  /** The value of an empty reduction, which every other one starts from. */
  readonly start: number;
  /** Folds `n` elements, `step` apart, into `acc`. The cheap ones have a loop of their own for float32, as in binary.ts. */
  row(n: number, acc: number, a: TypedArray, p: number, step: number): number;
  /** Folds `n` neighbouring elements each into an accumulator of its own. */
  columns(n: number, acc: Float64Array, a: TypedArray, p: number): void;
}

/** Adds `n` elements to a sum. */
export function plainSum(n: number, acc: number, a: TypedArray, p: number, step: number): number {
  if (a instanceof Float32Array) for (let i = 0; i < n; i++, p += step) acc += a[p];
  else for (let i = 0; i < n; i++, p += step) acc += a[p];
  return acc;
}

/** Adds the squares of `n` elements to a sum. */
export function plainSumOfSquares(n: number, acc: number, a: TypedArray, p: number, step: number): number {
  if (a instanceof Float32Array)
    for (let i = 0; i < n; i++, p += step) {
      const x = a[p];
      acc += x * x;
    }
  else for (let i = 0; i < n; i++, p += step) acc += a[p] * a[p];
  return acc;
}

export const folds = {
  sum: {
    start: 0,
    row(n, acc, a, p, step) {
      const sum = step === 1 && a instanceof Float32Array ? sumThroughVectors('sum', n, acc, a, p) : null;
      return sum ?? plainSum(n, acc, a, p, step);
    },
    columns(n, acc, a, p) {
      for (let j = 0; j < n; j++) acc[j] += a[p + j];
    },
  },
  sumSquares: {
    start: 0,
    row(n, acc, a, p, step) {
      const sum = step === 1 && a instanceof Float32Array ? sumThroughVectors('sumSquares', n, acc, a, p) : null;
      return sum ?? plainSumOfSquares(n, acc, a, p, step);
    },
    columns(n, acc, a, p) {
      for (let j = 0; j < n; j++) acc[j] += a[p + j] * a[p + j];
    },
  },
  prod: {
    start: 1,
    row(n, acc, a, p, step) {
      for (let i = 0; i < n; i++, p += step) acc *= a[p];
      return acc;
    },
    columns(n, acc, a, p) {
      for (let j = 0; j < n; j++) acc[j] *= a[p + j];
    },
  },
  /** The product of int32 elements, which wraps around as they do. */
  integerProd: {
    start: 1,
    row(n, acc, a, p, step) {
      for (let i = 0; i < n; i++, p += step) acc = Math.imul(acc, a[p]);
      return acc;
    },
    columns(n, acc, a, p) {
      for (let j = 0; j < n; j++) acc[j] = Math.imul(acc[j], a[p + j]);
    },
  },
  amax: {
    start: -Infinity,
    row(n, acc, a, p, step) {
      if (a instanceof Float32Array) for (let i = 0; i < n; i++, p += step) acc = Math.max(acc, a[p]);
      else for (let i = 0; i < n; i++, p += step) acc = Math.max(acc, a[p]);
      return acc;
    },
    columns(n, acc, a, p) {
      for (let j = 0; j < n; j++) acc[j] = Math.max(acc[j], a[p + j]);
    },
  },
  amin: {
    start: Infinity,
    row(n, acc, a, p, step) {
      if (a instanceof Float32Array) for (let i = 0; i < n; i++, p += step) acc = Math.min(acc, a[p]);
      else for (let i = 0; i < n; i++, p += step) acc = Math.min(acc, a[p]);
      return acc;
    },
    columns(n, acc, a, p) {
      for (let j = 0; j < n; j++) acc[j] = Math.min(acc[j], a[p + j]);
    },
  },
} satisfies Record<string, Fold>;

/** Columns are folded in blocks of this many, so that the accumulators stay in the nearest cache. */
const columnBlock = 1024;
const accumulators = new Float64Array(columnBlock);

/** Fewer neighbouring columns than this are folded one by one. */
const fewColumns = 16;

/** Folds `a` over `dims` (sorted). `out` is contiguous and has as many elements as the dims that stay. */
export function reduceInto(fold: Fold, out: NdArray, a: NdArray, dims: readonly number[]): void {
  if (out.size === 0) return;
  if (a.size === 0) {
    out.buffer.fill(fold.start, out.offset, out.offset + out.size);
    return;
  }
  if (a.contiguous && areNeighbours(dims)) {
    let inner = 1;
    for (let d = dims[dims.length - 1] + 1; d < a.ndim; d++) inner *= a.shape[d];
    if (inner < fewColumns) {
      foldLines(fold, out, a, inner);
      return;
    }
  }
  const { kept, folded } = partition(a, dims);
  if (kept.steps[0] === 1 && kept.length >= fewColumns) foldColumns(fold, out, a, kept, folded);
  else foldRows(fold, out, a, kept, folded);
}

/** Whether the dims, sorted, follow each other. */
function areNeighbours(dims: readonly number[]): boolean {
  return dims.length > 0 && dims[dims.length - 1] - dims[0] === dims.length - 1;
}

/**
 * Folds neighbouring dims of a contiguous array, behind which `inner` elements lie: lines with `inner` as their step.
 */
function foldLines(fold: Fold, out: NdArray, a: NdArray, inner: number): void {
  const n = a.size / out.size;
  let o = out.offset;
  for (let start = a.offset; start < a.offset + a.size; start += n * inner)
    for (let j = 0; j < inner; j++) out.buffer[o++] = fold.row(n, fold.start, a.buffer, start + j, inner);
}

/** Two walks over `a`, through the dims that stay and through those that go; positions count from its first element. */
export function partition(a: NdArray, dims: readonly number[]): { kept: Rows; folded: Rows } {
  const sizes: [number[], number[]] = [[], []];
  const strides: [number[], number[]] = [[], []];
  for (let d = 0; d < a.ndim; d++) {
    const side = dims.includes(d) ? 1 : 0;
    sizes[side].push(a.shape[d]);
    strides[side].push(a.strides[d]);
  }
  return { kept: new Rows(sizes[0], [strides[0]], [0]), folded: new Rows(sizes[1], [strides[1]], [0]) };
}

function foldRows(fold: Fold, out: NdArray, a: NdArray, kept: Rows, folded: Rows): void {
  const { buffer } = a;
  let o = out.offset;
  do {
    for (let i = 0; i < kept.length; i++) {
      const p = a.offset + kept.at[0] + i * kept.steps[0];
      let acc = fold.start;
      do acc = fold.row(folded.length, acc, buffer, p + folded.at[0], folded.steps[0]);
      while (folded.next());
      out.buffer[o++] = acc;
    }
  } while (kept.next());
}

function foldColumns(fold: Fold, out: NdArray, a: NdArray, kept: Rows, folded: Rows): void {
  const { buffer } = a;
  let o = out.offset;
  do {
    for (let j = 0; j < kept.length; j += columnBlock) {
      const n = Math.min(columnBlock, kept.length - j);
      const first = a.offset + kept.at[0] + j;
      accumulators.fill(fold.start, 0, n);
      do {
        for (let i = 0, p = first + folded.at[0]; i < folded.length; i++, p += folded.steps[0])
          fold.columns(n, accumulators, buffer, p);
      } while (folded.next());
      for (let k = 0; k < n; k++) out.buffer[o++] = accumulators[k];
    }
  } while (kept.next());
}

/**
 * The position along `dim` of the largest (sign 1) or smallest (sign -1) element; the first of equals, NaN before all.
 */
export function argExtremeInto(sign: 1 | -1, out: NdArray, a: NdArray, dim: number): void {
  if (out.size === 0) return;
  const find = sign === 1 ? argLargest : argSmallest;
  const { kept, folded } = partition(a, [dim]);
  let o = out.offset;
  do {
    for (let i = 0; i < kept.length; i++) {
      const p = a.offset + kept.at[0] + i * kept.steps[0];
      out.buffer[o++] = find(folded.length, a.buffer, p, folded.steps[0]);
    }
  } while (kept.next());
}

function argLargest(n: number, a: TypedArray, p: number, step: number): number {
  let best = 0;
  let extreme = a[p];
  // `not at most` is true for NaN too; nothing comes after one.
  for (let k = 0; k < n; k++, p += step)
    if (!(a[p] <= extreme)) {
      if (Number.isNaN(extreme)) break;
      best = k;
      extreme = a[p];
    }
  return best;
}

function argSmallest(n: number, a: TypedArray, p: number, step: number): number {
  let best = 0;
  let extreme = a[p];
  for (let k = 0; k < n; k++, p += step)
    if (!(a[p] >= extreme)) {
      if (Number.isNaN(extreme)) break;
      best = k;
      extreme = a[p];
    }
  return best;
}
