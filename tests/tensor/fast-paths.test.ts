import {
  allocate,
  binaryLoops,
  copyInto,
  type DType,
  emptyArray,
  folds,
  matmulInto,
  NdArray,
  reduceInto,
  runBinary,
  runUnary,
  type Shape,
  sizeOf,
  type TypedArray,
  toNested,
  unaryLoops,
} from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

/** Numbers with few bits, so that sums of some of them are exact in any order. */
const numbers = (shape: Shape, dtype: DType = 'float32'): NdArray => {
  const a = emptyArray(shape, dtype);
  for (let i = 0; i < a.size; i++) a.buffer[i] = ((i * 37) % 23) / 4 - 2;
  return a;
};

/** The same elements with a gap behind every row and every element, which no fast path takes. */
function gapped(a: NdArray): NdArray {
  const strides: number[] = [];
  let step = 2;
  for (let d = a.ndim - 1; d >= 0; d--) {
    strides[d] = step;
    step = step * a.shape[d] + 3;
  }
  const buffer = allocate(a.dtype, step + 1).fill(99);
  const view = new NdArray(a.dtype, [buffer.length], buffer).view(a.shape, strides, 1);
  copyInto(view, a);
  return view;
}

const into = (shape: Shape, kernel: (out: NdArray) => void, dtype: DType = 'float32'): unknown => {
  const out = emptyArray(shape, dtype);
  kernel(out);
  return toNested(out);
};

/** How often a loop is called, and for how many elements each time. */
const lengths = (spy: { mock: { calls: readonly unknown[][] } }): unknown[] => spy.mock.calls.map(([n]) => n);

describe('elementwise loops', () => {
  test.each([
    ['equal shapes in one call', [4, 3], [4, 3], [12]],
    ['a scalar in one call', [4, 3], [], [12]],
    ['a scalar on the left in one call', [1], [4, 3], [12]],
    ['a row call by call', [4, 3], [3], [3, 3, 3, 3]],
    ['the last dims call by call', [2, 2, 3], [2, 3], [6, 6]],
    ['a column row by row', [4, 3], [4, 1], [3, 3, 3, 3]],
    ['a row on the left row by row', [3], [4, 3], [3, 3, 3, 3]],
  ] as const)('take %s, and give what they give for views with gaps', (_, left, right, calls) => {
    const shape = left.length >= right.length ? left : right;
    const [a, b] = [numbers(left), numbers(right)];
    const spy = vi.fn(binaryLoops.sub);
    const fast = into(shape, out => runBinary(spy, out, a, b));
    expect(lengths(spy)).toEqual(calls);
    expect(fast).toEqual(into(shape, out => runBinary(binaryLoops.sub, out, gapped(a), gapped(b))));
  });

  test('take a matrix in one call, and give what they give for a view with gaps', () => {
    const a = numbers([4, 3]);
    const [spy, slow] = [vi.fn(unaryLoops.square), vi.fn(unaryLoops.square)];
    expect(into([4, 3], out => runUnary(spy, out, a))).toEqual(into([4, 3], out => runUnary(slow, out, gapped(a))));
    expect([lengths(spy), lengths(slow)]).toEqual([[12], [3, 3, 3, 3]]);
  });

  test('give the same for contiguous operands of any shapes that broadcast as for views with gaps', () => {
    const size = fc.integer({ min: 0, max: 3 });
    const dims = fc.array(fc.tuple(size, fc.boolean(), fc.boolean()), { maxLength: 4 });
    const property = fc.property(dims, fc.nat(4), fc.nat(4), (sizes, skipA, skipB) => {
      const a = sizes.map(([n, one]) => (one ? 1 : n)).slice(Math.min(skipA, sizes.length));
      const b = sizes.map(([n, , one]) => (one ? 1 : n)).slice(Math.min(skipB, sizes.length));
      const rank = Math.max(a.length, b.length);
      const shape = Array.from({ length: rank }, (_, d) => {
        const [m, n] = [a[d + a.length - rank] ?? 1, b[d + b.length - rank] ?? 1];
        return m === 1 ? n : m;
      });
      const [x, y] = [numbers(a), numbers(b)];
      const slow = into(shape, out => runBinary(binaryLoops.sub, out, gapped(x), gapped(y)));
      expect(into(shape, out => runBinary(binaryLoops.sub, out, x, y))).toEqual(slow);
    });
    fc.assert(property, { seed: 3, numRuns: 300 });
  });
});

