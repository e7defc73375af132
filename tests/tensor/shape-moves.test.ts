import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../packages/tensor/src/errors.ts';
import {
  catShape,
  chunkSizes,
  flattenShape,
  permuteDims,
  resolveReshape,
  sizeOf,
  splitSizes,
  squeezeShape,
  stackShape,
  tileShape,
  transposeDims,
  unsqueezeShape,
} from '../../packages/tensor/src/shape/index.ts';
import { refuses } from './refuses.ts';

const sizes = (options: { min?: number; max?: number; maxLength?: number } = {}) =>
  fc.array(fc.integer({ min: options.min ?? 0, max: options.max ?? 4 }), { maxLength: options.maxLength ?? 4 });

describe('moving dims', () => {
  test('permute takes every dim once', () => {
    expect(permuteDims('permute', [-1, 0, 1], [2, 3, 4])).toEqual([2, 0, 1]);
    refuses(() => permuteDims('permute', [0, 1], [2, 3, 4]), 'permute: 2 dims given for shape [2, 3, 4]');
    refuses(() => permuteDims('permute', [0, 1, 0], [2, 3, 4]), 'permute: dim 0 is repeated in [0, 1, 0]');
    refuses(() => permuteDims('permute', [0, 1, 3], [2, 3, 4]), 'permute: dim 3 is out of range for shape [2, 3, 4]');
  });

  test('transpose swaps two', () => {
    expect(transposeDims('transpose', 0, -1, [2, 3, 4])).toEqual([2, 1, 0]);
    expect(transposeDims('transpose', 1, 1, [2, 3])).toEqual([0, 1]);
    expect(transposeDims('transpose', 0, -1, [])).toEqual([]);
    refuses(() => transposeDims('transpose', 0, 1, []), 'transpose: dim 1 is out of range for shape []');
    refuses(() => transposeDims('transpose', 1, 4, [2, 3]), 'transpose: dim 4 is out of range for shape [2, 3]');
  });

  test('squeeze drops ones', () => {
    expect(squeezeShape([14, 1, 3, 1])).toEqual([14, 3]);
    expect(squeezeShape([14, 1, 3, 1], 1)).toEqual([14, 3, 1]);
    expect(squeezeShape([1, 14, 1], [0, -1])).toEqual([14]);
    const shape = [14, 3];
    expect(squeezeShape(shape, 1)).toBe(shape);
    expect(squeezeShape(shape, [])).toBe(shape);
    expect(squeezeShape([], -1)).toEqual([]);
    refuses(() => squeezeShape([], 1), 'squeeze: dim 1 is out of range for shape []');
    refuses(() => squeezeShape(shape, 2), 'squeeze: dim 2 is out of range for shape [14, 3]');
  });

  test('unsqueeze puts a one in', () => {
    expect(unsqueezeShape([2, 3], 0)).toEqual([1, 2, 3]);
    expect(unsqueezeShape([2, 3], -1)).toEqual([2, 3, 1]);
    expect(unsqueezeShape([], 0)).toEqual([1]);
    refuses(() => unsqueezeShape([2, 3], 3), 'unsqueeze: dim 3 is out of range for shape [2, 3]');
  });

  test('tile repeats, filling up with ones at the left', () => {
    expect(tileShape([2, 3], [2])).toEqual([2, 6]);
    expect(tileShape([3], [4, 2])).toEqual([4, 6]);
    expect(tileShape([3], [])).toEqual([3]);
    refuses(() => tileShape([3], [-1]), 'tile: reps must be whole numbers, not negative, got [-1]');
    refuses(() => tileShape([3], [0.5]), 'tile: reps must be whole numbers, not negative, got [0.5]');
  });
});

describe('reshape', () => {
  test('keeps the number of elements', () => {
    expect(resolveReshape([2, 3], [3, 2])).toEqual([3, 2]);
    expect(resolveReshape([2, 3], [-1])).toEqual([6]);
    expect(resolveReshape([], [1, -1])).toEqual([1, 1]);
    expect(resolveReshape([0, 2], [0, 3])).toEqual([0, 3]);
    expect(resolveReshape([0, 2], [2, -1])).toEqual([2, 0]);
    const shape = [2, 3];
    expect(resolveReshape(shape, [2, 3])).toBe(shape);
    expect(resolveReshape(shape, [2, -1])).toBe(shape);
  });

  test('does not keep the list that it was given', () => {
    const to = [3, 2];
    expect(resolveReshape([2, 3], to)).not.toBe(to);
  });

  test('refuses other numbers of elements', () => {
    refuses(() => resolveReshape([2, 3], [4, 2]), 'reshape: [2, 3] has 6 elements, [4, 2] has 8');
    refuses(() => resolveReshape([2, 3], [4, -1]), 'reshape: [2, 3] has 6 elements, which [4, -1] does not divide');
    refuses(() => resolveReshape([2, 3], [0, -1]), 'reshape: [2, 3] has 6 elements, which [0, -1] does not divide');
    refuses(
      () => resolveReshape([0, 3], [0, -1]),
      'reshape: any size would do for the -1 in [0, -1], which has no elements',
    );
    refuses(() => resolveReshape([2, 3], [-1, -1]), 'reshape: only one size may be -1, got [-1, -1]');
    refuses(() => resolveReshape([2, 3], [-2, -3]), 'reshape: sizes must be whole numbers, or -1, got [-2, -3]');
    refuses(() => resolveReshape([2, 3], [1.5, 4]), 'reshape: sizes must be whole numbers, or -1, got [1.5, 4]');
  });

  test('finds any one size that is left out', () => {
    fc.assert(
      fc.property(sizes({ min: 1, max: 9 }), fc.nat(), (shape, at) => {
        fc.pre(shape.length > 0);
        const open = shape.slice();
        open[at % shape.length] = -1;
        expect(resolveReshape([sizeOf(shape)], open)).toEqual(shape);
      }),
    );
  });

  test('flatten makes several dims one', () => {
    expect(flattenShape([2, 3, 4, 5])).toEqual([120]);
    expect(flattenShape([2, 3, 4, 5], 1)).toEqual([2, 60]);
    expect(flattenShape([2, 3, 4, 5], 1, 2)).toEqual([2, 12, 5]);
    expect(flattenShape([2, 3, 4, 5], -3, -2)).toEqual([2, 12, 5]);
    expect(flattenShape([])).toEqual([1]);
    const shape = [2, 3];
    expect(flattenShape(shape, 1)).toBe(shape);
    refuses(() => flattenShape([2, 3], 2), 'flatten: dim 2 is out of range for shape [2, 3]');
    refuses(() => flattenShape([2, 3, 4], 2, 0), 'flatten: dim 2 comes after dim 0 in shape [2, 3, 4]');
  });
});

