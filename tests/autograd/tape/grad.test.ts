import { defineOp, exp, grad, ones, pow, sin, type Tensor, tanh, tensor } from '@tapegrad/autograd';
import { GradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

const trap = defineOp({
  name: 'trap',
  forward: (x: Tensor) => x.clone(),
  backward: () => {
    throw new Error('trapped');
  },
});

describe('grad', () => {
  test('gives one tensor for one input, and accumulates nothing', () => {
    const x = leaf([1, 2]);
    const g = grad(x.square().sum(), x);
    expect(g.toArray()).toEqual([2, 4]);
    expect(g.requiresGrad).toBe(false);
    expect(x.grad).toBeNull();
  });

  test('gives an array for an array, in its order', () => {
    const [x, y] = [leaf(2), leaf(3)];
    const z = x.mul(y).add(y);
    expect(grad(z, [y, x]).map(g => g.item())).toEqual([3, 3]);
    expect(grad(z, [x]).map(g => g.item())).toEqual([3]);
    expect(grad(z, [])).toEqual([]);
    const [once, again] = grad(z, [y, y]);
    once.assign(0);
    expect(again.item()).toBe(3);
  });

  test('sums over several outputs', () => {
    const x = leaf(2);
    expect(grad([x.mul(3), x.square()], x).item()).toBe(7);
    const y = x.square();
    expect(grad([y, y], x).item()).toBe(8);
  });

  test('starts from the gradients given for the outputs, and from one for null', () => {
    const x = leaf([1, 2]);
    const [y, z] = [x.square(), x.sum()];
    expect(grad(y, x, { gradOutputs: tensor([1, 10]) }).toArray()).toEqual([2, 40]);
    expect(grad([y, z], x, { gradOutputs: [tensor([1, 10]), null] }).toArray()).toEqual([3, 41]);
  });

  test('takes the results of operations as inputs', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const z = y.square().sum();
    expect(grad(z, [y, x]).map(g => g.toArray())).toEqual([
      [4, 8],
      [8, 16],
    ]);
    expect(grad(z, z).item()).toBe(1);
  });

  test('counts at a result also what reaches it by way of others', () => {
    const x = leaf(3);
    const y = x.mul(2);
    const z = y.mul(y.square());
    expect(grad(z, y).item()).toBe(3 * 36);
  });

  test('does not differentiate what is not on the way to an input', () => {
    const [x, y] = [leaf(2), leaf(3)];
    const z = x.mul(trap(y)).add(trap(trap(y)));
    expect(grad(z, x).item()).toBe(3);
    expect(() => grad(z, y)).toThrow('trapped');
  });

  test('does not differentiate what lies behind an input', () => {
    const y = trap(leaf(3));
    expect(grad(y.square(), y).item()).toBe(6);
  });

  test('leaves the retained grad of results alone', () => {
    const x = leaf(2);
    const y = x.mul(3);
    y.retainGrad();
    grad(y.square(), x);
    expect(y.grad).toBeNull();
  });

  test('gives tensors that share no memory with one another or with the tape', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    const seed = tensor([1, 1]);
    const [gx, gy] = grad(x.add(y), [x, y], { gradOutputs: seed });
    gx.assign(9);
    expect([gy.toArray(), seed.toArray()]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe('an input that the outputs do not depend on', () => {
  test('is an error that names it', () => {
    const [x, unused] = [leaf(1), leaf([1, 2])];
    expect(() => grad(x.mul(2), [x, unused])).toThrow(
      new GradError('grad: the outputs do not depend on input 1, of shape [2]; pass allowUnused to get null for it'),
    );
  });

  test('has gradient null with allowUnused', () => {
    const [x, unused] = [leaf(1), leaf([1, 2])];
    const [gx, gu] = grad(x.mul(2), [x, unused], { allowUnused: true });
    expect(gx?.item()).toBe(2);
    expect(gu).toBeNull();
    expect(grad(x.mul(2), unused, { allowUnused: true })).toBeNull();
  });
});

describe('the errors of grad', () => {
  test('name an input that requires no gradient', () => {
    const x = leaf(1);
    expect(() => grad(x.mul(2), [x, ones([3])], { allowUnused: true })).toThrow(
      new GradError('grad: expected input 1, of shape [3], to require a gradient when it was used'),
    );
  });

  test('name an output that has no history', () => {
    const x = leaf(1);
    expect(() => grad([x.mul(2), ones([3])], x)).toThrow(
      new GradError(
        'grad: output 1, of shape [3], has no history: nothing that it was made from requires a gradient (or it was made under noGrad, or by a compiled function)',
      ),
    );
  });

  test('name an output that needs a gradient to start from', () => {
    const x = leaf([1, 2]);
    expect(() => grad([x.sum(), x.mul(2)], x)).toThrow(
      new GradError(
        'grad: output 1: expected a tensor of one element or a gradient to start from, got shape [2] and no gradient',
      ),
    );
  });

  test('give both shapes of an output and its gradient', () => {
    const x = leaf([1, 2]);
    expect(() => grad(x.mul(2), x, { gradOutputs: ones([]) })).toThrow(
      new GradError("grad: output 0: expected a gradient of the tensor's shape [2], got []"),
    );
  });

  test('count the gradients to start from', () => {
    const x = leaf([1, 2]);
    for (const gradOutputs of [[], [ones([2]), ones([2])]])
      expect(() => grad(x.mul(2), x, { gradOutputs })).toThrow(
        new GradError(`grad: expected one gradOutput for each of 1 outputs, got ${gradOutputs.length}`),
      );
  });
});

describe('createGraph', () => {
  const at = [-1.3, -0.2, 0.4, 1.1, 2];
  /** Each function with its first three derivatives. */
  const closed: [name: string, fn: (x: Tensor) => Tensor, ...derivatives: ((x: number) => number)[]][] = [
    ['sin', sin, Math.cos, x => -Math.sin(x), x => -Math.cos(x)],
    ['exp', exp, Math.exp, Math.exp, Math.exp],
    ['x^5', x => pow(x, 5), x => 5 * x ** 4, x => 20 * x ** 3, x => 60 * x ** 2],
    [
      'tanh',
      tanh,
      x => 1 - Math.tanh(x) ** 2,
      x => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2),
      x => (1 - Math.tanh(x) ** 2) * (6 * Math.tanh(x) ** 2 - 2),
    ],
  ];

  test.each(closed)('differentiates %s three times', (_name, fn, ...derivatives) => {
    const x = tensor(at, { dtype: 'float64', requiresGrad: true });
    let y: Tensor = fn(x);
    for (const derivative of derivatives) {
      y = grad(y.sum(), x, { createGraph: true });
      at.forEach((a, i) => {
        expect(y.data[i]).toBeCloseTo(derivative(a), 10);
      });
    }
    expect(x.grad).toBeNull();
  });

  test('lets a penalty on gradients reach the parameters by backward', () => {
    const [x, w] = [leaf(2), leaf(3)];
    const g = grad(w.mul(x.square()), x, { createGraph: true }); // 2 w x
    g.square().backward(); // 4 w² x²
    expect(w.grad?.item()).toBe(8 * 3 * 4);
    expect(x.grad?.item()).toBe(8 * 9 * 2);
  });

  test('differentiates with respect to the gradient it started from', () => {
    const x = leaf([1, 2]);
    const seed = tensor([3, 4], { requiresGrad: true });
    const g = grad(x.square(), x, { gradOutputs: seed, createGraph: true });
    expect(grad(g.sum(), seed).toArray()).toEqual([2, 4]);
  });

  test('gives mixed derivatives in either order', () => {
    const [x, y] = [leaf(0.5), leaf(0.7)];
    const f = (): Tensor => x.mul(y).sin().mul(y.exp());
    const xy = grad(grad(f(), x, { createGraph: true }), y);
    const yx = grad(grad(f(), y, { createGraph: true }), x);
    expect(xy.item()).toBeCloseTo(yx.item(), 6);
  });

  test('left out gives gradients without a history', () => {
    const x = leaf(2);
    const g = grad(x.square(), x);
    expect(() => grad(g, x)).toThrow(GradError);
  });
});
