import { cat, ones, randn, type Tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { updateInPlace } from '../../../packages/compile/src/passes/updates.ts';
import { graphOf } from './graphs.ts';
import { namesOfSteps, stepLines, stepsOf } from './programs.ts';

const [x, y] = [randn([4, 8]), randn([4, 8])];

describe('one loop does', () => {
  test('a chain of elementwise operations, of which only the last is stored', () => {
    expect(stepsOf((x: Tensor, y) => x.exp().add(y).mul(2).tanh(), x, y)).toEqual([
      '0: loop over [4, 8]',
      '   v1 = exp(input1 [4, 8])',
      '   v2 = add(v1, input2 [4, 8])',
      '   v3 = mul(v2, 2)',
      '   v4 = tanh(v3)  stored',
    ]);
  });

  test('what is broadcast along rows and columns', () => {
    expect(stepsOf((x: Tensor, row, column) => x.add(row).mul(column), x, randn([8]), randn([4, 1]))).toEqual([
      '0: loop over [4, 8]',
      '   v1 = add(input1 [4, 8], input2 [8])',
      '   v2 = mul(v1, input3 [4, 1])  stored',
    ]);
  });

  test('an operation with all that its inputs come from', () => {
    expect(namesOfSteps((x: Tensor, y) => x.exp().add(y.neg()), x, y)).toEqual([['exp', 'neg', 'add']]);
  });

  test('folds of rows, of columns, and of all, beside what they fold', () => {
    const fn = (x: Tensor): Tensor[] => ((e: Tensor) => [e, e.sum(1), e.sum(0), e.sum()])(x.exp());
    expect(stepsOf(fn, x)).toEqual([
      '0: loop over [4, 8], rows of 1 dims',
      '   v1 = exp(input1 [4, 8])  stored',
      '   v2 = sum(v1)  row, stored',
      '   v3 = sum(v1)  end, stored',
      '   v4 = sum(v1)  end, stored',
    ]);
  });

  test('what is computed from the folds of rows, and a fold of that', () => {
    expect(stepsOf((x: Tensor) => x.sum(1).exp().sum(), randn([4, 64]))).toEqual([
      '0: loop over [4, 64], rows of 1 dims',
      '   v1 = sum(input1 [4, 64])  row',
      '   v2 = exp(v1)',
      '   v3 = sum(v2)  end, stored',
    ]);
  });

  test('what is computed and then joined, with the other parts of the joined tensor', () => {
    const joined = (x: Tensor, y: Tensor): Tensor => cat([x.exp(), y], 1);
    expect(stepLines(updateInPlace(graphOf(joined, x, y)))).toEqual([
      '0: v1 [4, 16] = empty()',
      '1: loop over [4, 8]',
      '   v2 = exp(input1 [4, 8])',
      "   v1'1 = writePart(v2)  stored",
      "   v1'2 = writePart(input2 [4, 8])  stored",
    ]);
  });
});

describe('loops are apart', () => {
  test('on either side of a product, which waits for one and is waited for by the other', () => {
    const around = (x: Tensor, w: Tensor): Tensor => {
      const e = x.exp();
      return e.mul(e.matmul(w));
    };
    expect(stepsOf(around, x, randn([8, 8]))).toEqual([
      '0: loop over [4, 8]',
      '   v1 = exp(input1 [4, 8])  stored',
      '1: v2 [4, 8] = matmul(v1 [4, 8], input2 [8, 8])',
      '2: loop over [4, 8]',
      '   v3 = mul(v1 [4, 8], v2 [4, 8])  stored',
    ]);
  });

  test('where elements are read in another order, or as another shape', () => {
    expect(namesOfSteps((x: Tensor) => x.exp().t().neg(), x)).toEqual([['exp'], ['neg']]);
    expect(namesOfSteps((x: Tensor) => x.exp().reshape([8, 4]).neg(), x)).toEqual([['exp'], ['neg']]);
    expect(namesOfSteps((x: Tensor) => x.exp().flip(0).neg(), x)).toEqual([['exp'], ['neg']]);
  });

  test('where a fold of columns has to be done before it is read', () => {
    expect(namesOfSteps((x: Tensor) => x.sub(x.sum(0)), x)).toEqual([['sum'], ['sub']]);
  });

  test('around what only JavaScript does', () => {
    expect(namesOfSteps((x: Tensor) => x.exp().sinh().mul(2), x)).toEqual([['exp'], ['sinh'], ['mul']]);
    expect(namesOfSteps((x: Tensor) => x.exp().mul(2), x.to('float64'))).toEqual([['exp'], ['mul']]);
  });

  test('where one would be of too many operations', () => {
    const long = (x: Tensor): Tensor => {
      for (let i = 0; i < 100; i++) x = x.mul(0.5).add(1);
      return x;
    };
    const sizes = namesOfSteps(long, x).map(names => names.length);
    expect(sizes.reduce((sum, n) => sum + n)).toBe(200);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64);
  });
});

