import { ones, randn, type Tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { readThroughCopies } from '../../../packages/compile/src/passes/copies.ts';
import { changed } from './graphs.ts';

const x = randn([2, 3]);

describe('the original is read instead of a copy', () => {
  test('in the order of dims that the reader wants', () => {
    expect(changed(readThroughCopies, (x: Tensor) => x.t().clone().matmul(x), x)).toEqual({
      before: [
        'v1 [3, 2] = clone(input1 [3, 2] strides [1, 3])',
        'v2 [3, 3] = matmul(v1 [3, 2], input1 [2, 3])',
        'return v2 [3, 3]',
      ],
      after: [
        'v1 [3, 2] = clone(input1 [3, 2] strides [1, 3])',
        'v2 [3, 3] = matmul(input1 [3, 2] strides [1, 3], input1 [2, 3])',
        'return v2 [3, 3]',
      ],
    });
    expect(changed(readThroughCopies, (x: Tensor) => x.t().clone().t().exp(), x).after[1]).toBe(
      'v2 [2, 3] = exp(input1 [2, 3])',
    );
  });

  test('through a copy of a copy', () => {
    expect(changed(readThroughCopies, (x: Tensor) => x.t().clone().t().clone().exp(), x).after[2]).toBe(
      'v3 [2, 3] = exp(input1 [2, 3])',
    );
  });

  test('where it has gaps, or is one row for all', () => {
    expect(changed(readThroughCopies, (x: Tensor) => x.slice(1, 0, undefined, 2).clone().exp(), x).after[1]).toBe(
      'v2 [2, 2] = exp(input1 [2, 2] strides [3, 2])',
    );
    expect(changed(readThroughCopies, (x: Tensor) => x.select(0, 1).expand([4, 3]).clone().exp(), x).after[1]).toBe(
      'v2 [4, 3] = exp(input1 [4, 3] strides [0, 1] from 3)',
    );
  });

  test('where it is overwritten only later', () => {
    const state = ones([2, 3]);
    const fn = (): Tensor => {
      const y = state.clone().exp();
      state.assign(y);
      return y;
    };
    expect(changed(readThroughCopies, fn).after[1]).toBe('v2 [2, 3] = exp(resident1 [2, 3])');
  });
});

describe('the copy is read', () => {
  test('where the original was overwritten before, as a whole or in a part', () => {
    const state = ones([2, 3]);
    const after = (overwrite: () => void) => (): Tensor => {
      const y = state.clone();
      overwrite();
      return y.exp();
    };
    for (const overwrite of [() => state.assign(7), () => state.select(0, 1).assign(7)])
      expect(changed(readThroughCopies, after(overwrite)).after[2]).toBe('v2 [2, 3] = exp(v1 [2, 3])');
  });

  test('where only a part of it is wanted, or its elements in another shape', () => {
    expect(changed(readThroughCopies, (x: Tensor) => x.t().clone().select(0, 1).exp(), x).after[1]).toBe(
      'v2 [2] = exp(v1 [2] strides [1] from 2)',
    );
    expect(changed(readThroughCopies, (x: Tensor) => x.t().clone().reshape([6]).exp(), x).after[1]).toBe(
      'v2 [6] = exp(v1 [6])',
    );
  });

  test('where it is a result', () => {
    expect(changed(readThroughCopies, (x: Tensor) => x.t().clone(), x).after.at(-1)).toBe('return v1 [3, 2]');
  });
});
