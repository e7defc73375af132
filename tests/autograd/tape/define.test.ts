import { defineOp, grad, gradcheck, gradgradcheck, ones, randn, type Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError, Generator, GradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[], dtype: 'float32' | 'float64' = 'float32'): Tensor =>
  tensor(data, { dtype, requiresGrad: true });

const draw = (...shape: number[]): Tensor => randn(shape, { generator: new Generator(1) });

const cube = defineOp({
  name: 'cube',
  forward: (x: Tensor) => x.mul(x).mul(x),
  backward: (g, [x]) => g.mul(x).mul(x).mul(3),
});

/** x y with the product rule. */
const product = defineOp({
  name: 'product',
  forward: (x: Tensor, y: Tensor) => x.mul(y),
  backward: (g, [x, y]) => [g.mul(y), g.mul(x)],
});

describe('an operation of your own', () => {
  test('is used like the built-in ones', () => {
    const x = leaf([1, 2]);
    const y = cube(x.mul(2)).sum();
    expect(y.item()).toBe(8 + 64);
    expect(y.toString()).toContain('from sum');
    expect(cube(x).toString()).toContain('from cube');
    y.backward();
    expect(x.grad?.toArray()).toEqual([3 * 8, 3 * 32]);
  });

  test('has no history when its inputs have none', () => {
    expect(cube(ones([2])).requiresGrad).toBe(false);
  });

  test('of several inputs gives each its gradient', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    product(x, y).sum().backward();
    expect([x.grad?.toArray(), y.grad?.toArray()]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test('is asked for its gradients once a walk', () => {
    let asked = 0;
    const counted = defineOp({
      name: 'counted',
      forward: (x: Tensor, y: Tensor) => x.add(y),
      backward: g => {
        asked++;
        return [g, g];
      },
    });
    const z = counted(leaf(1), leaf(2));
    z.backward();
    expect(asked).toBe(1);
    z.backward();
    expect(asked).toBe(2);
  });

  test('may use its output in its gradient', () => {
    const exponential = defineOp({
      name: 'exponential',
      forward: (x: Tensor) => x.exp(),
      backward: (g, _inputs, y) => g.mul(y),
    });
    expect(gradcheck(exponential, draw(3))).toBe(true);
    expect(gradgradcheck(exponential, draw(3))).toBe(true);
  });

  test('may read data and write arrays of its own', () => {
    const rot = defineOp({
      name: 'rot',
      forward: (x: Tensor) => tensor(x.data.slice().reverse(), { shape: x.shape }),
      backward: g => tensor(g.data.slice().reverse(), { shape: g.shape }),
    });
    expect(gradcheck(rot, draw(4))).toBe(true);
  });

  test('computes without a history', () => {
    const w = leaf(3);
    const scale = defineOp({
      name: 'scale',
      forward(x: Tensor) {
        expect([x.requiresGrad, x.mul(w).requiresGrad]).toEqual([false, false]);
        return x.mul(w);
      },
      backward: g => g.mul(w),
    });
    scale(leaf(2)).backward();
    expect(w.grad).toBeNull();
  });

  test('may return its input, as a straight-through estimator does', () => {
    const round = defineOp({ name: 'straight', forward: (x: Tensor) => x, backward: g => g });
    const x = leaf([1, 2]);
    round(x).mul(3).sum().backward();
    expect(x.grad?.toArray()).toEqual([3, 3]);
    expect(x.isLeaf).toBe(true);
  });

  test('differentiates again, to third order', () => {
    const x = leaf(2, 'float64');
    let y: Tensor = cube(x);
    for (const expected of [12, 12, 6]) {
      y = grad(y, x, { createGraph: true });
      expect(y.item()).toBe(expected);
    }
    expect(gradgradcheck(product, [draw(3), draw(3)])).toBe(true);
  });

  test('differentiates again also after a first walk from the same gradient that did not', () => {
    const x = leaf([2, 3], 'float64');
    const seed = ones([2], { dtype: 'float64' });
    const y = cube(x);
    y.backward(seed);
    const g = grad(y, x, { gradOutputs: seed, createGraph: true });
    expect(grad(g.sum(), x).toArray()).toEqual([12, 18]);
  });

  test('gets integers as they are, and gives them no gradient', () => {
    const pick = defineOp({
      name: 'pick',
      forward: (x: Tensor, ids: Tensor) => x.indexSelect(0, ids),
      backward: (g, [x, ids]) => [x.mul(0).indexAdd(0, ids, g), null],
    });
    const x = leaf([1, 2, 3]);
    pick(x, tensor([0, 0, 2], { dtype: 'int32' }))
      .sum()
      .backward();
    expect(x.grad?.toArray()).toEqual([2, 0, 1]);
  });

  test('has its gradients cast to the dtypes of the inputs', () => {
    const widen = defineOp({
      name: 'widen',
      forward: (x: Tensor) => x.to('float64'),
      backward: (g: Tensor) => g,
    });
    const x = leaf([1, 2]);
    widen(x).sum().backward();
    expect(x.grad?.dtype).toBe('float32');
  });
});

describe('a null gradient', () => {
  const first = defineOp({
    name: 'first',
    forward: (x: Tensor, y: Tensor) => x.add(y),
    backward: g => [g, null],
  });

  test('ends the way back there', () => {
    const [x, y] = [leaf(1), leaf(2)];
    first(x, y.mul(3)).backward();
    expect(x.grad?.item()).toBe(1);
    expect(y.grad).toBeNull();
  });

  test('counts as not depending on the input', () => {
    const [x, y] = [leaf(1), leaf(2)];
    expect(() => grad(first(x, y), y)).toThrow(GradError);
    expect(grad(first(x, y), y, { allowUnused: true })).toBeNull();
  });

  test('may be given for a single input', () => {
    const stop = defineOp({ name: 'stop', forward: (x: Tensor) => x.clone(), backward: () => null });
    const x = leaf(1);
    stop(x).backward();
    expect(x.grad).toBeNull();
  });
});

describe('the errors of an operation of your own', () => {
  const bad = (backward: (g: Tensor) => Tensor | null | readonly (Tensor | null)[]): Tensor =>
    defineOp({ name: 'bad', forward: (x: Tensor, y: Tensor) => x.add(y), backward })(leaf([1, 2]), leaf([3, 4])).sum();

  test('count the gradients', () => {
    const message = 'bad: expected backward to return 2 gradients, one for each input, got';
    expect(() => bad(g => g).backward()).toThrow(new GradError(`${message} 1`));
    expect(() => bad(g => [g, g, g]).backward()).toThrow(new GradError(`${message} 3`));
  });

  test('give the shapes of a gradient and its input', () => {
    expect(() => bad(g => [g, g.sum()]).backward()).toThrow(
      new GradError('bad: expected the gradient of input 1 to have its shape [2], got []'),
    );
  });

  test('say when a gradient is no tensor', () => {
    const forgotten: (Tensor | null)[] = JSON.parse('[0, 0]');
    expect(() => bad(() => forgotten).backward()).toThrow(
      new GradError('bad: expected the gradient of input 0 to be a tensor or null, got number'),
    );
  });

  test('name an input that is no tensor', () => {
    const nothing: Tensor = JSON.parse('null');
    const number: Tensor = JSON.parse('3');
    expect(() => product(leaf(1), number)).toThrow(
      new ArgumentError('product: expected input 1 to be a tensor, got number'),
    );
    expect(() => cube(nothing)).toThrow(ArgumentError);
    expect(() => defineOp({ name: 'none', forward: () => ones([]), backward: () => [] })()).toThrow(
      new ArgumentError('none: expected at least one tensor, got none'),
    );
  });

  test('say when forward returns no tensor, and leave nothing recorded', () => {
    const wrong: Tensor = JSON.parse('3');
    expect(() => defineOp({ name: 'odd', forward: (_x: Tensor) => wrong, backward: g => g })(leaf(1))).toThrow(
      new ArgumentError('odd: expected forward to return a tensor, got number'),
    );
  });

  test('name what is missing in the definition', () => {
    const definition = { name: 'half', forward: (x: Tensor) => x, backward: (g: Tensor) => g };
    const without = (key: string): typeof definition => ({ ...definition, [key]: undefined });
    expect(() => defineOp(without('backward'))).toThrow(
      new ArgumentError('defineOp: expected a function backward, got undefined'),
    );
    expect(() => defineOp(without('name'))).toThrow(new ArgumentError('defineOp: expected a name'));
  });

  test('come from gradcheck when the gradient is wrong, with input, element and both values', () => {
    const wrong = defineOp({
      name: 'wrong',
      forward: (x: Tensor, y: Tensor) => x.mul(y),
      backward: (g, [x, y]) => [g.mul(y), g.mul(x).mul(2)],
    });
    const [x, y] = [tensor([1, 2]), tensor([3, 4])];
    expect(gradcheck(product, [x, y])).toBe(true);
    expect(() => gradcheck(wrong, [x, y])).toThrow(
      /^gradcheck: input 1 of shape \[2\], element \[0\], output 0, element \[0\]: analytic 2, numeric (1|1\.00000\d*|0\.99999\d*)$/,
    );
  });
});
