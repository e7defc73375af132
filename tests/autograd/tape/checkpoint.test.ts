import {
  checkpoint,
  dropout,
  enableGrad,
  grad,
  gradcheck,
  gradgradcheck,
  noGrad,
  observe,
  ones,
  rand,
  randn,
  type Tensor,
  tensor,
} from '@tapegrad/autograd';
import { defaultGenerator, Generator, GradError, manualSeed } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

const weights = (seed: number): Tensor =>
  randn([3, 3], { generator: new Generator(seed), dtype: 'float64', requiresGrad: true });

/** The gradients of loss(...), by backward, of each leaf. */
function gradsOf(leaves: readonly Tensor[], loss: () => Tensor): (number[][] | null)[] {
  for (const x of leaves) x.zeroGrad();
  loss().backward();
  return leaves.map(x => x.grad?.toArray() ?? null);
}

describe('checkpoint', () => {
  test('gives the value of the function, and gradients to its inputs and to all else that it uses', () => {
    const [x, w, v] = [weights(1), weights(2), weights(3)];
    const block = (h: Tensor): Tensor => h.matmul(w).tanh().matmul(v).tanh();
    const leaves = [x, w, v];
    expect(checkpoint(block, x).toArray()).toEqual(block(x).toArray());
    // Products that come from one walk are summed as one, those of a checkpoint come from walks of their own.
    const expected = gradsOf(leaves, () => block(block(x)).sum()).flat(2) as number[];
    const found = gradsOf(leaves, () => checkpoint(block, checkpoint(block, x)).sum()).flat(2) as number[];
    found.forEach((g, i) => {
      expect(g).toBeCloseTo(expected[i], 13);
    });
  });

  test('does not need an input that requires a gradient', () => {
    const w = leaf([1, 2]);
    checkpoint((x: Tensor) => x.mul(w).exp().sum(), ones([2])).backward();
    expect(w.grad?.data[1]).toBeCloseTo(Math.exp(2), 4);
  });

  test('calls the function once more for a walk backward, and not for what is beside its way', () => {
    const [x, other] = [leaf(2), leaf(3)];
    let calls = 0;
    const fn = (a: Tensor): Tensor => {
      calls++;
      return a.square();
    };
    const y = checkpoint(fn, x).mul(other);
    expect(calls).toBe(1);
    y.backward();
    expect(calls).toBe(2);
    expect(x.grad?.item()).toBe(12);
    grad(y, other);
    expect(calls).toBe(2);
    y.backward();
    expect(calls).toBe(3);
    expect(x.grad?.item()).toBe(24);
  });

  test('keeps nothing of what the function computed', () => {
    const x = leaf([0.5]);
    const y = checkpoint((a: Tensor) => a.exp().sin().exp(), x);
    expect(y.node?.op?.name).toBe('checkpoint');
    expect(y.node?.parents.length).toBe(1);
    expect(y.node?.parents[0]).toBe(x.node);
    expect(checkpoint((a: Tensor) => a.exp(), y).node?.parents.map(parent => parent?.op?.name)).toEqual(['checkpoint']);
    expect(y.node?.inputs).toEqual([]);
    expect(y.node?.output).toBeUndefined();
  });

  test('differentiates again, to any order', () => {
    const x = tensor([0.3, -0.8], { dtype: 'float64', requiresGrad: true });
    const fn = (a: Tensor): Tensor => checkpoint((b: Tensor) => b.exp().sin(), a);
    expect(gradcheck(fn, x)).toBe(true);
    expect(gradgradcheck(fn, x)).toBe(true);
    let [y, z]: Tensor[] = [fn(x), x.exp().sin()];
    for (let order = 1; order <= 3; order++) {
      y = grad(y.sum(), x, { createGraph: true });
      z = grad(z.sum(), x, { createGraph: true });
      expect(y.data[0]).toBeCloseTo(z.data[0], 12);
    }
  });

  test('works with grad(), also with respect to the result of an operation', () => {
    const x = leaf(2);
    const h = x.mul(3);
    const y = checkpoint((a: Tensor) => a.square().mul(x), h);
    expect(grad(y, [h, x]).map(g => g.item())).toEqual([24, 24 * 3 + 36]);
    expect(x.grad).toBeNull();
  });

  test('counts a value once that reaches it both directly and by way of another', () => {
    const x = leaf(2);
    const h = x.square();
    checkpoint((a: Tensor) => a.mul(h).mul(x), x).backward(); // x · x² · x
    expect(x.grad?.item()).toBe(4 * 8);
  });

  test('runs each hook once', () => {
    const x = leaf(2);
    const h = x.mul(3);
    const seen: string[] = [];
    x.registerHook(() => {
      seen.push('leaf');
    });
    h.registerHook(() => {
      seen.push('result');
    });
    const y = checkpoint((a: Tensor) => {
      const inner = a.mul(x);
      inner.registerHook(g => {
        seen.push('inner');
        return g.mul(10);
      });
      return inner.mul(1);
    }, h);
    y.backward();
    expect(seen).toEqual(['inner', 'result', 'leaf']);
    expect(x.grad?.item()).toBe(10 * 12);
  });

  test('lets the function make leaves of its own, and differentiate by them', () => {
    const slope = (a: Tensor): Tensor => {
      const inner = a.detach();
      inner.requiresGrad = true;
      return grad(inner.pow(3).sum(), inner, { createGraph: true }).mul(a).sum(); // 3 a² with a fixed, times a
    };
    const x = leaf([2]);
    checkpoint(slope, x).backward();
    expect(x.grad?.item()).toBe(12);
  });

  test('nests', () => {
    const x = weights(1);
    const inner = (a: Tensor): Tensor => a.sin().mul(x);
    const plain = gradsOf([x], () => inner(inner(x).exp()).sum());
    const nested = gradsOf([x], () =>
      checkpoint((a: Tensor) => checkpoint(inner, checkpoint(inner, a).exp()), x).sum(),
    );
    nested[0]?.flat().forEach((g, i) => {
      expect(g).toBeCloseTo(plain[0]?.flat()[i] ?? Number.NaN, 12);
    });
  });

  test('draws the same numbers from the default generator when it computes again', () => {
    const x = ones([1000], { requiresGrad: true });
    manualSeed(4);
    const y = checkpoint((a: Tensor) => dropout(dropout(a, 0.5).exp(), 0.3), x);
    const next = rand([1]).item();
    const state = defaultGenerator().state();
    y.sum().backward();
    expect(defaultGenerator().state()).toBe(state);
    manualSeed(4);
    const z = leaf([...x.data]);
    dropout(dropout(z, 0.5).exp(), 0.3).sum().backward();
    expect(rand([1]).item()).toBe(next);
    expect(x.grad?.toArray()).toEqual(z.grad?.toArray());
  });

  test('puts the default generator back also when the function throws', () => {
    let fails = false;
    const y = checkpoint((a: Tensor) => {
      const noisy = a.mul(rand([]));
      if (fails) throw new Error('the second time');
      return noisy;
    }, leaf(1));
    const state = defaultGenerator().state();
    fails = true;
    expect(() => y.backward()).toThrow('the second time');
    expect(defaultGenerator().state()).toBe(state);
  });

  test('takes functions of several inputs, of which some are no tensors, with several outputs', () => {
    const [x, w] = [weights(1), weights(2)];
    const cell = (h: Tensor, state: { c: Tensor }, factor: number): [Tensor, Tensor, null] => {
      const c = state.c.mul(factor).add(h.matmul(w).sigmoid());
      return [c.tanh(), c.sum(0).to('float32'), null];
    };
    const state = { c: w.exp() };
    const loss = ([a, b]: readonly (Tensor | null)[]): Tensor => a!.sum().add(b!.square().sum());
    const [a, b, c] = checkpoint(cell, x, state, 2);
    expect([a.shape, b.shape, b.dtype, c]).toEqual([[3, 3], [3], 'float32', null]);
    expect(gradsOf([x, w], () => loss(checkpoint(cell, x, { c: w.exp() }, 2)))).toEqual(
      gradsOf([x, w], () => loss(cell(x, { c: w.exp() }, 2))),
    );
    expect(gradsOf([x, w], () => checkpoint(cell, x, { c: w.exp() }, 2)[1].sum())).toEqual(
      gradsOf([x, w], () => cell(x, { c: w.exp() }, 2)[1].sum()),
    );
  });

  test('computes again once for all of several outputs', () => {
    let calls = 0;
    const x = leaf(2);
    const [a, b] = checkpoint((y: Tensor) => {
      calls++;
      return [y.mul(2), y.square()];
    }, x);
    a.add(b).backward();
    expect(calls).toBe(2);
    expect(x.grad?.item()).toBe(6);
  });

  test('passes on what the function does not change', () => {
    const x = leaf([1, 2]);
    const constant = ones([2]);
    expect(checkpoint((a: Tensor) => a, x)).toBe(x);
    expect(checkpoint(() => constant)).toBe(constant);
    const [same, twice] = checkpoint((a: Tensor) => [a, a.mul(2)], x);
    expect(same).toBe(x);
    same.add(twice).sum().backward();
    expect(x.grad?.toArray()).toEqual([3, 3]);
  });

  test('is a plain call under noGrad', () => {
    const x = leaf(2);
    expect(noGrad(() => checkpoint((a: Tensor) => a.square(), x)).requiresGrad).toBe(false);
    const y = noGrad(() => enableGrad(() => checkpoint((a: Tensor) => a.square(), x)));
    noGrad(() => y.backward());
    expect(x.grad?.item()).toBe(4);
  });

  test('lets an observer see what it computes again', () => {
    const y = checkpoint((a: Tensor) => a.exp(), leaf(0));
    const names: string[] = [];
    observe({ applied: op => names.push(op.name) }, () => y.backward());
    expect(names[0]).toBe('exp');
  });
});

