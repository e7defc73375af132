import { ArgumentError } from '../errors.ts';
import type { NdArray } from '../ndarray.ts';
import { Rows } from './elementwise.ts';
import { batchStrides } from './matmul.ts';

/** The matrix that begins at `p` of a, in row-major order as float64. */
function load(to: Float64Array, { buffer, strides, ndim, shape }: NdArray, p: number): void {
  const [n, m] = [shape[ndim - 2], shape[ndim - 1]];
  const [row, column] = [strides[ndim - 2], strides[ndim - 1]];
  for (let i = 0, o = 0; i < n; i++) for (let j = 0; j < m; j++) to[o++] = buffer[p + i * row + j * column];
}

/**
 * Factors an n by n matrix in place with partial pivoting: P A = L U, where L has ones on its diagonal. Row i was
 * swapped with row `pivots[i]`. Gives the number of the first pivot that is 0, or n.
 */
function factorize(lu: Float64Array, n: number, pivots: Int32Array): number {
  let zero = n;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k]) > Math.abs(lu[best * n + k])) best = i;
    pivots[k] = best;
    if (best !== k) swapRows(lu, n, k, best);
    const pivot = lu[k * n + k];
    if (pivot === 0) {
      zero = Math.min(zero, k);
      continue;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = (lu[i * n + k] /= pivot);
      if (factor !== 0) for (let j = k + 1; j < n; j++) lu[i * n + j] -= factor * lu[k * n + j];
    }
  }
  return zero;
}

function swapRows(matrix: Float64Array, columns: number, i: number, j: number): void {
  for (let c = 0, p = i * columns, q = j * columns; c < columns; c++, p++, q++) {
    const kept = matrix[p];
    matrix[p] = matrix[q];
    matrix[q] = kept;
  }
}

/** Solves L U x = P b in place of x, which holds the k columns of b. */
function substitute(lu: Float64Array, n: number, pivots: Int32Array, x: Float64Array, k: number): void {
  for (let i = 0; i < n; i++) if (pivots[i] !== i) swapRows(x, k, i, pivots[i]);
  for (let i = 1; i < n; i++)
    for (let r = 0; r < i; r++) {
      const factor = lu[i * n + r];
      if (factor !== 0) for (let c = 0; c < k; c++) x[i * k + c] -= factor * x[r * k + c];
    }
  for (let i = n - 1; i >= 0; i--) {
    for (let r = i + 1; r < n; r++) {
      const factor = lu[i * n + r];
      if (factor !== 0) for (let c = 0; c < k; c++) x[i * k + c] -= factor * x[r * k + c];
    }
    for (let c = 0; c < k; c++) x[i * k + c] /= lu[i * n + i];
  }
}

/** out = a^-1 b for matrices a [..., n, n] and b [..., n, k], the leading dims broadcast; carried in float64. */
export function solveInto(out: NdArray, a: NdArray, b: NdArray, op: string): void {
  if (out.size === 0) return;
  const [n, k] = out.shape.slice(-2);
  const lu = new Float64Array(n * n);
  const pivots = new Int32Array(n);
  const x = new Float64Array(n * k);
  let factored = -1;
  const batch = out.shape.slice(0, -2);
  eachMatrix(batch, [a, b], ([p, q], at) => {
    if (p !== factored) {
      load(lu, a, p);
      const zero = factorize(lu, n, pivots);
      if (zero < n)
        throw new ArgumentError(
          `${op}: expected an invertible matrix, got a singular one${placeOf(batch, at)}: pivot ${zero} is 0`,
        );
      factored = p;
    }
    load(x, b, q);
    substitute(lu, n, pivots, x, k);
    out.buffer.set(x, out.offset + at * n * k);
  });
}

/** The determinants of the matrices a [..., n, n]; carried in float64. */
export function detInto(out: NdArray, a: NdArray): void {
  const n = a.shape[a.ndim - 1];
  const lu = new Float64Array(n * n);
  const pivots = new Int32Array(n);
  eachMatrix(out.shape, [a], ([p], at) => {
    load(lu, a, p);
    factorize(lu, n, pivots);
    let product = 1;
    for (let i = 0; i < n; i++) product *= pivots[i] === i ? lu[i * n + i] : -lu[i * n + i];
    out.buffer[out.offset + at] = product;
  });
}

/** The lower triangles L with L L^T = a, of which only the lower triangles are read; carried in float64. */
export function choleskyInto(out: NdArray, a: NdArray): void {
  const n = a.shape[a.ndim - 1];
  const l = new Float64Array(n * n);
  const batch = out.shape.slice(0, -2);
  if (out.size === 0) return;
  eachMatrix(batch, [a], ([p], at) => {
    load(l, a, p);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = l[i * n + j];
        for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
        if (i > j) l[i * n + j] = sum / l[j * n + j];
        else if (!(sum > 0))
          throw new ArgumentError(
            `cholesky: expected a positive definite matrix, got one whose leading minor of order ${i + 1} is not positive${placeOf(batch, at)}`,
          );
        else l[i * n + i] = Math.sqrt(sum);
      }
      l.fill(0, i * n + i + 1, i * n + n);
    }
    out.buffer.set(l, out.offset + at * n * n);
  });
}

const placeOf = (batch: readonly number[], at: number): string => (batch.length === 0 ? '' : ` (batch element ${at})`);

/** Calls `fn` with where the matrices of each operand begin, and their number, for every element of the batch. */
function eachMatrix(
  batch: readonly number[],
  operands: readonly NdArray[],
  fn: (starts: readonly number[], at: number) => void,
): void {
  if (batch.includes(0)) return;
  const rows = new Rows(
    batch,
    operands.map(x => batchStrides(x, batch)),
    operands.map(x => x.offset),
  );
  let at = 0;
  do
    for (let i = 0; i < rows.length; i++)
      fn(
        rows.at.map((p, k) => p + i * rows.steps[k]),
        at++,
      );
  while (rows.next());
}
