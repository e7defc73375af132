import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../packages/tensor/src/errors.ts';
import {
  broadcastAll,
  broadcastShapes,
  checkExpand,
  linearShape,
  matmulShape,
  normalizeDim,
  normalizeDims,
  reducedShape,
  rowMajorStrides,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
} from '../../packages/tensor/src/shape/index.ts';
import { refuses } from './refuses.ts';

const sizes = (options: { min?: number; max?: number; maxLength?: number } = {}) =>
  fc.array(fc.integer({ min: options.min ?? 0, max: options.max ?? 4 }), { maxLength: options.maxLength ?? 4 });

describe('a shape', () => {
  test('has a size, strides and a text', () => {
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(sizeOf([])).toBe(1);
    expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(showShape([14, 3])).toBe('[14, 3]');
  });

  test('is the same as another with equal sizes', () => {
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
  });
});

describe('broadcasting', () => {
  /** NumPy's rule, spelt out: fill up with ones at the left, then compare size by size. */
  function naive(a: Shape, b: Shape): Shape | undefined {
    const ndim = Math.max(a.length, b.length);
    const pad = (shape: Shape) => [...new Array<number>(ndim - shape.length).fill(1), ...shape];
    const pairs = pad(a).map((m, d) => [m, pad(b)[d]]);
    return pairs.every(([m, n]) => m === n || m === 1 || n === 1)
      ? pairs.map(([m, n]) => (m === 1 ? n : m))
      : undefined;
  }

  test('aligns shapes at the right and stretches ones', () => {
    expect(broadcastShapes('add', [14, 3], [3])).toEqual([14, 3]);
    expect(broadcastShapes('add', [14, 1], [2, 1, 3])).toEqual([2, 14, 3]);
    expect(broadcastShapes('add', [0, 3], [1, 1])).toEqual([0, 3]);
    expect(broadcastAll('where', [[3], [2, 1], []])).toEqual([2, 3]);
    expect(broadcastAll('where', [])).toEqual([]);
  });

  test('hands back the shape it was given when nothing is stretched', () => {
    const big = [14, 3];
    for (const small of [[14, 3], [3], [1, 3], []]) {
      expect(broadcastShapes('add', big, small)).toBe(big);
      if (small.length !== 2 || small[0] === 1) expect(broadcastShapes('add', small, big)).toBe(big);
    }
  });

  test('names the sizes that clash', () => {
    refuses(() => broadcastShapes('add', [14, 3], [3, 4]), 'add: shapes [14, 3] and [3, 4] do not broadcast: 3 vs 4');
    refuses(
      () => broadcastShapes('mul', [2, 5, 1], [3, 1, 7]),
      'mul: shapes [2, 5, 1] and [3, 1, 7] do not broadcast: 2 vs 3',
    );
    refuses(() => broadcastAll('where', [[2], [], [3]]), 'where: shapes [2] and [3] do not broadcast: 2 vs 3');
  });

  test('agrees with the naive rule on every pair of shapes', () => {
    fc.assert(
      fc.property(sizes({ max: 3 }), sizes({ max: 3 }), (a, b) => {
        const expected = naive(a, b);
        if (expected === undefined) expect(() => broadcastShapes('add', a, b)).toThrow(ShapeError);
        else expect(broadcastShapes('add', a, b)).toEqual(expected);
      }),
    );
  });

  test('leaves its inputs as they were', () => {
    const a = [2, 1];
    const b = [1, 3];
    broadcastShapes('add', a, b);
    expect([a, b]).toEqual([
      [2, 1],
      [1, 3],
    ]);
  });
});

describe('expand', () => {
  test('stretches ones, keeps a size at -1 and adds leading dims', () => {
    expect(checkExpand('expand', [3, 1], [2, -1, 4])).toEqual([2, 3, 4]);
    expect(checkExpand('expand', [], [2, 2])).toEqual([2, 2]);
    expect(checkExpand('expand', [1, 3], [0, 3])).toEqual([0, 3]);
    const shape = [3, 1];
    expect(checkExpand('expand', shape, [-1, -1])).toBe(shape);
  });

  test('refuses what does not fit', () => {
    refuses(() => checkExpand('expand', [3, 2], [3, 4]), 'expand: shape [3, 2] does not expand to [3, 4]: 2 vs 4');
    refuses(
      () => checkExpand('expand', [3, 2], [2]),
      'expand: shape [3, 2] does not expand to [2], which has fewer dims',
    );
    refuses(
      () => checkExpand('expand', [3], [-1, 3]),
      'expand: shape [3] does not expand to [-1, 3], where -1 stands for no dim',
    );
    refuses(
      () => checkExpand('expand', [1], [1.5]),
      'expand: sizes must be whole numbers, or -1 to keep one, got [1.5]',
    );
    refuses(() => checkExpand('expand', [1], [-2]), 'expand: sizes must be whole numbers, or -1 to keep one, got [-2]');
  });
});