describe('folds', () => {
  const spied = () => ({ start: 0, row: vi.fn(folds.sum.row), columns: vi.fn(folds.sum.columns) });
  const results = (shape: Shape, dims: readonly number[]): Shape => shape.filter((_, d) => !dims.includes(d));

  // Row by row a sum is called for each line; in lines, once for each result, with the step of its elements.
  test.each([
    ['the last dim in lines', [5, 4], [1], { lines: [4, 1] }],
    ['all dims in one line', [5, 4], [0, 1], { lines: [20, 1] }],
    ['a dim before few columns in lines', [2, 5, 3], [1], { lines: [5, 3] }],
    ['a dim before many columns in columns', [2, 5, 20], [1], { columns: 20 }],
    ['two dims before many columns in columns', [2, 5, 20], [0, 1], { columns: 20 }],
    ['dims that are not neighbours row by row', [3, 4, 2], [0, 2], {}],
  ] as const)('take %s, and give what they give for a view with gaps', (_, shape, dims, way) => {
    const a = numbers(shape);
    const size = sizeOf(results(shape, dims));
    const [fast, slow] = [spied(), spied()];
    const sums = into([size], out => reduceInto(fast, out, a, dims));
    expect(sums).toEqual(into([size], out => reduceInto(slow, out, gapped(a), dims)));
    if ('columns' in way) {
      expect(fast.row).not.toHaveBeenCalled();
      expect(new Set(lengths(fast.columns))).toEqual(new Set([way.columns]));
    } else {
      expect(fast.columns).not.toHaveBeenCalled();
      const calls = 'lines' in way ? size : a.size / shape[shape.length - 1];
      expect(fast.row).toHaveBeenCalledTimes(calls);
      if ('lines' in way) for (const [n, , , , step] of fast.row.mock.calls) expect([n, step]).toEqual(way.lines);
    }
    expect(slow.columns).not.toHaveBeenCalled();
  });
});

describe('products of matrices', () => {
  const turned = (a: NdArray): NdArray => a.view([...a.shape].reverse(), [...a.strides].reverse());
  const rows = new NdArray('float32', [1, 3], Float32Array.of(1e8, 1, -1e8));

  test('are carried in float64, however b lies in memory', () => {
    for (const b of [emptyOnes([3, 2]), turned(emptyOnes([2, 3]))])
      expect(into([1, 2], out => matmulInto(out, rows, b))).toEqual([[1, 1]]);
  });

  test('of no inner elements are zero both ways, whatever was there', () => {
    for (const b of [emptyArray([0, 2]), turned(emptyArray([2, 0]))]) {
      const out = emptyOnes([3, 2]);
      matmulInto(out, emptyArray([3, 0]), b);
      expect(toNested(out)).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
    }
  });

  function emptyOnes(shape: Shape): NdArray {
    const a = emptyArray(shape);
    a.buffer.fill(1);
    return a;
  }
});

describe('copies', () => {
  test.each([
    ['long ones by the engine', 64, 'float32', 1],
    ['long ones of another dtype by the engine', 64, 'int32', 1],
    ['short ones by hand', 63, 'float32', 0],
  ] as const)('take %s, and give what they give for a view with gaps', (_, n, dtype, calls) => {
    const a = numbers([n], dtype);
    const out = emptyArray([n]);
    const set = vi.spyOn(out.buffer, 'set');
    copyInto(out, a);
    expect(set).toHaveBeenCalledTimes(calls);
    expect(toNested(out)).toEqual(into([n], other => copyInto(other, gapped(a))));
    expect(set).toHaveBeenCalledTimes(calls);
    const through = gapped(emptyArray([n]));
    copyInto(through, a);
    expect(toNested(through)).toEqual(toNested(out));
  });

  test.each([
    ['long rows by the engine, one by one', [3, 64], [3, 64], { set: 3, fill: 0 }],
    ['short rows by hand', [3, 63], [3, 63], { set: 0, fill: 0 }],
    ['a long row that repeats by the engine', [3, 64], [64], { set: 3, fill: 0 }],
    ['elements that repeat often by the engine', [3, 64], [3, 1], { set: 0, fill: 3 }],
    ['elements that repeat seldom by hand', [3, 63], [3, 1], { set: 0, fill: 0 }],
  ] as const)('take %s, into a block of a larger array too', (_, shape, from, calls) => {
    const a = numbers(from);
    const whole = emptyArray([5, 70]);
    const block = whole.view(shape, whole.strides, 71);
    const [set, fill] = [vi.spyOn(whole.buffer, 'set'), vi.spyOn(whole.buffer, 'fill')];
    copyInto(block, a);
    expect({ set: set.mock.calls.length, fill: fill.mock.calls.length }).toEqual(calls);
    expect(toNested(block)).toEqual(into(shape, out => copyInto(out, gapped(a))));
    const around = whole.buffer.filter((_, i) => {
      const [row, column] = [Math.floor(i / 70) - 1, (i % 70) - 1];
      return row < 0 || row >= shape[0] || column < 0 || column >= shape[1];
    });
    expect(around.every(v => v === 0)).toBe(true);
  });
});

describe('allocation', () => {
  const bytesBehind = (data: TypedArray): number => data.buffer.byteLength;

  test('puts small arrays on slabs, and gives tiny and large ones memory of their own', () => {
    expect(bytesBehind(allocate('float32', 16))).toBe(64);
    expect(bytesBehind(allocate('float32', 17))).toBe(65536);
    expect(bytesBehind(allocate('float64', 1024))).toBe(65536);
    expect(bytesBehind(allocate('float64', 1025))).toBe(8200);
  });

  test('gives zeros that nothing else shares, aligned for every dtype, from one slab to the next', () => {
    const arrays = Array.from({ length: 2000 }, (_, i) =>
      allocate((['float32', 'float64', 'int32', 'bool'] as const)[i % 4], 65 + ((i * 37) % 200)),
    );
    expect(new Set(arrays.map(a => a.buffer)).size).toBeGreaterThan(2);
    arrays.forEach((a, i) => {
      expect([a.byteOffset % 8, a.every(v => v === 0)]).toEqual([0, true]);
      a.fill((i % 200) + 1);
    });
    expect(arrays.every((a, i) => a.every(v => v === (i % 200) + 1))).toBe(true);
  });
});
