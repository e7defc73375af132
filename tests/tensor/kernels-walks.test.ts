import { describe, expect, test } from 'vitest';
import {
  argExtremeInto,
  argsortInto,
  around,
  arrayFrom,
  checkIds,
  contiguous,
  emptyArray,
  folds,
  gatherInto,
  IndexError,
  indexAddInto,
  indexSelectInto,
  matmulInto,
  type NdArray,
  reduceInto,
  scanInto,
  scatterInto,
  sliceAddInto,
  sliceView,
  softmaxInto,
  toNested,
} from '../../packages/tensor/src/index.ts';
import { array, ids, turned, written } from './arrays.ts';

describe('folds', () => {
  const tall = arrayFrom(
    Float64Array.from({ length: 3 * 2500 }, (_, i) => (i % 7) - 3),
    'float64',
    [3, 2500],
  );
  const columns = (fold: (a: number, b: number) => number) =>
    Array.from({ length: 2500 }, (_, j) => [0, 2500, 5000].map(p => tall.buffer[p + j]).reduce(fold));

  test.each([
    ['sum', (a: number, b: number) => a + b],
    ['prod', (a: number, b: number) => a * b],
    ['integerProd', (a: number, b: number) => Math.imul(a, b)],
    ['amax', (a: number, b: number) => Math.max(a, b)],
    ['amin', (a: number, b: number) => Math.min(a, b)],
  ] as const)('%s of many columns, in blocks, is that of each column', (name, fold) => {
    expect(written([2500], out => reduceInto(folds[name], out, tall, [0]))).toEqual(columns(fold));
    const walked = written([2500], out => reduceInto(folds[name], out, contiguous(turned(tall)), [1]));
    expect(walked).toEqual(columns(fold));
  });

  test('start from the value of an empty fold', () => {
    const none = emptyArray([2, 0], 'float64');
    const starts = (['sum', 'prod', 'amax', 'amin'] as const).map(name =>
      written([2], out => reduceInto(folds[name], out, none, [1])),
    );
    expect(starts).toEqual([
      [0, 0],
      [1, 1],
      [-Infinity, -Infinity],
      [Infinity, Infinity],
    ]);
    expect(written([0], out => reduceInto(folds.sum, out, none, [0]))).toEqual([]);
  });

  test('are carried in float64, so that long sums of float32 stay exact', () => {
    const tenths = arrayFrom(new Float32Array(100000).fill(0.1));
    expect(written([], out => reduceInto(folds.sum, out, tenths, [0]), 'float32')).toBe(
      Math.fround(100000 * Math.fround(0.1)),
    );
  });

  test('find positions: the first of equals, NaN before all', () => {
    const a = array([
      [1, 3, 3],
      [2, Number.NaN, Number.NaN],
      [-1, -1, -2],
    ]);
    expect(written([3], out => argExtremeInto(1, out, a, 1), 'int32')).toEqual([1, 1, 0]);
    expect(written([3], out => argExtremeInto(-1, out, a, 1), 'int32')).toEqual([0, 1, 2]);
    expect(written([3], out => argExtremeInto(1, out, turned(a), 0), 'int32')).toEqual([1, 1, 0]);
    expect(written([0], out => argExtremeInto(1, out, emptyArray([0, 2]), 1), 'int32')).toEqual([]);
  });
});

describe('scans, sorting and softmax', () => {
  test('step around a dim', () => {
    expect(around([2, 3, 4, 5], 1)).toEqual({ outer: 2, size: 3, inner: 20 });
  });

  test('sum and multiply on along a dim of any layout', () => {
    const a = turned(
      array([
        [1, 4],
        [2, 5],
        [3, 6],
      ]),
    );
    expect(written([2, 3], out => scanInto('sum', out, a, 1))).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ]);
    expect(written([2, 3], out => scanInto('prod', out, a, 0))).toEqual([
      [1, 2, 3],
      [4, 10, 18],
    ]);
    const wrapping = written([3], out => scanInto('prod', out, ids([123456789, 987654321, 3]), 0), 'int32');
    expect(wrapping).toEqual([123456789, -67153019, -201459057]);
  });

  test('sort equal elements in their first order, and NaN after (descending: before) all numbers', () => {
    const a = array([2, Number.NaN, 1, 2, Number.NaN, -Infinity, 1]);
    expect(written([7], out => argsortInto(out, a, 0, false), 'int32')).toEqual([5, 2, 6, 0, 3, 1, 4]);
    expect(written([7], out => argsortInto(out, a, 0, true), 'int32')).toEqual([1, 4, 0, 3, 2, 6, 5]);
  });

  test('softmax does not overflow, along any dim', () => {
    const a = array([
      [1000, 1001],
      [1000, 1001],
    ]);
    const [p, q] = [1 / (1 + Math.E), Math.E / (1 + Math.E)];
    const rows = written([2, 2], out => softmaxInto(out, a, 1, false)) as number[][];
    for (const row of rows) expect(row.map((v, j) => Math.abs(v - [p, q][j]) < 1e-15)).toEqual([true, true]);
    expect(written([2, 2], out => softmaxInto(out, turned(a), 1, true))).toEqual([
      [-Math.LN2, -Math.LN2],
      [-Math.LN2, -Math.LN2],
    ]);
  });
});

