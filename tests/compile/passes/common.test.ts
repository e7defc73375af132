import { defineOp, ones, rand, randn, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { shareCommon } from '../../../packages/compile/src/passes/common.ts';
import { changed, namesAfter } from './graphs.ts';

const x = randn([2, 3]);

test('the same operation on the same views is done once, and what follows from it, too', () => {
  expect(changed(shareCommon, (x: Tensor) => [x.t().exp().mul(2), x.t().exp().mul(2).neg()], x)).toEqual({
    before: [
      'v1 [3, 2] = exp(input1 [3, 2] strides [1, 3])',
      'v2 [3, 2] = mul(v1 [3, 2], 2)',
      'v3 [3, 2] = exp(input1 [3, 2] strides [1, 3])',
      'v4 [3, 2] = mul(v3 [3, 2], 2)',
      'v5 [3, 2] = neg(v4 [3, 2])',
      'return v2 [3, 2], v5 [3, 2]',
    ],
    after: [
      'v1 [3, 2] = exp(input1 [3, 2] strides [1, 3])',
      'v2 [3, 2] = mul(v1 [3, 2], 2)',
      'v5 [3, 2] = neg(v2 [3, 2])',
      'return v2 [3, 2], v5 [3, 2]',
    ],
  });
});

test('one number is the same wherever it was written; 0 and -0 are two', () => {
  expect(namesAfter(shareCommon, (x: Tensor) => [x.add(0.5), x.add(0.5)], x)).toEqual(['add']);
  expect(changed(shareCommon, (x: Tensor) => [x.mul(tensor(0)), x.mul(tensor(-0))], x).after).toHaveLength(3);
});

describe('two operations stay two', () => {
  test('where their inputs are the same buffer in another order, or another part of it', () => {
    expect(namesAfter(shareCommon, (x: Tensor) => [x.exp(), x.t().exp()], x)).toEqual(['exp', 'exp']);
    expect(namesAfter(shareCommon, (x: Tensor) => [x.select(0, 0).exp(), x.select(0, 1).exp()], x)).toHaveLength(2);
  });

  test('where their inputs are the other way round', () => {
    expect(namesAfter(shareCommon, (x: Tensor) => [x.sub(x.neg()), x.neg().sub(x)], x)).toEqual(['neg', 'sub', 'sub']);
  });

  test('where their attributes differ', () => {
    expect(namesAfter(shareCommon, (x: Tensor) => [x.sum(0), x.sum(1)], x)).toEqual(['sum', 'sum']);
    expect(namesAfter(shareCommon, (x: Tensor) => [x.to('int32'), x.to('bool')], x)).toEqual(['to', 'to']);
  });

  test('where their input was overwritten between them', () => {
    const around = (x: Tensor): Tensor[] => {
      const before = x.exp();
      x.select(0, 1).assign(0);
      return [before, x.exp()];
    };
    expect(changed(shareCommon, around, randn([2, 3])).after.slice(0, 3)).toEqual([
      'v1 [2, 3] = exp(input1 [2, 3])',
      "input1'1 [6] = writePart(input1 [6], 0)",
      "v2 [2, 3] = exp(input1'1 [2, 3])",
    ]);
  });

  test('where both write what is the same to tensors of their own', () => {
    const [a, b] = [ones([2, 3]), ones([2, 3])];
    const write = (x: Tensor): Tensor[] => {
      a.assign(x.neg());
      b.assign(x.neg());
      return [];
    };
    expect(namesAfter(shareCommon, write, x)).toEqual(['neg', 'write', 'write']);
  });

  test('where both draw', () => {
    expect(namesAfter(shareCommon, () => [rand([3]).lt(0.5), rand([3]).lt(0.5)])).toEqual(['lt', 'lt']);
  });

  test('where somebody else defined them, who may count the calls', () => {
    const twice = defineOp({ name: 'twice', forward: (x: Tensor) => x.add(x), backward: g => g.mul(2) });
    expect(namesAfter(shareCommon, (x: Tensor) => [twice(x), twice(x)], x)).toEqual(['twice', 'twice']);
  });
});
