import { emitSmallMatmul, instantiate, isSmall, ModuleBuilder, relaxedSimd } from '@tapegrad/wasm';
import { describe, expect, test } from 'vitest';
import { Field, faults, type Layout, type Matrix, type Sizes } from './matrices.ts';

const field = new Field(1 << 18);
const layouts: readonly Layout[] = ['rows', 'columns', 'gaps', 'repeated row'];

const sizes: Sizes[] = [
  ...Array.from({ length: 24 }, (_, i) => ({
    M: 1 + ((i * 7) % 19),
    N: 1 + ((i * 5) % 17),
    K: 1 + ((i * 11) % 23),
  })),
  { M: 1, N: 70, K: 9 },
  { M: 2, N: 33, K: 5 },
  { M: 43, N: 1, K: 6 },
  { M: 14, N: 4, K: 12 },
  { M: 42, N: 12, K: 4 },
];

interface Case {
  readonly size: Sizes;
  readonly a: Layout;
  readonly b: Layout;
  readonly pieces: number;
  readonly accumulate: boolean;
}

/** What is wrong with the function for one case, and how long its module is. */
function runCase({ size, a, b, pieces, accumulate }: Case, fma: boolean): { wrong: string[]; bytes: number } {
  const { M, N, K } = size;
  field.clear();
  const pairs = Array.from({ length: pieces }, (): [Matrix, Matrix] => [field.matrix(M, K, a), field.matrix(K, N, b)]);
  const [[A, B]] = pairs;
  const C = { ...field.matrix(M, N + 3), row: 4 * N + 12 };
  const strides = { rowA: A.row, colA: A.column, rowB: B.row, colB: B.column, rowC: C.row };
  const m = new ModuleBuilder();
  m.export('run', emitSmallMatmul(m, { ...size, ...strides, pieces, accumulate, fma }));
  const { run } = instantiate<{ run(...addresses: number[]): void }>(m, field.memory);
  const addresses = [C.at, ...pairs.flatMap(([A, B]) => [A.at, B.at])];
  return { wrong: faults(field, size, pairs, C, accumulate, () => run(...addresses)), bytes: m.bytes().length };
}

const forms = [false, true].filter(fma => !fma || relaxedSimd());

describe.each(forms)('small products, with fma: %s', fma => {
  test.each(layouts.flatMap(a => layouts.map(b => [a, b] as const)))(
    'are within k eps of those in float64, with A in %s and B in %s, and write nothing else',
    (a, b) => {
      for (const [i, size] of sizes.entries()) {
        const one = { size, a, b, pieces: 1 + (i % 3), accumulate: i % 2 === 1 };
        expect([one, runCase(one, fma).wrong]).toEqual([one, []]);
      }
    },
  );

  test.each([8, 9, 64])('are summed over %i pieces', pieces => {
    for (const accumulate of [false, true])
      expect(runCase({ size: { M: 5, N: 7, K: 3 }, a: 'columns', b: 'rows', pieces, accumulate }, fma).wrong).toEqual(
        [],
      );
  });

  test('of a matrix and a column are right when C is a column with gaps, and when it has none', () => {
    const size = { M: 13, N: 1, K: 10 };
    for (const row of [4, 16]) {
      const [A, B] = [field.clear().matrix(13, 10), field.matrix(10, 1)];
      const C = { ...field.matrix(13, 4), row };
      const m = new ModuleBuilder();
      const strides = { rowA: A.row, colA: A.column, rowB: B.row, colB: B.column, rowC: row };
      m.export('run', emitSmallMatmul(m, { ...size, ...strides, pieces: 1, accumulate: false, fma }));
      const { run } = instantiate<{ run(...addresses: number[]): void }>(m, field.memory);
      expect(faults(field, size, [[A, B]], C, false, () => run(C.at, A.at, B.at))).toEqual([]);
    }
  });

  test.each([1, 100])('of %i pieces are short functions, of all sizes that are small', pieces => {
    for (const [M, N, K] of [
      [14, 12, 4],
      [14, 11, 13],
      [63, 63, 15],
      [2, 70, 99],
    ])
      for (const b of ['rows', 'columns'] as const)
        if (isSmall(M, N, K, { colB: b === 'rows' ? 4 : 4 * K }))
          expect(emitted(M, N, K, b, pieces)).toBeLessThan(pieces === 1 ? 5000 : 10_500);

    function emitted(M: number, N: number, K: number, b: Layout, pieces: number): number {
      const m = new ModuleBuilder();
      const [rowB, colB] = b === 'rows' ? [4 * N, 4] : [4, 4 * K];
      const strides = { rowA: 4 * K, colA: 4, rowB, colB, rowC: 4 * N };
      emitSmallMatmul(m, { M, N, K, ...strides, pieces, accumulate: false, fma });
      return m.bytes().length;
    }
  });
});

test('what is small depends on how B lies in memory, and on the engine', () => {
  expect(isSmall(64, 64, 64)).toBe(true);
  expect(isSmall(512, 512, 512)).toBe(false);
  expect(isSmall(1, 512, 512)).toBe(true);
  expect(isSmall(64, 64, 64, { colB: 256 })).toBe(false);
  expect(isSmall(14, 4, 12, { colB: 48 })).toBe(true);
  expect(isSmall(64, 64, 64, { wide: true })).toBe(false);
});
