import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError, IndexError } from '../../packages/tensor/src/errors.ts';
import {
  embeddingShape,
  gatherShape,
  indexSelectShape,
  narrowStart,
  normalizeIndex,
  scatterShape,
  shapeOfData,
  sliceBounds,
} from '../../packages/tensor/src/shape/index.ts';
import { refuses } from './refuses.ts';

describe('picking', () => {
  test('an index counts from the end when negative', () => {
    expect(normalizeIndex('select', 2, 3, 0)).toBe(2);
    expect(normalizeIndex('select', -3, 3, 0)).toBe(0);
  });

  test.each([3, -4, 0.5, Number.NaN])('the index %d is out of range for a dim of 3', index => {
    const message = `select: index ${index} is out of range for dim 1 of size 3`;
    refuses(() => normalizeIndex('select', index, 3, 1), message, IndexError);
  });

  test('slice bounds are those of Array.prototype.slice, then every step-th element', () => {
    const bound = fc.option(fc.integer({ min: -12, max: 12 }), { nil: undefined });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 1, max: 5 }), fc.nat(8), (start, stop, step, size) => {
        const all = Array.from({ length: size }, (_, i) => i);
        const expected = all.slice(start, stop).filter((_, i) => i % step === 0);
        const bounds = sliceBounds('slice', start, stop, step, size);
        expect(Array.from({ length: bounds.length }, (_, i) => bounds.start + i * step)).toEqual(expected);
      }),
    );
  });

  test('a slice refuses steps and bounds that make no sense', () => {
    for (const step of [0, -1, 1.5]) {
      const message = `slice: step must be a whole number from 1, got ${step}`;
      refuses(() => sliceBounds('slice', 0, 1, step, 3), message, ArgumentError);
    }
    refuses(() => sliceBounds('at', 0.5, 1, 1, 3), 'at: start must be a whole number, got 0.5', IndexError);
    refuses(() => sliceBounds('at', 0, Number.NaN, 1, 3), 'at: stop must be a whole number, got NaN', IndexError);
  });

  test('narrow must lie within its dim', () => {
    expect(narrowStart(1, 2, 3, 0)).toBe(1);
    expect(narrowStart(-2, 2, 3, 0)).toBe(1);
    expect(narrowStart(3, 0, 3, 0)).toBe(3);
    for (const [start, length] of [
      [2, 2],
      [-1, 2],
      [-4, 1],
      [0, -1],
      [0.5, 1],
    ]) {
      const message = `narrow: ${length} elements from ${start} do not fit into dim 1 of size 3`;
      refuses(() => narrowStart(start, length, 3, 1), message, IndexError);
    }
  });

  test('indexSelect has one entry for each id', () => {
    expect(indexSelectShape([14, 3], 0, [5])).toEqual([5, 3]);
    expect(indexSelectShape([14, 3], -1, [])).toEqual([14, 1]);
    refuses(() => indexSelectShape([14, 3], 0, [5, 2]), 'indexSelect: ids must be a vector, got shape [5, 2]');
  });

  test('gather has the shape of its ids, which lie within the source beside the dim', () => {
    expect(gatherShape('gather', [14, 3], 1, [10, 7])).toEqual([10, 7]);
    refuses(() => gatherShape('gather', [14, 3], 1, [14]), 'gather: ids [14] must have as many dims as [14, 3]');
    refuses(
      () => gatherShape('gather', [14, 3], 1, [15, 2]),
      'gather: ids [15, 2] do not fit into [14, 3]: 15 vs 14 in dim 0',
    );
    refuses(() => gatherShape('gather', [14, 3], 2, [14, 3]), 'gather: dim 2 is out of range for shape [14, 3]');
  });

  test('scatter has the shape of its target, and as many sources as ids', () => {
    expect(scatterShape('scatter', [14, 3], 1, [10, 7], [10, 8])).toEqual([14, 3]);
    refuses(
      () => scatterShape('scatterAdd', [14, 3], 1, [10, 7], [10, 6]),
      'scatterAdd: ids [10, 7] do not fit into [10, 6]: 7 vs 6 in dim 1',
    );
    refuses(
      () => scatterShape('scatter', [14, 3], 0, [14, 4], [14, 4]),
      'scatter: ids [14, 4] do not fit into [14, 3]: 4 vs 3 in dim 1',
    );
  });

  test('embedding has one row for each id', () => {
    expect(embeddingShape([2, 5], [1000, 64])).toEqual([2, 5, 64]);
    expect(embeddingShape([], [1000, 64])).toEqual([64]);
    refuses(() => embeddingShape([2], [64]), 'embedding: weight must be [n, features], got [64]');
  });
});

describe('the shape of data', () => {
  test('is read off nested arrays', () => {
    expect(shapeOfData(3)).toEqual([]);
    expect(shapeOfData(true)).toEqual([]);
    expect(shapeOfData([])).toEqual([0]);
    expect(shapeOfData([[], []])).toEqual([2, 0]);
    expect(shapeOfData([[[1, 2, 3]], [[4, 5, 6]]])).toEqual([2, 1, 3]);
  });

  test('refuses ragged data and says where', () => {
    const ragged = (data: any, message: string) => refuses(() => shapeOfData(data), `tensor: ragged data, ${message}`);
    ragged(
      [
        [1, 2, 3],
        [4, 5],
      ],
      '[1] has 2 elements where [0] has 3',
    );
    ragged(
      [
        [[1], [2]],
        [[3], [4, 5]],
      ],
      '[1][1] has 2 elements where [0][0] has 1',
    );
    ragged([[1], 2], '[1] is a number where [0] has 1');
    ragged([1, [2]], '[1] has 1 elements where [0] is one element');
    ragged([[], [1]], '[1] has 1 elements where [0] has 0');
  });

  test('refuses what is no number', () => {
    const wrong = (data: any, message: string) =>
      refuses(() => shapeOfData(data), `tensor: expected a number or boolean${message}`, FormatError);
    wrong('text', ', got string');
    wrong(undefined, ', got undefined');
    wrong([1, null], ' at [1], got null');
    wrong([[1], ['2']], ' at [1][0], got string');
    wrong([[1], new Date()], ' at [1], got Date');
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    wrong([1, , 2], ' at [1], got undefined');
  });
});
