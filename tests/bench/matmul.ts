import { dotProducts, type Factors } from '@tapegrad/tensor';
import {
  call,
  emitGemm,
  emitSmallMatmul,
  f32x4,
  gemmScratchBytes,
  i32,
  instantiate,
  isSmall,
  isWide,
  ModuleBuilder,
  makeMemory,
  relaxedSimd,
  repeat,
  v128,
} from '@tapegrad/wasm';
import { Generator, randn, type Tensor } from 'tapegrad';
import { compare } from './measure.ts';
import type { Table } from './table.ts';

type Sizes = readonly [M: number, K: number, N: number];
type Layout = 'plain' | 'left' | 'right';

const shapes: readonly Sizes[] = [
  [32, 32, 32],
  [128, 128, 128],
  [512, 512, 512],
  [1024, 1024, 1024],
  [64, 512, 512],
  [1, 512, 512],
  [14, 12, 4],
  [14, 4, 12],
];

/** Above this many multiplications the plain kernel would take too long. */
const mostPlain = 512 ** 3;

const layouts: readonly Layout[] = ['plain', 'left', 'right'];

/** Matrix products [M, K] @ [K, N], of matrices as they are and of transposed ones, which are views. */
export function matmulTable(): Table {
  const peak = multiplyAddPeak();
  const rows = shapes.map(([M, K, N]): [string, ...(number | null)[]] => {
    const rate = (us: number): number => (2 * M * K * N) / us / 1000;
    const compiled = layouts.map(layout => rate(timeOf(compiledProduct([M, K, N], layout))));
    const eager = layouts.map(layout => rate(timeOf(eagerProduct([M, K, N], layout))));
    const plain = M * K * N > mostPlain ? null : rate(timeOf(plainProduct([M, K, N])));
    const share = (100 * compiled[0]) / peak;
    return [`${M}x${K} @ ${K}x${N}`, ...compiled, share, ...eager, plain];
  });
  return {
    title: 'Matrix products: GFLOP/s',
    columns: ['A @ B', 'program', 'A^T', 'B^T', '% of peak', 'eager', 'A^T', 'B^T', 'JavaScript'],
    rows,
    notes: [
      `The peak is ${peak.toFixed(1)}: 128-bit multiplications and additions, ${relaxedSimd() ? 'fused' : 'one after the other'}, of registers alone.`,
      `'program' is the kernel that a compiled program runs, ${isWide() ? 'with' : 'without'} wide operations; 'eager' is A.matmul(B).`,
    ],
  };
}

const timeOf = (product: () => unknown): number =>
  compare({ product }, { warmUp: 100, rounds: 40, budget: 500 }).product;

/** GFLOP/s of more multiply-adds than the engine has to wait for, whose operands stay in registers. */
function multiplyAddPeak(): number {
  const [sums, times] = [12, 20_000];
  const m = new ModuleBuilder();
  m.function('run', [], [], f => {
    const [x, y, ...all] = Array.from({ length: sums + 2 }, () => f.local('v128'));
    const add = relaxedSimd()
      ? f32x4.relaxedMadd
      : (a: typeof x.get, b: typeof x.get, c: typeof x.get) => f32x4.add(f32x4.mul(a, b), c);
    return [
      x.set(f32x4.const(0.5)),
      y.set(f32x4.const(0.25)),
      repeat(
        f.local('i32'),
        i32.const(times),
        all.map(sum => sum.set(add(x.get, y.get, sum.get))),
      ),
      all.map((sum, i) => v128.store(i32.const(16 * i), sum.get)),
    ];
  });
  const { run } = instantiate<{ run(): void }>(m, makeMemory(1));
  return (8 * sums * times) / timeOf(run) / 1000;
}

/** The kernel for the sizes on operands that are in a program's memory. */
function compiledProduct([M, K, N]: Sizes, layout: Layout): () => void {
  const m = new ModuleBuilder();
  const [fma, wide] = [relaxedSimd(), isWide()];
  const [A, B, C, scratch] = [0, 4 * M * K, 4 * (M * K + K * N), 4 * (M * K + K * N + M * N) + 64].map(
    at => (at + 63) & ~63,
  );
  const [rowA, colA] = layout === 'left' ? [4, 4 * M] : [4 * K, 4];
  const [rowB, colB] = layout === 'right' ? [4, 4 * K] : [4 * N, 4];
  const rowC = 4 * N;
  const pages = Math.ceil((scratch + gemmScratchBytes(wide)) / 65536);
  if (isSmall(M, N, K, { colB, wide })) {
    const sizes = { M, N, K, rowA, colA, rowB, colB, rowC };
    const product = emitSmallMatmul(m, { ...sizes, pieces: 1, accumulate: false, fma });
    m.function('run', [], [], () => call(product, ...[C, A, B].map(i32.const)));
  } else {
    const { gemm } = emitGemm(m, { scratch, fma, wide });
    m.function('run', [], [], () => call(gemm, ...[M, N, K, A, rowA, colA, B, rowB, colB, C, rowC, 0].map(i32.const)));
  }
  const memory = makeMemory(pages);
  new Float32Array(memory.buffer).fill(0.5, 0, C / 4);
  return instantiate<{ run(): void }>(m, memory).run;
}

function eagerProduct([M, K, N]: Sizes, layout: Layout): () => Tensor {
  const generator = new Generator(4);
  const matrix = (rows: number, columns: number, turned: boolean): Tensor =>
    turned ? randn([columns, rows], { generator }).t() : randn([rows, columns], { generator });
  const [A, B] = [matrix(M, K, layout === 'left'), matrix(K, N, layout === 'right')];
  return () => A.matmul(B);
}

/** The kernel that eager operations fall back on. */
function plainProduct([M, K, N]: Sizes): () => void {
  const [a, b, out] = [M * K, K * N, M * N].map(size => new Float32Array(size).fill(0.5));
  const factors: Factors = { M, N, K, out, rowOut: N, a, rowA: K, colA: 1, b, rowB: N, colB: 1, add: false };
  return () => dotProducts(factors, 0, 0, 0, false, false);
}
