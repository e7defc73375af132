import { emitGemm, gemmScratchBytes, instantiate, ModuleBuilder, relaxedSimd } from '@tapegrad/wasm';
import { describe, expect, test } from 'vitest';
import { Field, faults, layouts, type Matrix, type Sizes } from './matrices.ts';

type Exported = (...args: number[]) => void;
type Exports = Record<'gemm' | 'gemmSum' | 'packB' | 'gemmPacked', Exported>;

/** The functions over a memory whose end is their scratch region. */
function make(form: { fma: boolean; wide: boolean }) {
  const m = new ModuleBuilder();
  const field = new Field(3 << 19, gemmScratchBytes(form.wide));
  const gemm = emitGemm(m, { scratch: field.end, ...form });
  for (const name of ['gemm', 'gemmSum', 'packB', 'gemmPacked'] as const) m.export(name, gemm[name]);
  return { run: instantiate<Exports>(m, field.memory), field, packedBytes: gemm.packedBytes };
}

// What is written for wide engines is right on all of them.
const forms = [
  { fma: false, wide: false },
  { fma: false, wide: true },
  { fma: true, wide: false },
  { fma: true, wide: true },
].filter(({ fma }) => !fma || relaxedSimd());

const whole = ({ at, row, column }: Matrix): number[] => [at, row, column];

/** Sizes without order from 0 to 70, and some that reach over the edges of every block. */
const sizes: Sizes[] = [
  ...Array.from({ length: 40 }, (_, i) => ({ M: (i * 37 + 1) % 71, N: (i * 53 + 4) % 71, K: (i * 29 + 7) % 71 })),
  { M: 64, N: 32, K: 384 },
  { M: 65, N: 33, K: 385 },
  { M: 130, N: 17, K: 400 },
  { M: 9, N: 515, K: 20 },
  { M: 3, N: 70, K: 770 },
];

describe.each(forms)('products of matrices with fma: $fma, wide: $wide', form => {
  const { run, field, packedBytes } = make(form);

  test.each(layouts.flatMap((a, i) => layouts.map((b, j) => [a, b, i + 5 * j] as const)))(
    'are within k eps of those in float64, with A in %s and B in %s, and write nothing else',
    (a, b, turn) => {
      // Every layout meets every size, and the commonest ones all of them.
      const chosen = sizes.filter((_, i) => i % 10 === turn % 10 || (turn < 2 && i > 20));
      for (const size of chosen)
        for (const accumulate of [false, true]) {
          const { M, N, K } = size;
          const [A, B] = [field.clear().matrix(M, K, a), field.matrix(K, N, b)];
          const C = { ...field.matrix(M, N + 5), row: 4 * N + 20 };
          const wrong = faults(field, size, [[A, B]], C, accumulate, () =>
            run.gemm(M, N, K, ...whole(A), ...whole(B), C.at, C.row, Number(accumulate)),
          );
          expect([size, wrong]).toEqual([size, []]);
        }
    },
  );

  test.each([
    [{ M: 12, N: 12, K: 32 }, 64],
    [{ M: 5, N: 9, K: 1 }, 300],
    [{ M: 70, N: 33, K: 100 }, 7],
    [{ M: 6, N: 20, K: 300 }, 3],
    [{ M: 4, N: 8, K: 3 }, 0],
    [{ M: 4, N: 8, K: 0 }, 3],
  ])('of sizes %o are summed over %i pairs', (size, count) => {
    const { M, N, K } = size;
    for (const accumulate of [false, true])
      for (const turned of [false, true]) {
        field.clear();
        const pair = (): [Matrix, Matrix] =>
          turned
            ? [field.matrix(M, K, 'columns'), field.matrix(K, N)]
            : [field.matrix(M, K), field.matrix(K, N, 'columns')];
        const pairs = Array.from({ length: count }, pair);
        const [A, B] = pair();
        const C = field.matrix(M, N);
        const table = field.matrix(1, 2 * count).at;
        new Int32Array(field.memory.buffer, table).set(pairs.flatMap(([A, B]) => [A.at, B.at]));
        const strides = [A.row, A.column, B.row, B.column];
        const wrong = faults(field, size, pairs, C, accumulate, () =>
          run.gemmSum(M, N, K, count, table, ...strides, C.at, C.row, Number(accumulate)),
        );
        expect(wrong).toEqual([]);
      }
  });

  test('with a packed B are right for every size, and nothing is written behind it', () => {
    for (const size of sizes)
      for (const accumulate of [false, true]) {
        const { M, N, K } = size;
        const [A, B] = [field.clear().matrix(M, K), field.matrix(K, N, accumulate ? 'rows' : 'columns')];
        const C = field.matrix(M, N);
        const packed = field.matrix(1, packedBytes(N, K) / 4).at;
        const behind = field.matrix(1, 1);
        field.set(behind, 0, 0, 7);
        run.packB(packed, B.at, N, K, B.row, B.column);
        const wrong = faults(field, size, [[A, B]], C, accumulate, () =>
          run.gemmPacked(M, N, K, ...whole(A), packed, C.at, C.row, Number(accumulate)),
        );
        expect([size, wrong, field.get(behind, 0, 0)]).toEqual([size, [], 7]);
      }
  });

  test.each([
    { M: 9, N: 11, K: 5 },
    { M: 70, N: 33, K: 61 },
  ])('of sizes %o hold NaN and Infinity where they belong', size => {
    const { M, N, K } = size;
    const [A, B] = [field.clear().matrix(M, K), field.matrix(K, N, 'columns')];
    field.set(A, 1, 2, Number.NaN);
    field.set(A, M - 1, 0, Number.POSITIVE_INFINITY);
    field.set(B, 3, N - 1, Number.NEGATIVE_INFINITY);
    const C = field.matrix(M, N);
    const run1 = (): void => run.gemm(M, N, K, ...whole(A), ...whole(B), C.at, C.row, 0);
    expect(faults(field, size, [[A, B]], C, false, run1)).toEqual([]);
  });
});
