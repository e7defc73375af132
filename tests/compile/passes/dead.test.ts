import { noGrad, ones, randn, type Tensor } from 'tapegrad';
import { expect, test } from 'vitest';
import { dropDead } from '../../../packages/compile/src/passes/dead.ts';
import { changed, namesAfter } from './graphs.ts';

const x = randn([2, 3]);

test('an operation whose result nobody reads is dropped, with those that only it reads', () => {
  const unused = (x: Tensor): Tensor => {
    x.exp().mul(2).sum();
    return x.neg();
  };
  expect(changed(dropDead, unused, x)).toEqual({
    before: [
      'v1 [2, 3] = exp(input1 [2, 3])',
      'v2 [2, 3] = mul(v1 [2, 3], 2)',
      'v3 [] = sum(v2 [2, 3])',
      'v4 [2, 3] = neg(input1 [2, 3])',
      'return v4 [2, 3]',
    ],
    after: ['v4 [2, 3] = neg(input1 [2, 3])', 'return v4 [2, 3]'],
  });
});

test('what is read through a view, or twice, stays', () => {
  expect(namesAfter(dropDead, (x: Tensor) => x.exp().t().select(0, 1), x)).toEqual(['exp']);
  expect(
    namesAfter(
      dropDead,
      (x: Tensor) => {
        const y = x.exp();
        y.neg();
        return y.mul(y);
      },
      x,
    ),
  ).toEqual(['exp', 'mul']);
});

test('what is written to a closed-over tensor, to an argument, and to a gradient stays', () => {
  const [state, w] = [ones([3]), ones([3], { requiresGrad: true })];
  const writes = (x: Tensor): Tensor[] => {
    state.assign(state.add(1));
    noGrad(() => x.assign(0));
    w.mul(2).sum().backward();
    return [];
  };
  expect(namesAfter(dropDead, writes, randn([2, 3]))).toEqual(['add', 'write', 'write', 'mul']);
  expect(w.grad?.toArray()).toEqual([2, 2, 2]);
});

test('what is written is dropped where it is overwritten as a whole before anybody reads it', () => {
  const state = ones([3]);
  const twice = (): Tensor[] => {
    state.assign(state.exp());
    state.assign(state.detach().mul(0).add(3));
    state.assign(5);
    return [];
  };
  expect(changed(dropDead, twice).after).toEqual(["resident1'3 [3] = write(5)", "return resident1'3 [3]"]);
});

test('what is written stays where only a part of it is overwritten', () => {
  const state = ones([3]);
  const parts = (): Tensor[] => {
    state.assign(state.exp());
    state.select(0, 1).assign(5);
    return [];
  };
  expect(changed(dropDead, parts).after).toEqual([
    'v1 [3] = exp(resident1 [3])',
    "resident1'1 [3] = write(v1 [3])",
    "resident1'2 [3] = writePart(resident1'1 [3], 5)",
    "return resident1'2 [3]",
  ]);
});
