import type { TypedArray } from '../dtype.ts';

/** Two matrices and where their product goes: sizes, buffers, and strides in elements; the columns of `out` follow each other. */
export interface Factors {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly out: TypedArray;
  readonly rowOut: number;
  readonly a: TypedArray;
  readonly rowA: number;
  readonly colA: number;
  readonly b: TypedArray;
  readonly rowB: number;
  readonly colB: number;
  /** Whether the product is added to what is there. */
  readonly add: boolean;
}

/**
 * Writes the product of [M, K] and [K, N] that begin at `p` of `a` and `q` of `b` to `o` of `out`. `sameA` and `sameB` say
 * that the call before had that one too.
 */
export type Multiply = (x: Factors, o: number, p: number, q: number, sameA: boolean, sameB: boolean) => void;

/**
 * Dot products of rows of a with columns of b, four columns at a time, each carried in float64. The strides may be any:
 * whether a column of b is contiguous makes little difference, since the four share their cache lines.
 */
export const dotProducts: Multiply = (x, o, p, q) => {
  const { M, N, K, out, rowOut, a, rowA, colA, b, rowB, colB, add } = x;
  for (let i = 0; i < M; i++, o += rowOut, p += rowA) {
    let j = 0;
    for (; j + 3 < N; j += 4) {
      let s0 = add ? out[o + j] : 0;
      let s1 = add ? out[o + j + 1] : 0;
      let s2 = add ? out[o + j + 2] : 0;
      let s3 = add ? out[o + j + 3] : 0;
      for (let k = 0, r = p, t = q + j * colB; k < K; k++, r += colA, t += rowB) {
        const v = a[r];
        s0 += v * b[t];
        s1 += v * b[t + colB];
        s2 += v * b[t + 2 * colB];
        s3 += v * b[t + 3 * colB];
      }
      out[o + j] = s0;
      out[o + j + 1] = s1;
      out[o + j + 2] = s2;
      out[o + j + 3] = s3;
    }
    for (; j < N; j++) {
      let s = add ? out[o + j] : 0;
      for (let k = 0, r = p, t = q + j * colB; k < K; k++, r += colA, t += rowB) s += a[r] * b[t];
      out[o + j] = s;
    }
  }
};