describe('where a buffer is overwritten', () => {
  test('what reads the old contents comes before, what reads the new ones after, both in loops', () => {
    const state = ones([4, 8]);
    const fn = (x: Tensor): Tensor[] => {
      const before = state.exp();
      state.assign(x);
      return [before.add(1), state.mul(3)];
    };
    expect(stepsOf(fn, x)).toEqual([
      '0: loop over [4, 8]',
      '   v1 = exp(resident1 [4, 8])',
      '   v2 = add(v1, 1)  stored',
      '1: loop over [4, 8]',
      "   resident1'1 = write(input1 [4, 8])  stored",
      "   v3 = mul(resident1'1, 3)  stored",
    ]);
  });

  test('it is overwritten in the loop that reads it where each element is read before it is written', () => {
    const state = ones([4, 8]);
    expect(stepsOf((x: Tensor) => [state.assign(state.mul(0.5).add(x)).exp()], x)).toEqual([
      '0: loop over [4, 8]',
      '   v1 = mul(resident1 [4, 8], 0.5)',
      '   v2 = add(v1, input1 [4, 8])',
      "   resident1'1 = write(v2)  stored",
      "   v3 = exp(resident1'1)  stored",
    ]);
  });

  test('it is not overwritten in a loop that reads it in another order, or another part of it', () => {
    const [state, list] = [ones([4, 4]), ones([9])];
    expect(namesOfSteps(() => [state.assign(state.t().exp().add(state)), []])).toEqual([['exp', 'add'], ['write']]);
    const shift = (): Tensor[] => {
      list.slice(0, 1).assign(list.slice(0, 0, 8).mul(2));
      return [];
    };
    expect(namesOfSteps(shift)).toEqual([['mul'], ['writePart']]);
  });

  test('it is not overwritten where rows are gone through twice', () => {
    const [state, x] = [ones([4, 64]), randn([4, 64])];
    const fn = (): Tensor[] => [state.assign(state.div(state.sum(1, { keepdim: true })))];
    expect(namesOfSteps(fn)).toEqual([['sum', 'div'], ['write']]);
    const folded = (x: Tensor): Tensor[] => [state.assign(x.exp()).sum(1)];
    expect(namesOfSteps(folded, x)).toEqual([['exp', 'write'], ['sum']]);
  });

  test('parts that do not meet are written in one loop, others one after the other', () => {
    const state = zeros([40]);
    const parts =
      (first: number, second: number, step = 1) =>
      (x: Tensor, y: Tensor) => {
        state.slice(0, first, first + 8 * step, step).assign(x);
        state.slice(0, second, second + 8 * step, step).assign(y);
        return [];
      };
    const loops = (fn: (x: Tensor, y: Tensor) => unknown): number =>
      namesOfSteps(fn, randn([8]), randn([8])).filter(names => names.includes('writePart')).length;
    expect(loops(parts(0, 8))).toBe(1);
    expect(loops(parts(0, 1, 2))).toBe(1);
    expect(loops(parts(0, 7))).toBe(2);
    expect(loops(parts(0, 2, 2))).toBe(2);
  });

  test('what is written backward over what was just written there comes after it', () => {
    const state = zeros([8]);
    const backward = (x: Tensor, y: Tensor): Tensor[] => {
      state.assign(x);
      state.flip(0).assign(y);
      return [];
    };
    expect(namesOfSteps(backward, randn([8]), randn([8]))).toEqual([['write'], ['writePart']]);
  });
});

test('what does not hang together keeps the order in which it was recorded', () => {
  const fn = (x: Tensor, y: Tensor): Tensor[] => [x.exp(), y.sinh(), y.neg().reshape([8, 4]), x.matmul(y.t())];
  expect(namesOfSteps(fn, x, y)).toEqual([['exp'], ['sinh'], ['neg'], ['matmul']]);
});
