import { matmulInto, matmulShape } from '@tapegrad/tensor';
import type { Computed } from '../tape/primitive.ts';

/**
 * a @ b for arrays of two or more dims, the leading ones broadcast. Vectors are given their second dim by the method.
 * d/da = g @ b^T and d/db = a^T @ g, summed over the batch dims that were broadcast.
 */
export const matmul: Computed<undefined> = {
  name: 'matmul',
  gradients: [(g, { inputs: [, b] }) => g.matmul(b.transpose(-1, -2)), { rows: (g, { inputs: [a] }) => [a, g] }],
  keeps: [[1], [0]],
  shape: ([a, b]) => matmulShape(a.shape, b.shape),
  kernel: (out, [a, b]) => matmulInto(out, a, b),
};