describe('the errors of checkpoint', () => {
  const overwritten = new GradError(
    'checkpoint: an input or leaf of shape [2] was overwritten by assign after it was used, and calling the function again needs the old value',
  );

  test('say that an input was overwritten since', () => {
    const [x, w] = [ones([2]), leaf([1, 2])];
    const y = checkpoint((a: Tensor) => a.mul(w).sum(), x);
    x.assign(2);
    expect(() => y.backward()).toThrow(overwritten);
    expect(w.grad).toBeNull();
  });

  test('say that a leaf that the function uses was overwritten since', () => {
    const [x, w] = [ones([2]), leaf([1, 2])];
    const y = checkpoint((a: Tensor) => a.mul(w).sum(), x);
    noGrad(() => w.assign(2));
    expect(() => y.backward()).toThrow(overwritten);
  });

  test('say that the second call gave other shapes', () => {
    let n = 2;
    const x = leaf([1, 2]);
    const y = checkpoint((a: Tensor) => a.slice(0, 0, n).mul(2), leaf([1, 2, 3]));
    n = 3;
    expect(() => y.sum().backward()).toThrow(
      new GradError(
        'checkpoint: expected the function to return, when called again, outputs of shapes [2] with a history, got [3]',
      ),
    );
    const remembered = x.mul(2);
    let cached: Tensor | undefined;
    const z = checkpoint((a: Tensor) => (cached ??= a.mul(remembered)), x);
    expect(() => z.sum().backward()).toThrow(
      new GradError(
        'checkpoint: expected the function to return, when called again, outputs of shapes [2] with a history, got none',
      ),
    );
  });

  test('say that the second call used other tensors, as when a variable was given another value', () => {
    const x = leaf([1, 2]);
    let h: Tensor = x.mul(2);
    const y = checkpoint((a: Tensor) => a.mul(h), x);
    h = h.exp();
    expect(() => y.sum().backward()).toThrow(
      new GradError(
        'checkpoint: expected the function to use, when called again, the tensors that it used before; a variable that changes between the calls must be an input',
      ),
    );
  });

  test('refuse an asynchronous function', () => {
    // @ts-expect-error: a promise is no output
    expect(() => checkpoint(async (a: Tensor) => a.mul(2), leaf(1))).toThrow(
      new GradError(
        'checkpoint: expected a synchronous function, got one that returned a promise: what it does later is outside of checkpoint',
      ),
    );
  });
});
