import { compile, ones, randn, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const leaf = (x: Tensor): Tensor => {
  x.requiresGrad = true;
  return x;
};

describe('arguments and results', () => {
  test('may be nested as one likes, and null, numbers and functions pass through', () => {
    const double = (x: number): number => 2 * x;
    const fn = compile((batch: { x: Tensor; rest: Tensor[] }, [y]: [Tensor]) => ({
      sum: [batch.x.add(y), ...batch.rest.map(r => r.neg())],
      none: null,
      more: { count: 3, double, empty: [] },
    }));
    for (let i = 1; i < 3; i++) {
      const { sum, ...others } = fn({ x: tensor([i]), rest: [tensor(i), tensor([[i]])] }, [tensor([10])]);
      expect(sum.map(x => x.toArray())).toEqual([[10 + i], -i, [[-i]]]);
      expect(others).toEqual({ none: null, more: { count: 3, double, empty: [] } });
    }
  });

  test('a tensor that is returned twice is one tensor', () => {
    const fn = compile((x: Tensor) => {
      const y = x.neg();
      return [y, { again: y }] as const;
    });
    for (let i = 0; i < 2; i++) {
      const [y, { again }] = fn(ones([1]));
      expect(again).toBe(y);
    }
  });

  test('an argument that is returned is the argument, a closed-over tensor is that tensor', () => {
    const w = ones([2]);
    const fn = compile((x: Tensor) => [x, w, x.neg()]);
    for (let i = 0; i < 2; i++) {
      const x = randn([2]);
      const [same, closedOver] = fn(x);
      expect(same).toBe(x);
      expect(closedOver).toBe(w);
    }
  });

  test('results are the caller’s: the next call does not change them, nor do arguments change with them', () => {
    const fn = compile((x: Tensor) => [x.mul(2), x.reshape([2, 1])]);
    const x = tensor([1, 2]);
    fn(x);
    const [double, view] = fn(x);
    view.assign(7);
    fn(tensor([5, 6]));
    expect([double.toArray(), x.toArray()]).toEqual([
      [2, 4],
      [1, 2],
    ]);
  });

  test('results have no history, in the first call and in later ones', () => {
    const w = leaf(ones([2]));
    const fn = compile((x: Tensor) => w.mul(x).sum());
    for (let i = 0; i < 2; i++) {
      const y = fn(ones([2]));
      expect(y.requiresGrad).toBe(false);
      expect(() => y.backward()).toThrow(
        'backward: the tensor, of shape [], has no history: nothing that it was made from requires a gradient (or it was made under noGrad, or by a compiled function)',
      );
    }
  });
});
