import {
  binaryLoop,
  binaryLoops,
  emptyArray,
  folds,
  type NdArray,
  plainSum,
  plainSumOfSquares,
  reduceInto,
  runUnary,
  type Shape,
  unaryLoop,
  unaryLoops,
} from '@tapegrad/tensor';
import { forbidWasm } from '@tapegrad/wasm';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { plainSoftmax, softmaxInto } from '../../packages/tensor/src/kernels/softmax.ts';
import {
  fewPairs,
  leastElements,
  type VectorUnary,
  vectorBinaries,
  vectorUnaries,
} from '../../packages/tensor/src/kernels/vectors/kernels.ts';
import { binaryThroughVectors, unaryThroughVectors } from '../../packages/tensor/src/kernels/vectors/loops.ts';

afterEach(() => {
  forbidWasm(false);
  vi.restoreAllMocks();
});

/** Numbers between 0 and 4, at which every function is defined, and no two neighbours are alike. */
const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => ((i * 0.618) % 1) * 4 + 0.01);

/** The largest distance between two arrays, relative to the second. */
const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, x, i) => Math.max(most, Object.is(x, b[i]) ? 0 : Math.abs(x - b[i]) / Math.abs(b[i])), 0);

const lengths = [24, 25, 26, 27, 47, 48, 256, 257, 4095, 4096, 4097, 9000];

describe('the loops of float32 through vectors', () => {
  test.each(vectorUnaries)(
    'give for %s what the plain loop gives, at any length, step and place, and touch no more',
    name => {
      for (const n of lengths)
        for (const step of [0, 1, 3]) {
          const a = numbers(3 * n + 8);
          const [fast, slow] = [new Float32Array(n + 9).fill(7), new Float32Array(n + 9).fill(7)];
          unaryLoop(name, 'float32')(n, fast, 5, a, 3, step);
          unaryLoops[name](n, slow, 5, a, 3, step);
          expect(distance(fast, slow)).toBeLessThan(4e-7);
        }
    },
  );

  const odd = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.1, -3, 1e-45, -1e-40, 3e38, -3e38];
  const table = (part: (i: number) => number): Float32Array =>
    Float32Array.from({ length: 338 }, (_, i) => odd[part(i)]);

  test.each(['neg', 'abs', 'sqrt', 'square', 'reciprocal', 'relu', 'hardsigmoid', 'hardswish'] as const)(
    'give for %s the same bits',
    name => {
      const [a, fast, slow] = [table(i => i % 13), new Float32Array(338), new Float32Array(338)];
      unaryLoop(name, 'float32')(338, fast, 0, a, 0, 1);
      unaryLoops[name](338, slow, 0, a, 0, 1);
      expect(fast).toEqual(slow);
    },
  );

  test.each(vectorBinaries)('give for %s the same bits (for elu nearly), with a scalar on either side too', name => {
    const [a, b] = [table(i => i % 13), table(i => Math.floor(i / 13) % 13)];
    const long = numbers(9000);
    for (const [x, sx, y, sy, n] of [
      [a, 1, b, 1, 338],
      [a, 1, b, 0, 338],
      [a, 0, b, 1, 338],
      [long, 1, numbers(9100).subarray(100), 1, 8999],
      [long, 1, long, 0, 9000],
      [long, 2, long, 3, 3000],
    ] as const) {
      const [fast, slow] = [new Float32Array(n + 4).fill(7), new Float32Array(n + 4).fill(7)];
      binaryLoop(name, 'float32')(n, fast, 2, x, 0, sx, y, 0, sy);
      binaryLoops[name](n, slow, 2, x, 0, sx, y, 0, sy);
      if (name === 'elu') expect(distance(fast, slow)).toBeLessThan(4e-7);
      else expect(fast).toEqual(slow);
    }
  });

  test('may write over what they read', () => {
    for (const name of vectorUnaries) {
      const [a, expected] = [numbers(5000), numbers(5000)];
      unaryLoop(name, 'float32')(5000, a, 0, a, 0, 1);
      unaryLoops[name](5000, expected, 0, expected, 0, 1);
      expect(distance(a, expected)).toBeLessThan(4e-7);
    }
    for (const name of vectorBinaries) {
      const [a, expected] = [numbers(5000), numbers(5000)];
      binaryLoop(name, 'float32')(5000, a, 0, a, 0, 1, a, 0, 1);
      binaryLoops[name](5000, expected, 0, expected, 0, 1, expected, 0, 1);
      expect(a).toEqual(expected);
    }
  });

  /** How often the plain loop is called for so many elements. */
  function plainCalls(name: VectorUnary, n: number): number {
    const plain = vi.fn(unaryLoops[name]);
    unaryThroughVectors(name, plain)(n, new Float32Array(n), 0, numbers(n), 0, 1);
    return plain.mock.calls.length;
  }

  function plainPairs(n: number): number {
    const plain = vi.fn(binaryLoops.add);
    binaryThroughVectors('add', plain)(n, new Float32Array(n), 0, numbers(n), 0, 1, numbers(n), 0, 0);
    return plain.mock.calls.length;
  }

  test('leave few elements to the plain loop, and nothing else', () => {
    for (const name of vectorUnaries) {
      const least = leastElements(name);
      expect([least - 1, least, 10_000].map(n => plainCalls(name, n))).toEqual([1, 0, 0]);
    }
    expect([fewPairs - 1, fewPairs, 10_000].map(plainPairs)).toEqual([1, 0, 0]);
  });

  test('are for float32 alone', () => {
    for (const dtype of ['float64', 'int32'] as const) {
      expect(unaryLoop('tanh', dtype)).toBe(unaryLoops.tanh);
      expect(binaryLoop('add', dtype)).toBe(binaryLoops.add);
    }
    expect(unaryLoop('tanh', 'float32')).not.toBe(unaryLoops.tanh);
    expect(binaryLoop('add', 'float32')).not.toBe(binaryLoops.add);
  });

  test('are the plain ones, bit for bit, where WebAssembly is forbidden', () => {
    forbidWasm(true);
    expect(plainPairs(10_000)).toBe(1);
    for (const name of vectorUnaries) {
      expect(plainCalls(name, 10_000)).toBe(1);
      const [a, fast, slow] = [numbers(200), new Float32Array(200), new Float32Array(200)];
      unaryLoop(name, 'float32')(200, fast, 0, a, 0, 1);
      unaryLoops[name](200, slow, 0, a, 0, 1);
      expect(fast).toEqual(slow);
    }
  });

  test('give the same whatever was computed before', () => {
    const run = (): Float32Array => {
      const out = new Float32Array(25);
      unaryLoop('sin', 'float32')(25, out, 0, numbers(25), 0, 1);
      return out;
    };
    const first = run();
    unaryLoop('sin', 'float32')(100, new Float32Array(100), 0, new Float32Array(100).fill(1e30), 0, 1);
    expect(run()).toEqual(first);
  });

  test('take a transposed matrix row by row', () => {
    const a = emptyArray([40, 30]);
    a.buffer.set(numbers(1200));
    const turned = a.view([30, 40], [1, 30]);
    const [fast, slow] = [emptyArray([30, 40]), emptyArray([30, 40])];
    runUnary(unaryLoop('exp', 'float32'), fast, turned);
    runUnary(unaryLoops.exp, slow, turned);
    expect(distance(fast.buffer as Float32Array, slow.buffer as Float32Array)).toBeLessThan(3e-7);
  });
});