describe('matmul', () => {
  test.each<[Shape, Shape, Shape]>([
    [
      [14, 3],
      [3, 4],
      [14, 4],
    ],
    [[14, 3], [3], [14]],
    [[3], [3, 4], [4]],
    [[3], [3], []],
    [[3], [8, 3, 4], [8, 4]],
    [[8, 5, 3], [3], [8, 5]],
    [
      [8, 5, 6],
      [6, 7],
      [8, 5, 7],
    ],
    [
      [5, 6],
      [8, 6, 7],
      [8, 5, 7],
    ],
    [
      [8, 1, 5, 6],
      [2, 6, 7],
      [8, 2, 5, 7],
    ],
    [
      [2, 0],
      [0, 3],
      [2, 3],
    ],
  ])('of %j and %j is %j', (a, b, expected) => {
    expect(matmulShape(a, b)).toEqual(expected);
  });

  test('names the dims that differ', () => {
    refuses(() => matmulShape([14, 3], [4, 4]), 'matmul: inner dimensions differ, 3 vs 4, in [14, 3] @ [4, 4]');
    refuses(() => matmulShape([3], [4]), 'matmul: inner dimensions differ, 3 vs 4, in [3] @ [4]');
    refuses(
      () => matmulShape([8, 5, 6], [3, 6, 7]),
      'matmul: batch dims of [8, 5, 6] @ [3, 6, 7] do not broadcast: 8 vs 3',
    );
    refuses(() => matmulShape([], [3]), 'matmul: a scalar has no dim to multiply along, in [] @ [3]');
    refuses(() => matmulShape([2, 3], []), 'matmul: a scalar has no dim to multiply along, in [2, 3] @ []');
  });
});

describe('linear', () => {
  test('replaces the last dim by the number of outputs', () => {
    expect(linearShape([2, 14, 3], [8, 3], [8])).toEqual([2, 14, 8]);
    expect(linearShape([3], [8, 3])).toEqual([8]);
    const x = [14, 3];
    expect(linearShape(x, [3, 3])).toBe(x);
  });

  test('names the argument that does not fit', () => {
    refuses(() => linearShape([14, 4], [8, 3]), 'linear: last dim of x [14, 4] is 4, expected 3, as in weight [8, 3]');
    refuses(() => linearShape([], [8, 3]), 'linear: x must have at least one dim, got []');
    refuses(() => linearShape([14, 3], [3]), 'linear: weight must be [out, in], got [3]');
    refuses(() => linearShape([14, 3], [8, 3], [3]), 'linear: bias must be [8], got [3]');
  });
});

describe('a dim', () => {
  test('counts from the end when negative', () => {
    expect(normalizeDim('sum', 1, 2, [14, 3])).toBe(1);
    expect(normalizeDim('sum', -2, 2, [14, 3])).toBe(0);
  });

  test.each([2, -3, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is out of range for two dims', dim => {
    refuses(() => normalizeDim('sum', dim, 2, [14, 3]), `sum: dim ${dim} is out of range for shape [14, 3]`);
  });

  test('of a scalar does not exist', () => {
    refuses(() => normalizeDim('softmax', 0, 0, []), 'softmax: dim 0 is out of range for shape []');
  });

  test('may be one of several, which come out ascending', () => {
    expect(normalizeDims('sum', [-1, 0], [2, 3, 4])).toEqual([0, 2]);
    expect(normalizeDims('sum', -1, [2, 3, 4])).toEqual([2]);
    refuses(() => normalizeDims('sum', [0, 3], [14, 3]), 'sum: dim 3 is out of range for shape [14, 3]');
    refuses(() => normalizeDims('sum', [1, -1], [14, 3]), 'sum: dim -1 is repeated in [1, -1]');
  });

  test('left out, or an empty list, means all of them', () => {
    expect(normalizeDims('sum', undefined, [2, 3, 4])).toEqual([0, 1, 2]);
    expect(normalizeDims('sum', [], [2, 3])).toEqual([0, 1]);
    expect(normalizeDims('sum', undefined, [])).toEqual([]);
  });

  test('that is reduced disappears, or becomes 1 with keepdim', () => {
    expect(reducedShape([2, 3, 4], [0, 2], false)).toEqual([3]);
    expect(reducedShape([2, 3, 4], [0, 2], true)).toEqual([1, 3, 1]);
    expect(reducedShape([2, 3, 4], [], false)).toEqual([2, 3, 4]);
    expect(reducedShape([2, 3], [0, 1], false)).toEqual([]);
  });
});
