import { ones, randn, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { foldConstants } from '../../../packages/compile/src/passes/constants.ts';
import { expand } from '../../../packages/compile/src/passes/expand.ts';
import { changed, namesAfter } from './graphs.ts';

const x = randn([2, 3]);

test('softmax becomes the exponentials over their sum, the largest taken off', () => {
  expect(changed(expand, (x: Tensor) => x.softmax(1), x)).toEqual({
    before: ['v1 [2, 3] = softmax(input1 [2, 3])', 'return v1 [2, 3]'],
    after: [
      'v2 [2, 1] = amax(input1 [2, 3])',
      'v3 [2, 3] = sub(input1 [2, 3], v2 [2, 1])',
      'v4 [2, 3] = exp(v3 [2, 3])',
      'v5 [2, 1] = sum(v4 [2, 3])',
      'v1 [2, 3] = div(v4 [2, 3], v5 [2, 1])',
      'return v1 [2, 3]',
    ],
  });
});

test('logSoftmax becomes the differences to the largest, less the logarithm of the sum of exponentials', () => {
  expect(changed(expand, (x: Tensor) => x.t().logSoftmax(1), x).after).toEqual([
    'v2 [3, 1] = amax(input1 [3, 2] strides [1, 3])',
    'v3 [3, 2] = sub(input1 [3, 2] strides [1, 3], v2 [3, 1])',
    'v4 [3, 2] = exp(v3 [3, 2])',
    'v5 [3, 1] = sum(v4 [3, 2])',
    'v6 [3, 1] = log(v5 [3, 1])',
    'v1 [3, 2] = sub(v3 [3, 2], v6 [3, 1])',
    'return v1 [3, 2]',
  ]);
});

test('numbers that overflow by themselves come out as well as before', () => {
  changed(expand, (x: Tensor) => [x.softmax(0), x.logSoftmax(0)], x.mul(1000));
});

test('what is of float64, or has no elements, stays in one piece', () => {
  expect(namesAfter(expand, (x: Tensor) => x.softmax(1), x.to('float64'))).toEqual(['softmax']);
  expect(namesAfter(expand, (x: Tensor) => x.logSoftmax(1), zeros([0, 3]))).toEqual(['logSoftmax']);
});

test('the exponential of logSoftmax, as its gradient has it, is that of softmax and computed once', () => {
  const both = (x: Tensor): Tensor[] => ((y: Tensor) => [y, y.exp()])(x.logSoftmax(1));
  expect(namesAfter(expand, both, x)).toEqual(['amax', 'sub', 'exp', 'sum', 'log', 'sub', 'div']);
});

describe('one element that is added to each row of zeros by ids of an argument', () => {
  const ids = tensor([[2], [0]], { dtype: 'int32' });
  const constants = (fn: (...args: any[]) => unknown, ...args: Tensor[]): string[] =>
    changed(graph => expand(foldConstants(graph)), fn, ...args).after;

  test('is a comparison with the positions of the row', () => {
    const lines = constants((ids: Tensor, x) => zeros([2, 3]).scatterAdd(1, ids, x), ids, randn([2, 1]));
    expect(lines).toEqual([
      'v2:bool [2, 3] = eq(input1:int32 [2, 1], constant2:int32 [3])',
      'v1 [2, 3] = where(v2:bool [2, 3], input2 [2, 1], 0)',
      'return v1 [2, 3]',
    ]);
  });

  test('is what the row sums up to', () => {
    const lines = constants((ids: Tensor, x) => zeros([2, 3]).scatterAdd(1, ids, x).sum(1), ids, randn([2, 1]));
    expect(lines.at(-2)).toBe('v2 [2] = clone(input2 [2])');
  });

  test('is summed where it was overwritten in between', () => {
    const state = ones([2, 1]);
    const fn = (ids: Tensor): Tensor => {
      const rows = zeros([2, 3]).scatterAdd(1, ids, state);
      state.assign(5);
      return rows.sum(1);
    };
    expect(constants(fn, ids).at(-2)).toMatch(/ = sum\(/);
  });

  test('is left alone where the ids are computed, which nobody looks at before', () => {
    const fn = (ids: Tensor): Tensor => zeros([2, 3]).scatterAdd(1, ids.sub(0), ones([2, 1]).exp());
    expect(constants(fn, ids).join()).toContain('scatterAdd');
  });
});
