import type { NdArray } from '../ndarray.ts';
import { Rows } from './elementwise.ts';
import { dotProducts, type Factors, type Multiply } from './products.ts';
import { stagedProducts } from './staged.ts';

/** The strides of the batch dims (all but the last two) of `a`, seen as `batch`: 0 along every dim that repeats. */
export function batchStrides(a: NdArray, batch: readonly number[]): number[] {
  const own = a.ndim - 2;
  const lead = batch.length - own;
  return batch.map((_, d) => (d < lead || a.shape[d - lead] === 1 ? 0 : a.strides[d - lead]));
}

const isFloat32 = (array: NdArray): boolean => array.dtype === 'float32';

export const fastest = (...arrays: NdArray[]): Multiply => (arrays.every(isFloat32) ? stagedProducts : dotProducts);

/**
 * out = a @ b for arrays of two or more dims, the leading ones broadcast. `out` is contiguous. Products of float32 run in
 * WebAssembly where there is enough to do.
 */
export function matmulInto(out: NdArray, a: NdArray, b: NdArray, multiply = fastest(out, a, b)): void {
  const nd = out.ndim;
  const [M, N] = [out.shape[nd - 2], out.shape[nd - 1]];
  if (out.size === 0) return;
  const x: Factors = {
    M,
    N,
    K: a.shape[a.ndim - 1],
    out: out.buffer,
    rowOut: N,
    a: a.buffer,
    rowA: a.strides[a.ndim - 2],
    colA: a.strides[a.ndim - 1],
    b: b.buffer,
    rowB: b.strides[b.ndim - 2],
    colB: b.strides[b.ndim - 1],
    add: false,
  };
  if (nd === 2) multiply(x, out.offset, a.offset, b.offset, false, false);
  else {
    const batch = out.shape.slice(0, -2);
    const rows = new Rows(batch, [batchStrides(a, batch), batchStrides(b, batch)], [a.offset, b.offset]);
    let o = out.offset;
    do {
      multiplyRow(x, rows, o, multiply);
      o += rows.length * M * N;
    } while (rows.next());
  }
}

/** The products of one row of a batch: as one product with more rows, when they have b in common and a's follow each other. */
function multiplyRow(
  x: Factors,
  { length, at: [p, q], steps: [stepA, stepB] }: Rows,
  o: number,
  multiply: Multiply,
): void {
  const { M, N, rowA } = x;
  if (stepB === 0 && (M === 1 || stepA === M * rowA)) {
    multiply({ ...x, M: M * length, rowA: M === 1 ? stepA : rowA }, o, p, q, false, false);
    return;
  }
  for (let i = 0; i < length; i++)
    multiply(x, o + i * M * N, p + i * stepA, q + i * stepB, i > 0 && stepA === 0, i > 0 && stepB === 0);
}
