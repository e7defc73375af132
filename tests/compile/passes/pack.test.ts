import { randn, type Tensor } from 'tapegrad';
import { expect, test } from 'vitest';
import { packShared } from '../../../packages/compile/src/passes/pack.ts';
import { changed, graphOf, namesAfter } from './graphs.ts';

const [x, w] = [randn([128, 256]), randn([256, 256])];

test('a right factor that several large products share is packed once, before the first', () => {
  const twice = (x: Tensor, w: Tensor): Tensor => x.matmul(w).tanh().matmul(w);
  expect(changed(packShared, twice, x, w).after).toEqual([
    'v4 [65536] = pack(input2 [256, 256])',
    'v1 [128, 256] = packedProduct(input1 [128, 256], v4 [65536])',
    'v2 [128, 256] = tanh(v1 [128, 256])',
    'v3 [128, 256] = packedProduct(v2 [128, 256], v4 [65536])',
    'return v3 [128, 256]',
  ]);
  const { operations } = packShared(graphOf(twice, x, w));
  expect(operations[1].attrs).toEqual({ K: 256, N: 256 });
});

test('the factor and its transpose are packed each on its own', () => {
  const both = (x: Tensor, w: Tensor): Tensor[] => [x.matmul(w), x.matmul(w.t()), x.exp().matmul(w.t())];
  expect(namesAfter(packShared, both, x, w)).toEqual(['matmul', 'pack', 'packedProduct', 'exp', 'packedProduct']);
});

test('a factor is packed again after it was overwritten', () => {
  const state = randn([256, 256]);
  const fn = (x: Tensor): Tensor[] => {
    const before = [x.matmul(state), x.exp().matmul(state)];
    state.assign(0.5);
    return [...before, x.matmul(state), x.exp().matmul(state)];
  };
  const { after } = changed(packShared, fn, x);
  expect(after.filter(line => line.includes(' = pack('))).toEqual([
    'v7 [65536] = pack(resident1 [256, 256])',
    "v8 [65536] = pack(resident1'1 [256, 256])",
  ]);
});

test('what is used once, is small, a batch, or of float64 is not packed', () => {
  const once = (x: Tensor, w: Tensor): Tensor => x.matmul(w);
  const twice = (x: Tensor, w: Tensor): Tensor[] => [x.matmul(w), x.exp().matmul(w)];
  expect(namesAfter(packShared, once, x, w)).toEqual(['matmul']);
  expect(namesAfter(packShared, twice, randn([2, 256]), w.slice(1, 0, 2))).toEqual(['matmul', 'exp', 'matmul']);
  expect(namesAfter(packShared, twice, randn([2, 128, 256]), w)).toEqual(['matmul', 'exp', 'matmul']);
  expect(namesAfter(packShared, twice, x.to('float64'), w.to('float64'))).toEqual(['matmul', 'exp', 'matmul']);
});
