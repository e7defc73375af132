import { randn, type Tensor, zeros } from 'tapegrad';
import { expect, test } from 'vitest';
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