describe('products of matrices', () => {
  const whole = (rows: number, columns: number): NdArray =>
    arrayFrom(
      Float64Array.from({ length: rows * columns }, (_, i) => ((i * 7) % 11) - 5),
      'float64',
      [rows, columns],
    );
  const oracle = (a: number[][], b: number[][]): number[][] =>
    a.map(row => b[0].map((_, j) => row.reduce((sum, v, k) => sum + v * b[k][j], 0)));

  // Four rows at a time in one kernel, four columns in the other, so that 3, 4, 5 and 9 run every remainder.
  test.each([1, 3, 4, 5, 9].flatMap(k => [1, 3, 4, 5, 9].map(n => [k, n])))(
    'with %d inner elements and %d columns are the sums of products, in all four layouts',
    (k, n) => {
      const [a, b] = [whole(3, k), whole(k, n)];
      const expected = oracle(toNested(a) as number[][], toNested(b) as number[][]);
      for (const x of [a, turned(contiguous(turned(a)))])
        for (const y of [b, turned(contiguous(turned(b)))])
          expect(written([3, n], out => matmulInto(out, x, y))).toEqual(expected);
    },
  );

  test('broadcast their leading dims', () => {
    const stack = arrayFrom(
      Float64Array.from({ length: 12 }, (_, i) => i),
      'float64',
      [3, 1, 2, 2],
    );
    const out = emptyArray([3, 2, 2, 2], 'float64');
    matmulInto(
      out,
      stack,
      arrayFrom(
        [
          [
            [0, 1],
            [1, 0],
          ],
          [
            [1, 0],
            [0, 1],
          ],
        ],
        'float64',
      ),
    );
    expect((toNested(out) as number[][][][])[2]).toEqual([
      [
        [9, 8],
        [11, 10],
      ],
      [
        [8, 9],
        [10, 11],
      ],
    ]);
  });

  test('of no rows are nothing', () => {
    expect(written([0, 2], out => matmulInto(out, emptyArray([0, 3], 'float64'), whole(3, 2)))).toEqual([]);
  });
});

describe('picking', () => {
  const a = array([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  test('refuses ids that are outside, wherever they stand in a view', () => {
    const view = turned(
      ids([
        [0, 1],
        [2, -1],
      ]),
    );
    expect(() => checkIds('pick', view, 3, 'dim 1 of shape [2, 3]')).toThrow(
      new IndexError('pick: ids must lie in 0..2 (dim 1 of shape [2, 3]), got -1'),
    );
    expect(() => checkIds('pick', view, 2, 'here')).toThrow(new IndexError('pick: ids must lie in 0..1 (here), got 2'));
    expect(checkIds('pick', ids([]), 0, 'nothing')).toBeUndefined();
  });

  test('selects and gathers from views, by ids in views', () => {
    const twice = sliceView(ids([1, 9, 0, 9, 1, 9]), 0, 0, 3, 2);
    expect(written([3, 3], out => indexSelectInto(out, a, twice, 0))).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(written([3, 3], out => indexSelectInto(out, turned(a), twice, 1))).toEqual([
      [4, 1, 4],
      [5, 2, 5],
      [6, 3, 6],
    ]);
    expect(
      written([2, 2], out =>
        gatherInto(
          out,
          turned(a),
          ids([
            [1, 0],
            [1, 1],
          ]),
          1,
        ),
      ),
    ).toEqual([
      [4, 1],
      [5, 5],
    ]);
    expect(written([0, 3], out => gatherInto(out, a, emptyArray([0, 3], 'int32'), 0))).toEqual([]);
  });

  test('adds into a copy, or into the array itself', () => {
    const own = array([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    indexAddInto(
      own,
      own,
      turned(
        array([
          [1, 2],
          [3, 4],
        ]),
      ),
      ids([2, 2]),
      1,
    );
    expect(toNested(own)).toEqual([
      [0, 0, 4],
      [0, 0, 6],
    ]);
    expect(written([2, 3], out => indexAddInto(out, a, array([[1], [1]]), ids([0]), 1))).toEqual([
      [2, 2, 3],
      [5, 5, 6],
    ]);
    const part = array([
      [10, 20],
      [30, 40],
    ]);
    expect(written([2, 3], out => sliceAddInto(out, a, part, 1, 0, 2))).toEqual([
      [11, 2, 23],
      [34, 5, 46],
    ]);
    expect(written([2, 3], out => sliceAddInto(out, a, emptyArray([0, 3]), 0, 0, 1))).toEqual(toNested(a));
  });

  test('scatters in the order of the ids, so that the last one stays', () => {
    const source = array([[10, 20, 30]]);
    const zeros = ids([[0, 0, 0]]);
    expect(written([2, 3], out => scatterInto(out, a, source, zeros, 1, false))).toEqual([
      [30, 2, 3],
      [4, 5, 6],
    ]);
    expect(written([2, 3], out => scatterInto(out, a, source, zeros, 1, true))).toEqual([
      [61, 2, 3],
      [4, 5, 6],
    ]);
    expect(written([2, 3], out => scatterInto(out, a, source, emptyArray([0, 3], 'int32'), 0, true))).toEqual(
      toNested(a),
    );
    const own = array([1, 2]);
    scatterInto(own, own, array([5]), ids([1]), 0, true);
    expect(toNested(own)).toEqual([1, 7]);
  });
});
