import { cat, ones, randn, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { updateInPlace } from '../../../packages/compile/src/passes/updates.ts';
import { changed } from './graphs.ts';

const x = randn([3, 4]);
const ids = tensor([2, 0, 2], { dtype: 'int32' });

const updated = (fn: (...args: any[]) => unknown, ...args: Tensor[]): string[] =>
  changed(updateInPlace, fn, ...args).after;

describe('a part is changed in the buffer itself', () => {
  test('where nobody reads the old contents again', () => {
    const fn = (x: Tensor): Tensor => x.exp().scatterAdd(0, ids.unsqueeze(1).expand([3, 4]), x);
    expect(changed(updateInPlace, fn, x)).toEqual({
      before: [
        'v1 [3, 4] = exp(input1 [3, 4])',
        'v2 [3, 4] = scatterAdd(v1 [3, 4], resident1:int32 [3, 4] strides [1, 0], input1 [3, 4])',
        'return v2 [3, 4]',
      ],
      after: [
        'v1 [3, 4] = exp(input1 [3, 4])',
        "v1'1 [3, 4] = scatterAdd(v1 [3, 4], resident1:int32 [3, 4] strides [1, 0], input1 [3, 4])",
        "return v1'1 [3, 4]",
      ],
    });
  });

  test('one change after the other, as gradients of slices come together', () => {
    const w = ones([4], { requiresGrad: true });
    const fn = (): Tensor[] => {
      w.zeroGrad();
      w.slice(0, 0, 2)
        .sum()
        .add(w.slice(0, 1, 4, 2).mul(3).sum())
        .backward();
      return [];
    };
    expect(updated(fn).slice(-4)).toEqual([
      'v8 [4] = write(constant1 [4])',
      "v8'1 [4] = addPart(v8 [4], v5 [2])",
      "v8'2 [4] = addPart(v8'1 [4], 1)",
      "return v8'2 [4]",
    ]);
    expect(w.grad?.toArray()).toEqual([1, 4, 0, 3]);
  });

  test('where something that the function made is overwritten in a part', () => {
    const fn = (x: Tensor): Tensor => {
      const y = x.exp().detach();
      y.select(0, 1).assign(7);
      return y;
    };
    expect(updated(fn, x)).toEqual([
      'v1 [3, 4] = exp(input1 [3, 4])',
      "v1'1 [12] = writePart(v1 [12], 7)",
      "return v1'1 [3, 4]",
    ]);
  });
});

describe('a copy is changed', () => {
  const put = (base: Tensor, source: Tensor): Tensor => base.scatter(0, ids.unsqueeze(1).expand([3, 4]), source);

  test('of an argument, of a closed-over tensor, and of a constant', () => {
    const w = randn([3, 4]);
    expect(updated((x: Tensor) => put(x, x.exp()), x)[1]).toBe('v3 [3, 4] = write(input1 [3, 4])');
    expect(updated((x: Tensor) => put(w, x), x)[0]).toBe('v2 [3, 4] = write(resident1 [3, 4])');
    expect(updated((x: Tensor) => put(zeros([3, 4]), x), x)[0]).toBe('v2 [3, 4] = write(constant1 [3, 4])');
  });

  test('where the old contents are read afterwards, or are a result', () => {
    const later = (x: Tensor): Tensor[] => {
      const y = x.exp();
      return [put(y, x), y.neg()];
    };
    const asResult = (x: Tensor): Tensor[] => {
      const y = x.exp();
      return [put(y, x), y];
    };
    expect(updated(later, x)[1]).toBe('v4 [3, 4] = write(v1 [3, 4])');
    expect(updated(asResult, x)[1]).toBe('v3 [3, 4] = write(v1 [3, 4])');
  });

  test('where what is put there is a part of the old contents', () => {
    const shifted = (x: Tensor): Tensor => {
      const y = x.exp();
      return put(y, y.flip(0));
    };
    expect(updated(shifted, x)[1]).toBe('v3 [3, 4] = write(v1 [3, 4])');
  });

  test('where the old contents are seen in another order, or only in part', () => {
    expect(updated((x: Tensor) => put(x.t().exp().t(), x), x)[1]).toBe('v3 [3, 4] = write(v1 [3, 4] strides [1, 3])');
    expect(updated((x: Tensor) => put(x.tile([2, 1]).exp().slice(0, 3), x), x).join()).toContain(' = write(v');
  });
});

describe('what is joined', () => {
  test('is written part by part into one buffer', () => {
    expect(changed(updateInPlace, (x: Tensor) => cat([x, x.exp()], 1), x)).toEqual({
      before: ['v1 [3, 4] = exp(input1 [3, 4])', 'v2 [3, 8] = cat(input1 [3, 4], v1 [3, 4])', 'return v2 [3, 8]'],
      after: [
        'v1 [3, 4] = exp(input1 [3, 4])',
        'v3 [3, 8] = empty()',
        "v3'1 [3, 8] = writePart(v3 [3, 8], input1 [3, 4])",
        "v3'2 [3, 8] = writePart(v3'1 [3, 8], v1 [3, 4])",
        "return v3'2 [3, 8]",
      ],
    });
  });

  test('may be joined again, and changed in its turn', () => {
    const fn = (x: Tensor): Tensor => {
      const y = cat([cat([x, x], 0), x], 0).detach();
      y.select(1, 0).assign(0);
      return y;
    };
    expect(updated(fn, x).filter(line => line.includes('empty()'))).toHaveLength(2);
    expect(updated(fn, x).at(-1)).toMatch(/^return v\d+'\d+ \[9, 4\]$/);
  });

  test('may hold parts of no elements', () => {
    expect(updated((x: Tensor) => cat([x.slice(0, 0, 0), x], 0), x).at(-1)).toMatch(/^return v\d+'\d+ \[3, 4\]$/);
  });
});

test('what is written to closed-over tensors and arguments stays where it is', () => {
  const state = zeros([3, 4]);
  const fn = (x: Tensor): Tensor[] => {
    state.select(0, 1).assign(x.select(0, 0));
    return [];
  };
  const { before, after } = changed(updateInPlace, fn, x);
  expect(after).toEqual(before);
});
