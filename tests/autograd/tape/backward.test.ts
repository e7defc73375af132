import { cat, defineOp, gradcheck, noGrad, observe, ones, randn, type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { GradError, manualSeed, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[] | number[][]): Tensor => tensor(data, { requiresGrad: true });

/** Identity forward, an error backward. */
const trap = defineOp({
  name: 'trap',
  forward: (x: Tensor) => x.clone(),
  backward: () => {
    throw new Error('trapped');
  },
});

describe('backward', () => {
  test('adds into the grad of leaves', () => {
    const x = leaf([1, 2]);
    x.mul(3).sum().backward();
    expect(x.grad?.toArray()).toEqual([3, 3]);
    x.square().sum().backward();
    expect(x.grad?.toArray()).toEqual([5, 7]);
    x.zeroGrad();
    expect(x.grad).toBeNull();
  });

  test('leaves alone the grad tensor that it adds to', () => {
    const x = leaf([1, 2]);
    x.sum().backward();
    const first = x.grad;
    x.sum().backward();
    expect(first?.toArray()).toEqual([1, 1]);
    expect(x.grad?.toArray()).toEqual([2, 2]);
  });

  test('may be called twice on the same tape', () => {
    const x = leaf(3);
    const y = x.mul(x);
    y.backward();
    y.backward();
    expect(x.grad?.item()).toBe(12);
  });

  test('counts every use of a tensor', () => {
    const x = leaf(2);
    x.mul(x).add(x).mul(x).backward(); // x³ + x²
    expect(x.grad?.item()).toBe(3 * 4 + 2 * 2);
  });

  test('does not go into branches that lead nowhere', () => {
    const x = leaf([1, 2]);
    trap(x);
    x.mul(2).exp().log();
    x.mul(5).sum().backward();
    expect(x.grad?.toArray()).toEqual([5, 5]);
  });

  test('gives nothing to a leaf that the output was not made from', () => {
    const [x, unused] = [leaf([1, 2]), leaf([1, 2])];
    unused.mul(x);
    x.sum().backward();
    expect(unused.grad).toBeNull();
  });

  test('gives nothing to a tensor that does not require a gradient', () => {
    const [x, c] = [leaf([1, 2]), tensor([3, 4])];
    x.mul(c).sum().backward();
    expect(c.grad).toBeNull();
    expect(x.grad?.toArray()).toEqual([3, 4]);
  });

  test('gives grad to leaves only', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.sum().backward();
    expect(y.grad).toBeNull();
  });

  test('gives a leaf that it starts from the gradient itself', () => {
    const x = leaf(5);
    x.backward();
    expect(x.grad?.item()).toBe(1);
  });

  test('starts from one for a tensor of one element, whatever its dims', () => {
    const x = leaf([[2]]);
    x.square().backward();
    expect(x.grad?.toArray()).toEqual([[4]]);
  });

  test('starts from the gradient given for a tensor of several elements', () => {
    const x = leaf([1, 2, 3]);
    x.square().backward(tensor([1, 10, 100]));
    expect(x.grad?.toArray()).toEqual([2, 40, 600]);
  });

  test('casts the gradient given to the dtype of the tensor', () => {
    const x = leaf([1, 2]);
    x.mul(2).backward(tensor([1, 2], { dtype: 'int32' }));
    expect(x.grad?.dtype).toBe('float32');
    expect(x.grad?.toArray()).toEqual([2, 4]);
  });

  test('gives each grad the dtype of its leaf', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { dtype: 'float64', requiresGrad: true });
    x.mul(y).sum().backward();
    expect(x.grad?.dtype).toBe('float32');
    expect(y.grad?.dtype).toBe('float64');
    expect(y.grad?.toArray()).toEqual([1, 2]);
  });

  test('sums over what a leaf was broadcast along', () => {
    const [row, column] = [leaf([1, 2, 3]), leaf([[1], [2]])];
    row.mul(column).sum().backward();
    expect(row.grad?.toArray()).toEqual([3, 3, 3]);
    expect(column.grad?.toArray()).toEqual([[6], [6]]);
  });

  test('is right on a graph of diamonds', () => {
    manualSeed(1);
    const diamonds = (x: Tensor, w: Tensor): Tensor => {
      let h: Tensor = x;
      for (let i = 0; i < 4; i++) {
        const left = h.matmul(w).tanh();
        const right = h.sigmoid().mul(left);
        h = left.add(right).add(x.mul(right));
      }
      return h;
    };
    expect(gradcheck(diamonds, [randn([2, 3]), randn([3, 3])])).toBe(true);
  });

  test('gives results that no longer require a gradient under noGrad no history', () => {
    const x = leaf([1, 2]);
    const y = noGrad(() => x.mul(2));
    expect(y.requiresGrad).toBe(false);
    expect(y.isLeaf).toBe(true);
  });

  test('does not reach through results that are integers or truths', () => {
    const x = leaf([0.5, 2.5]);
    for (const y of [x.to('int32'), x.to('bool'), x.gt(1), x.argmax()]) {
      expect(y.requiresGrad).toBe(false);
      expect(() => y.sum().backward()).toThrow(GradError);
    }
  });
});

