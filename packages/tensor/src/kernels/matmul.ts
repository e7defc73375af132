import type { TypedArray } from '../dtype.ts';
import type { NdArray } from '../ndarray.ts';
import { Rows } from './elementwise.ts';

/** The strides of the batch dims (all but the last two) of `a`, seen as `batch`: 0 along every dim that repeats. */
function batchStrides(a: NdArray, batch: readonly number[]): number[] {
  const own = a.ndim - 2;
  const lead = batch.length - own;
  return batch.map((_, d) => (d < lead || a.shape[d - lead] === 1 ? 0 : a.strides[d - lead]));
}

/** out = a @ b for arrays of two or more dims, the leading ones broadcast. `out` is contiguous. */
export function matmulInto(out: NdArray, a: NdArray, b: NdArray): void {
  const nd = out.ndim;
  const [M, N] = [out.shape[nd - 2], out.shape[nd - 1]];
  const K = a.shape[a.ndim - 1];
  if (out.size === 0) return;
  const [ar, ac] = [a.strides[a.ndim - 2], a.strides[a.ndim - 1]];
  const [br, bc] = [b.strides[b.ndim - 2], b.strides[b.ndim - 1]];
  if (nd === 2) {
    product(M, N, K, out.buffer, out.offset, a.buffer, a.offset, ar, ac, b.buffer, b.offset, br, bc);
    return;
  }
  const batch = out.shape.slice(0, -2);
  const rows = new Rows(batch, [batchStrides(a, batch), batchStrides(b, batch)], [a.offset, b.offset]);
  let o = out.offset;
  do {
    for (let i = 0; i < rows.length; i++, o += M * N) {
      const p = rows.at[0] + i * rows.steps[0];
      const q = rows.at[1] + i * rows.steps[1];
      product(M, N, K, out.buffer, o, a.buffer, p, ar, ac, b.buffer, q, br, bc);
    }
  } while (rows.next());
}

/**
 * Dot products of rows of a with columns of b, four columns at a time, each carried in float64. The strides may be any:
 * whether a column of b is contiguous makes little difference, since the four share their cache lines.
 */
function product(
  M: number,
  N: number,
  K: number,
  out: TypedArray,
  o: number,
  a: TypedArray,
  p: number,
  ar: number,
  ac: number,
  b: TypedArray,
  q: number,
  br: number,
  bc: number,
): void {
  for (let i = 0; i < M; i++, o += N, p += ar) {
    let j = 0;
    for (; j + 3 < N; j += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0, r = p, t = q + j * bc; k < K; k++, r += ac, t += br) {
        const x = a[r];
        s0 += x * b[t];
        s1 += x * b[t + bc];
        s2 += x * b[t + 2 * bc];
        s3 += x * b[t + 3 * bc];
      }
      out[o + j] = s0;
      out[o + j + 1] = s1;
      out[o + j + 2] = s2;
      out[o + j + 3] = s3;
    }
    for (; j < N; j++) {
      let s = 0;
      for (let k = 0, r = p, t = q + j * bc; k < K; k++, r += ac, t += br) s += a[r] * b[t];
      out[o + j] = s;
    }
  }
}
