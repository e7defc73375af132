import { Generator, randn, type Tensor } from 'tapegrad';
import { compare } from './measure.ts';
import type { Table } from './table.ts';

const shapes: readonly (readonly [M: number, K: number, N: number])[] = [
  [32, 32, 32],
  [128, 128, 128],
  [512, 512, 512],
  [1024, 1024, 1024],
  [64, 512, 512],
  [14, 12, 4],
];

/** Matrix products [M, K] @ [K, N], of matrices as they are and of transposed ones, which are views. */
export function matmulTable(): Table {
  const generator = new Generator(4);
  const matrix = (rows: number, columns: number): Tensor => randn([rows, columns], { generator });
  const rows = shapes.map(([M, K, N]): [string, number, number, number] => {
    const [A, B] = [matrix(M, K), matrix(K, N)];
    const [At, Bt]: Tensor[] = [matrix(K, M).t(), matrix(N, K).t()];
    const products = { plain: () => A.matmul(B), left: () => At.matmul(B), right: () => A.matmul(Bt) };
    const { plain, left, right } = compare(products, { warmUp: 100, rounds: 40, budget: 1000 });
    const rate = (us: number): number => (2 * M * K * N) / us / 1000;
    return [`${M}x${K} @ ${K}x${N}`, rate(plain), rate(left), rate(right)];
  });
  return {
    title: 'Matrix products: GFLOP/s',
    columns: ['A @ B', 'A @ B', 'A transposed', 'B transposed'],
    rows,
  };
}