describe('joining', () => {
  test('cat adds the sizes of one dim', () => {
    expect(
      catShape(
        [
          [14, 3],
          [3, 3],
          [0, 3],
        ],
        0,
      ),
    ).toEqual([17, 3]);
    expect(
      catShape(
        [
          [14, 3],
          [14, 5],
        ],
        -1,
      ),
    ).toEqual([14, 8]);
  });

  test('cat refuses what does not fit', () => {
    refuses(() => catShape([], 0), 'cat: expected at least one tensor, got none');
    refuses(
      () =>
        catShape(
          [
            [14, 3],
            [3, 4],
          ],
          0,
        ),
      'cat: shapes [14, 3] and [3, 4] differ in dim 1: 3 vs 4',
    );
    refuses(() => catShape([[14, 3], [3]], 0), 'cat: shapes [14, 3] and [3] have different numbers of dims');
    refuses(() => catShape([[14, 3]], 2), 'cat: dim 2 is out of range for shape [14, 3]');
    refuses(() => catShape([[]], 0), 'cat: dim 0 is out of range for shape []');
  });

  test('stack puts equal shapes under a new dim', () => {
    expect(
      stackShape(
        [
          [14, 3],
          [14, 3],
        ],
        0,
      ),
    ).toEqual([2, 14, 3]);
    expect(
      stackShape(
        [
          [14, 3],
          [14, 3],
          [14, 3],
        ],
        -1,
      ),
    ).toEqual([14, 3, 3]);
    expect(stackShape([[], []], 0)).toEqual([2]);
    refuses(() => stackShape([], 0), 'stack: expected at least one tensor, got none');
    refuses(
      () =>
        stackShape(
          [
            [14, 3],
            [3, 3],
          ],
          0,
        ),
      'stack: shapes [14, 3] and [3, 3] differ in dim 0: 14 vs 3',
    );
    refuses(() => stackShape([[14, 3]], 3), 'stack: dim 3 is out of range for shape [14, 3]');
  });
});

describe('splitting', () => {
  test('into pieces of one size may leave a smaller last one', () => {
    expect(splitSizes('split', [7, 2], 3, 0)).toEqual([3, 3, 1]);
    expect(splitSizes('split', [6, 2], 3, 0)).toEqual([3, 3]);
    expect(splitSizes('split', [2, 3], 9, -1)).toEqual([3]);
    expect(splitSizes('split', [0], 3, 0)).toEqual([0]);
    expect(splitSizes('split', [0], 0, 0)).toEqual([0]);
  });

  test('into sizes takes them as they are', () => {
    expect(splitSizes('split', [7], [3, 0, 4], 0)).toEqual([3, 0, 4]);
    refuses(() => splitSizes('split', [5, 3], [2, 2], 0), 'split: sizes [2, 2] add up to 4, but dim 0 of [5, 3] is 5');
    refuses(
      () => splitSizes('split', [5], [6, -1], 0),
      'split: sizes must be whole numbers, not negative, got [6, -1]',
      ArgumentError,
    );
  });

  test('refuses pieces of no size', () => {
    for (const size of [0, -1, 1.5, Number.NaN]) {
      const message = `split: size must be a whole number from 1, got ${size}`;
      refuses(() => splitSizes('split', [5], size, 0), message, ArgumentError);
    }
    refuses(() => splitSizes('split', [5], 1, 1), 'split: dim 1 is out of range for shape [5]');
  });

  test('chunk makes at most n equal parts, as PyTorch does', () => {
    expect(chunkSizes([6], 3, 0)).toEqual([2, 2, 2]);
    expect(chunkSizes([7], 3, 0)).toEqual([3, 3, 1]);
    expect(chunkSizes([5], 4, 0)).toEqual([2, 2, 1]);
    expect(chunkSizes([2], 5, 0)).toEqual([1, 1]);
    expect(chunkSizes([0, 3], 2, 0)).toEqual([0, 0]);
    const message = 'chunk: the number of chunks must be a whole number from 1, got 0';
    refuses(() => chunkSizes([5], 0, 0), message, ArgumentError);
  });
});
