import { randn, type Tensor } from 'tapegrad';
import { expect, test } from 'vitest';
import { packShared } from '../../../packages/compile/src/passes/pack.ts';
import { changed, graphOf, namesAfter } from './graphs.ts';

const [x, w] = [randn([32, 64]), randn([64, 64])];

test('a right factor that several large products share is packed once, before the first', () => {
  const twice = (x: Tensor, w: Tensor): Tensor => x.matmul(w).tanh().matmul(w);
  expect(changed(packShared, twice, x, w).after).toEqual([
    'v4 [4096] = pack(input2 [64, 64])',
    'v1 [32, 64] = packedProduct(input1 [32, 64], v4 [4096])',
    'v2 [32, 64] = tanh(v1 [32, 64])',
    'v3 [32, 64] = packedProduct(v2 [32, 64], v4 [4096])',
    'return v3 [32, 64]',
  ]);
  const { operations } = packShared(graphOf(twice, x, w));
  expect(operations[1].attrs).toEqual({ K: 64, N: 64 });
});

test('the factor and its transpose are packed each on its own', () => {
  const both = (x: Tensor, w: Tensor): Tensor[] => [x.matmul(w), x.matmul(w.t()), x.exp().matmul(w.t())];
  expect(namesAfter(packShared, both, x, w)).toEqual(['matmul', 'pack', 'packedProduct', 'exp', 'packedProduct']);
});

test('a factor is packed again after it was overwritten', () => {
  const state = randn([64, 64]);
  const fn = (x: Tensor): Tensor[] => {
    const before = [x.matmul(state), x.exp().matmul(state)];
    state.assign(0.5);
    return [...before, x.matmul(state), x.exp().matmul(state)];
  };
  const { after } = changed(packShared, fn, x);
  expect(after.filter(line => line.includes(' = pack('))).toEqual([
    'v7 [4096] = pack(resident1 [64, 64])',
    "v8 [4096] = pack(resident1'1 [64, 64])",
  ]);
});

test('what is used once, is small, a batch, or of float64 is not packed', () => {
  const once = (x: Tensor, w: Tensor): Tensor => x.matmul(w);
  const twice = (x: Tensor, w: Tensor): Tensor[] => [x.matmul(w), x.exp().matmul(w)];
  expect(namesAfter(packShared, once, x, w)).toEqual(['matmul']);
  expect(namesAfter(packShared, twice, randn([4, 64]), w)).toEqual(['matmul', 'exp', 'matmul']);
  expect(namesAfter(packShared, twice, randn([2, 32, 64]), w)).toEqual(['matmul', 'exp', 'matmul']);
  expect(namesAfter(packShared, twice, x.to('float64'), w.to('float64'))).toEqual(['matmul', 'exp', 'matmul']);
});
