import { emptyArray, type NdArray, runUnary, type Shape, unaryLoop, unaryLoops } from '@tapegrad/tensor';
import { forbidWasm } from '@tapegrad/wasm';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { plainSoftmax, softmaxInto } from '../../packages/tensor/src/kernels/softmax.ts';
import { fewElements, throughVectors, vectorNames } from '../../packages/tensor/src/kernels/vector.ts';

afterEach(() => {
  forbidWasm(false);
  vi.restoreAllMocks();
});

/** Numbers between 0 and 4, at which every function is defined, and no two neighbours are alike. */
const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => ((i * 0.618) % 1) * 4 + 0.01);

/** The largest distance between two arrays, relative to the second. */
const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, x, i) => Math.max(most, Object.is(x, b[i]) ? 0 : Math.abs(x - b[i]) / Math.abs(b[i])), 0);

describe('the loops of float32 through vectors', () => {
  test.each(vectorNames)(
    'give for %s what the plain loop gives, at any length, step and place, and touch no more',
    name => {
      for (const n of [16, 17, 18, 19, 47, 48, 100, 4095, 4096, 4097, 9000])
        for (const step of [0, 1, 3]) {
          const a = numbers(3 * n + 8);
          const [fast, slow] = [new Float32Array(n + 9).fill(7), new Float32Array(n + 9).fill(7)];
          unaryLoop(name, 'float32')(n, fast, 5, a, 3, step);
          unaryLoops[name](n, slow, 5, a, 3, step);
          expect(distance(fast, slow)).toBeLessThan(4e-7);
        }
    },
  );

  test.each(vectorNames)('may write %s over what they read', name => {
    const [a, expected] = [numbers(5000), numbers(5000)];
    unaryLoop(name, 'float32')(5000, a, 0, a, 0, 1);
    unaryLoops[name](5000, expected, 0, expected, 0, 1);
    expect(distance(a, expected)).toBeLessThan(4e-7);
  });

  const calls = (n: number, dtype: 'float32' | 'float64' = 'float32'): number => {
    const plain = vi.fn(unaryLoops.tanh);
    const [a, out] = [emptyArray([n], dtype), emptyArray([n], dtype)];
    throughVectors('tanh', plain)(n, out.buffer, 0, a.buffer, 0, 1);
    return plain.mock.calls.length;
  };

  test('leave few elements and other dtypes to the plain loop, and nothing else', () => {
    expect([calls(fewElements - 1), calls(fewElements), calls(10_000)]).toEqual([1, 0, 0]);
    expect(calls(10_000, 'float64')).toBe(1);
    expect(unaryLoop('tanh', 'float64')).toBe(unaryLoops.tanh);
    expect(unaryLoop('tanh', 'float32')).not.toBe(unaryLoops.tanh);
  });

  test('are the plain ones, bit for bit, where WebAssembly is forbidden', () => {
    forbidWasm(true);
    expect(calls(10_000)).toBe(1);
    for (const name of vectorNames) {
      const [a, fast, slow] = [numbers(100), new Float32Array(100), new Float32Array(100)];
      unaryLoop(name, 'float32')(100, fast, 0, a, 0, 1);
      unaryLoops[name](100, slow, 0, a, 0, 1);
      expect(fast).toEqual(slow);
    }
  });

  test('give the same whatever was computed before', () => {
    const run = (): Float32Array => {
      const out = new Float32Array(17);
      unaryLoop('sin', 'float32')(17, out, 0, numbers(17), 0, 1);
      return out;
    };
    const first = run();
    unaryLoop('sin', 'float32')(100, new Float32Array(100), 0, new Float32Array(100).fill(1e30), 0, 1);
    expect(run()).toEqual(first);
  });

  test('take a transposed matrix row by row', () => {
    const a = emptyArray([20, 30]);
    a.buffer.set(numbers(600));
    const turned = a.view([30, 20], [1, 30]);
    const [fast, slow] = [emptyArray([30, 20]), emptyArray([30, 20])];
    runUnary(unaryLoop('exp', 'float32'), fast, turned);
    runUnary(unaryLoops.exp, slow, turned);
    expect(distance(fast.buffer as Float32Array, slow.buffer as Float32Array)).toBeLessThan(3e-7);
  });
});

describe.each([
  ['softmax', false],
  ['logSoftmax', true],
] as const)('%s through vectors', (_, log) => {
  const filled = (shape: Shape, values: (i: number) => number): NdArray => {
    const a = emptyArray(shape);
    for (let i = 0; i < a.size; i++) a.buffer[i] = values(i);
    return a;
  };
  const drawn = (shape: Shape): NdArray => filled(shape, i => Math.sin(i * i) * 6);

  /** Both kernels' results, and whether the fast one did without the exp of JavaScript. */
  function both(a: NdArray, dim: number): { fast: Float32Array; slow: Float32Array; byVectors: boolean } {
    const [fast, slow] = [emptyArray(a.shape), emptyArray(a.shape)];
    const exp = vi.spyOn(Math, 'exp');
    softmaxInto(fast, a, dim, log);
    const byVectors = exp.mock.calls.length === 0;
    exp.mockRestore();
    plainSoftmax(slow, a, dim, log);
    return { fast: fast.buffer as Float32Array, slow: slow.buffer as Float32Array, byVectors };
  }

  test.each([
    [[4, 4]],
    [[42, 1]],
    [[9, 2]],
    [[42, 3]],
    [[14, 12]],
    [[5, 13]],
    [[3, 5, 7]],
    [[500, 33]],
    [[2, 4096]],
    [[3, 5001]],
    [[100_003]],
  ])('gives for %j along the last dim what the plain kernel gives', shape => {
    const { fast, slow, byVectors } = both(drawn(shape), shape.length - 1);
    expect(byVectors).toBe(true);
    expect(distance(fast, slow)).toBeLessThan(2e-6);
  });

  test('takes rows of a transposed matrix', () => {
    const { fast, slow, byVectors } = both(drawn([7, 9]).view([9, 7], [1, 9]), 1);
    expect([byVectors, distance(fast, slow) < 2e-6]).toEqual([true, true]);
  });

  const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
  test('treats -Infinity, Infinity and NaN as the plain kernel does, each in its own row', () => {
    const rows = [
      [1, -inf, 2, 0, -inf],
      [-inf, -inf, -inf, -inf, -inf],
      [1, 2, 3, 4, nan],
      [nan, 2, 3, 4, 5],
      [1, 2, inf, 4, 5],
      [inf, -inf, inf, 0, 0],
      [-1e30, 1e30, 0, 0, 0],
      [1, 2, 3, 4, 5],
    ];
    const { fast, slow, byVectors } = both(
      filled([8, 5], i => rows[Math.floor(i / 5)][i % 5]),
      1,
    );
    expect(byVectors).toBe(true);
    for (const [i, y] of fast.entries()) {
      if (Number.isFinite(slow[i])) expect(Math.abs(y - slow[i])).toBeLessThanOrEqual(1e-6 * Math.abs(slow[i]));
      else expect(y).toBe(slow[i]);
    }
  });

  test('leaves other dims, few elements and machines without WebAssembly to the plain kernel', () => {
    for (const [shape, dim] of [
      [[20, 30], 0],
      [[3, 5], 1],
    ] as const) {
      const { fast, slow, byVectors } = both(drawn(shape), dim);
      expect(byVectors).toBe(false);
      expect(fast).toEqual(slow);
    }
    forbidWasm(true);
    const { fast, slow, byVectors } = both(drawn([20, 30]), 1);
    expect(byVectors).toBe(false);
    expect(fast).toEqual(slow);
  });
});
