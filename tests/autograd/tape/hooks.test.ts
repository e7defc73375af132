import { enableGrad, grad, ones, type Tensor, tensor } from '@tapegrad/autograd';
import { DTypeError, GradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

describe('a hook', () => {
  test('sees the gradient once, when all of it has arrived', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const seen: unknown[] = [];
    y.registerHook(g => {
      seen.push(g.toArray());
    });
    y.mul(3).add(y.mul(4)).add(y).sum().backward();
    expect(seen).toEqual([[8, 8]]);
  });

  test('replaces the gradient by what it returns', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.registerHook(g => g.mul(10));
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([20, 20]);
  });

  test('runs after those registered before it, on what they returned', () => {
    const x = leaf(1);
    const order: string[] = [];
    x.registerHook(g => {
      order.push('first');
      return g.add(1);
    });
    x.registerHook(g => {
      order.push('second');
      return g.mul(10);
    });
    x.mul(2).backward();
    expect(order).toEqual(['first', 'second']);
    expect(x.grad?.item()).toBe(30);
  });

  test('on a leaf sees the gradient of this backward, not the sum in grad', () => {
    const x = leaf(1);
    const seen: number[] = [];
    x.registerHook(g => {
      seen.push(g.item());
    });
    for (const factor of [2, 3]) x.mul(factor).backward();
    expect(seen).toEqual([2, 3]);
    expect(x.grad?.item()).toBe(5);
  });

  test('runs before the gradient is retained', () => {
    const y = leaf([1, 2]).mul(2);
    y.retainGrad();
    y.registerHook(g => g.mul(5));
    y.sum().backward();
    expect(y.grad?.toArray()).toEqual([5, 5]);
  });

  test('on the root sees the gradient that backward starts from', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.registerHook(g => g.neg());
    y.backward(tensor([3, 4]));
    expect(x.grad?.toArray()).toEqual([-6, -8]);
  });

  test('runs in grad() too', () => {
    const x = leaf(1);
    const y = x.mul(2);
    y.registerHook(g => g.mul(10));
    expect(grad(y.mul(3), x).item()).toBe(60);
  });

  test('does not run where no gradient arrives', () => {
    const x = leaf(1);
    const aside = x.mul(2);
    aside.registerHook(() => {
      throw new Error('not on the way');
    });
    x.mul(3).backward();
    expect(x.grad?.item()).toBe(3);
  });

  test('is gone once removed, and only that registration of it', () => {
    const x = leaf(1);
    const hook = (g: Tensor): Tensor => g.mul(2);
    const first = x.registerHook(hook);
    x.registerHook(hook);
    first.remove();
    first.remove();
    x.mul(1).backward();
    expect(x.grad?.item()).toBe(2);
  });

  test('may remove itself while it runs without keeping the next from running', () => {
    const x = leaf(1);
    const once = x.registerHook(g => {
      once.remove();
      return g.mul(2);
    });
    x.registerHook(g => g.mul(3));
    x.mul(1).backward();
    expect(x.grad?.item()).toBe(6);
    x.zeroGrad();
    x.mul(1).backward();
    expect(x.grad?.item()).toBe(3);
  });

  test('that another one registers first runs the next time', () => {
    const x = leaf(1);
    const once = x.registerHook(() => {
      x.registerHook(g => g.mul(5));
      once.remove();
    });
    x.mul(1).backward();
    expect(x.grad?.item()).toBe(1);
    x.mul(1).backward();
    expect(x.grad?.item()).toBe(6);
  });

  test('may keep the gradient, which then never changes', () => {
    const x = leaf([1, 2]);
    const kept: Tensor[] = [];
    for (const t of [x, x.mul(1)])
      t.registerHook(g => {
        kept.push(g);
      });
    x.mul(3).sum().backward();
    x.grad?.assign(9);
    x.mul(3).sum().backward();
    expect(kept[0].toArray()).toEqual([3, 3]);
  });

  test('may return a tensor of its own, which then never changes', () => {
    const x = leaf([1, 2]);
    const own = tensor([3, 4]);
    const y = x.mul(1);
    y.registerHook(() => own);
    y.add(0).sum().backward();
    x.mul(2).sum().backward();
    expect(x.grad?.toArray()).toEqual([5, 6]);
    expect(own.toArray()).toEqual([3, 4]);
    const z = leaf([1, 2]);
    z.registerHook(() => own);
    z.sum().backward();
    z.grad?.assign(0);
    expect(own.toArray()).toEqual([3, 4]);
  });

  test('that throws leaves every grad as it was', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    const h = x.mul(2);
    h.registerHook(() => {
      throw new Error('from the hook');
    });
    expect(() => h.add(y).sum().backward()).toThrow('from the hook');
    expect([x.grad, y.grad]).toEqual([null, null]);
  });

  test('may call backward itself', () => {
    const [x, w] = [leaf(2), leaf(3)];
    const y = x.mul(5);
    y.registerHook(() => {
      enableGrad(() => w.mul(w)).backward();
      enableGrad(() => x.mul(7)).backward();
    });
    y.mul(1).backward();
    expect(w.grad?.item()).toBe(6);
    expect(x.grad?.item()).toBe(12);
  });

  test('computes without a history, unless that is asked for', () => {
    const x = leaf(2);
    const recorded: boolean[] = [];
    x.registerHook(g => {
      recorded.push(g.mul(x).requiresGrad);
    });
    const y = x.mul(x);
    grad(y, x);
    grad(y, x, { createGraph: true });
    expect(recorded).toEqual([false, true]);
  });

  test('stays part of the derivative when the graph is created', () => {
    const x = leaf(2);
    const y = x.square();
    y.registerHook(g => g.mul(x));
    const first = grad(y, x, { createGraph: true }); // x · 2x
    expect(first.item()).toBe(8);
    expect(grad(first, x).item()).toBe(8); // 4x
  });
});

describe('the errors of a hook', () => {
  test('name both shapes when it returns the wrong one', () => {
    const x = leaf([1, 2]);
    x.registerHook(() => ones([3]));
    expect(() => x.sum().backward()).toThrow(
      new GradError('registerHook: expected the hook to return a gradient of shape [2], or nothing, got shape [3]'),
    );
    expect(x.grad).toBeNull();
  });

  test('name both dtypes when it returns the wrong one', () => {
    const x = leaf([1, 2]);
    x.registerHook(g => g.to('float64'));
    expect(() => x.sum().backward()).toThrow(
      new DTypeError('registerHook: expected the hook to return dtype float32, got float64'),
    );
  });

  test('say what it returned when that is no tensor', () => {
    const x = leaf([1, 2]);
    const pushes: Function = (): number => 1;
    x.registerHook(g => pushes(g));
    expect(() => x.sum().backward()).toThrow(
      new GradError('registerHook: expected the hook to return a gradient of shape [2], or nothing, got number'),
    );
  });

  test('say that a tensor without a gradient has none to hook', () => {
    expect(() => ones([2]).registerHook(g => g)).toThrow(
      new GradError('registerHook: expected a tensor that requires a gradient'),
    );
  });
});