describe.each([
  ['sums', 'sum', plainSum],
  ['sums of squares', 'sumSquares', plainSumOfSquares],
] as const)('%s through vectors', (_, name, plain) => {
  /** The sum of all of an array, and how often the array was read in JavaScript. */
  function sumOf(a: Float32Array): { sum: number; reads: number } {
    let reads = 0;
    const watched = new Proxy(a, {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { sum: folds[name].row(a.length, 0, watched, 0, 1), reads };
  }

  test('are carried in float64, as the plain ones are', () => {
    for (const n of [255, 256, 257, 5000, 100_001]) {
      const a = Float32Array.from({ length: n }, (_, i) => Math.sin(i) * 10 ** (i % 13));
      const total = plain(n, 0, a.map(Math.abs), 0, 1);
      expect(Math.abs(sumOf(a).sum - plain(n, 0, a, 0, 1))).toBeLessThan(1e-13 * total);
    }
  });

  test('read no element in JavaScript when there are many, and each when there are few or WebAssembly is forbidden', () => {
    expect([sumOf(numbers(fewPairs)).reads, sumOf(numbers(fewPairs - 1)).reads]).toEqual([0, fewPairs - 1]);
    forbidWasm(true);
    expect(sumOf(numbers(5000)).reads).toBe(5000);
  });

  test('start from what was summed before, and begin and end where they are told', () => {
    const a = numbers(1000);
    expect(folds[name].row(500, 7, a, 100, 1)).toBeCloseTo(plain(500, 7, a, 100, 1), 9);
    const matrix = emptyArray([3, 333]);
    matrix.buffer.set(a.subarray(0, 999));
    const [all, rows] = [emptyArray([]), emptyArray([3])];
    reduceInto(folds[name], all, matrix, [0, 1]);
    reduceInto(folds[name], rows, matrix, [1]);
    expect(all.buffer[0]).toBe(Math.fround(plain(999, 0, a, 0, 1)));
    expect(Array.from(rows.buffer)).toEqual([0, 333, 666].map(p => Math.fround(plain(333, 0, a, p, 1))));
  });

  test.each([Number.NaN, Infinity, -Infinity])('are %f when that is among the elements', odd => {
    const a = numbers(300);
    a[77] = odd;
    expect(folds[name].row(300, 0, a, 0, 1)).toBe(plain(1, 0, Float32Array.of(odd), 0, 1));
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