describe('the errors of backward', () => {
  test('ask for a gradient where there are several elements', () => {
    const y = leaf([1, 2]).mul(2);
    expect(() => y.backward()).toThrow(
      new GradError(
        'backward: expected a tensor of one element or a gradient to start from, got shape [2] and no gradient',
      ),
    );
  });

  test('give both shapes when the gradient has the wrong one', () => {
    const y = leaf([1, 2]).mul(2);
    expect(() => y.backward(ones([2, 1]))).toThrow(
      new GradError("backward: expected a gradient of the tensor's shape [2], got [2, 1]"),
    );
  });

  test('say that a tensor has no history, and why that may be', () => {
    expect(() => ones([]).mul(2).backward()).toThrow(
      new GradError(
        'backward: the tensor, of shape [], has no history: nothing that it was made from requires a gradient (or it was made under noGrad, or by a compiled function)',
      ),
    );
  });

  test('in the middle leave every grad as it was', () => {
    const [x, w, b] = [leaf([1, 2]), leaf([3, 4]), leaf([5, 6])];
    x.grad = tensor([7, 8]);
    const loss = trap(x.mul(2)).mul(w).add(b).sum();
    expect(() => loss.backward()).toThrow('trapped');
    expect([x.grad.toArray(), w.grad, b.grad]).toEqual([[7, 8], null, null]);
  });

  test('in adding to a grad that was set to another shape leave every grad as it was', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    const wrong: Tensor = zeros([3]);
    y.grad = wrong;
    expect(() => x.mul(y).sum().backward()).toThrow(ShapeError);
    expect(x.grad).toBeNull();
    expect(y.grad).toBe(wrong);
  });

  test('do not spoil the tape', () => {
    const x = leaf([1, 2]);
    let fails = true;
    const sometimes = defineOp({
      name: 'sometimes',
      forward: (a: Tensor) => a.clone(),
      backward: (g: Tensor) => {
        if (fails) throw new Error('not now');
        return g;
      },
    });
    const y = sometimes(x.mul(3)).sum();
    expect(() => y.backward()).toThrow('not now');
    fails = false;
    y.backward();
    expect(x.grad?.toArray()).toEqual([3, 3]);
  });
});

describe('retainGrad', () => {
  test('keeps the gradient of the result of an operation', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.retainGrad();
    y.square().sum().backward();
    expect(y.grad?.toArray()).toEqual([4, 8]);
    expect(x.grad?.toArray()).toEqual([8, 16]);
  });

  test('accumulates as leaves do', () => {
    const y = leaf([1, 2]).mul(2);
    y.retainGrad();
    const z = y.sum();
    z.backward();
    z.backward();
    expect(y.grad?.toArray()).toEqual([2, 2]);
  });

  test('changes nothing on a leaf', () => {
    const x = leaf(2);
    x.retainGrad();
    x.mul(3).backward();
    expect(x.grad?.item()).toBe(3);
  });

  test('is an error without a gradient to keep', () => {
    expect(() => ones([2]).retainGrad()).toThrow(
      new GradError('retainGrad: expected a tensor that requires a gradient'),
    );
  });
});

describe('large graphs', () => {
  test('of 100,000 operations in a row work forward and backward', () => {
    const x = leaf(1);
    let y: Tensor = x;
    for (let i = 0; i < 50_000; i++) y = y.add(1).mul(1);
    y.backward();
    expect(y.item()).toBe(50_001);
    expect(x.grad?.item()).toBe(1);
  });

  test('that use one tensor 10,000 times work', () => {
    const x = leaf([1, 2]);
    const terms = Array.from({ length: 10_000 }, (_, i) => x.mul(i % 4));
    cat(terms).sum().backward();
    expect(x.grad?.toArray()).toEqual([15_000, 15_000]);
  });

  test('that pick 3,000 rows of a matrix one by one write their gradients into one buffer', () => {
    const x = zeros([3_000, 100], { requiresGrad: true });
    let y: Tensor = zeros([100]);
    for (const row of x) y = y.add(row);
    const buffers = new Set<unknown>();
    observe({ applied: (op, _in, _attrs, out) => op.name === 'sliceAdd' && buffers.add(out.value) }, () =>
      y.sum().backward(),
    );
    expect(buffers.size).toBe(1);
    expect(x.grad?.sum().item()).toBe(300_000);
  });
});
