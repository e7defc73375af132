import {
  contiguous,
  copyInto,
  type DType,
  dotProducts,
  emptyArray,
  type Multiply,
  matmulInto,
  type NdArray,
  type Shape,
  stagedProducts,
} from '@tapegrad/tensor';
import { forbidWasm } from '@tapegrad/wasm';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => forbidWasm(false));

/** Numbers in -1..1 without order, the same every time. */
function numbers(shape: Shape, seed = 1, dtype: DType = 'float32'): NdArray {
  const a = emptyArray(shape, dtype);
  for (let i = 0; i < a.size; i++) a.buffer[i] = Math.fround((Math.imul(i + seed * 7919, 0x9e3779b1) >> 8) / 2 ** 23);
  return a;
}

/** The same elements, laid out otherwise. */
const layouts: Record<string, (a: NdArray) => NdArray> = {
  contiguous: a => a,
  transposed: a => {
    const turned = a.view([...a.shape.slice(0, -2), a.shape[a.ndim - 1], a.shape[a.ndim - 2]], swapped(a.strides));
    const copy = contiguous(turned);
    return copy.view(a.shape, swapped(copy.strides));
  },
  'with gaps': a => within(a, 2),
  'far apart': a => within(a, 9),
  backwards: a => {
    const copy = emptyArray([a.size], a.dtype).view(
      a.shape,
      a.strides.map(s => -s),
      Math.max(0, a.size - 1),
    );
    copyInto(copy, a);
    return copy;
  },
};

const swapped = (strides: readonly number[]): number[] => [
  ...strides.slice(0, -2),
  strides[strides.length - 1],
  strides[strides.length - 2],
];

/** A view with `step` elements from one element to the next. */
function within(a: NdArray, step: number): NdArray {
  const buffer = emptyArray([step * a.size + 5], a.dtype);
  const view = buffer.view(
    a.shape,
    a.strides.map(s => s * step),
    3,
  );
  copyInto(view, a);
  return view;
}

const float64 = (a: NdArray): NdArray => {
  const copy = emptyArray(a.shape, 'float64');
  copyInto(copy, a);
  return copy;
};

const magnitudes = (a: NdArray): NdArray => {
  const copy = float64(a);
  for (let i = 0; i < copy.size; i++) copy.buffer[i] = Math.abs(copy.buffer[i]);
  return copy;
};

function product(a: NdArray, b: NdArray, batch: Shape, multiply?: Multiply): NdArray {
  const out = emptyArray([...batch, a.shape[a.ndim - 2], b.shape[b.ndim - 1]], a.dtype);
  out.buffer.fill(9);
  matmulInto(out, a, b, multiply);
  return out;
}

/** By how many K eps sum |a b| the product is off where it is off furthest; NaN and Infinity are right in their places. */
function error(out: NdArray, a: NdArray, b: NdArray, batch: Shape): number {
  const exact = product(float64(a), float64(b), batch, dotProducts).buffer;
  const bound = product(magnitudes(a), magnitudes(b), batch, dotProducts).buffer;
  const K = a.shape[a.ndim - 1];
  let worst = 0;
  for (let i = 0; i < out.size; i++) {
    const [got, right] = [out.buffer[i], exact[i]];
    if (Number.isFinite(right)) worst = Math.max(worst, Math.abs(got - right) / ((K + 1) * 2 ** -23 * bound[i] || 1));
    else if (!Object.is(got, right)) return Number.POSITIVE_INFINITY;
  }
  return worst;
}

const sizes: [M: number, K: number, N: number][] = [
  ...Array.from({ length: 24 }, (_, i): [number, number, number] => [
    (i * 37) % 71,
    (i * 29 + 3) % 71,
    (i * 53 + 1) % 71,
  ]),
  [130, 70, 9],
  [5, 300, 140],
  [200, 3, 200],
  [1, 500, 77],
  [77, 500, 1],
];

describe('products of float32 matrices', () => {
  const names = Object.keys(layouts);

  test.each(names.flatMap(a => names.map(b => [a, b] as const)))(
    'of one %s and one %s are within K eps of those in float64, both ways',
    (left, right) => {
      for (const [M, K, N] of sizes) {
        const [a, b] = [layouts[left](numbers([M, K], 2)), layouts[right](numbers([K, N], 3))];
        for (const multiply of [stagedProducts, dotProducts])
          expect([M, K, N, error(product(a, b, [], multiply), a, b, []) < 1]).toEqual([M, K, N, true]);
      }
    },
  );

  test.each<[string, Shape, Shape, Shape]>([
    ['one with one', [3, 20, 9], [3, 9, 14], [3]],
    ['all with one', [3, 4, 20, 9], [9, 14], [3, 4]],
    ['single rows with one', [40, 1, 9], [9, 14], [40]],
    ['one with all', [20, 9], [3, 4, 9, 14], [3, 4]],
    ['across', [3, 1, 20, 9], [4, 9, 14], [3, 4]],
    ['along', [1, 4, 20, 9], [3, 1, 9, 14], [3, 4]],
    ['none', [0, 20, 9], [9, 14], [0]],
  ])('broadcast their batches: %s', (_, left, right, batch) => {
    for (const layout of Object.values(layouts)) {
      const [a, b] = [layout(numbers(left, 2)), layout(numbers(right, 3))];
      for (const multiply of [stagedProducts, dotProducts])
        expect(error(product(a, b, batch, multiply), a, b, batch)).toBeLessThan(1);
    }
  });

  test('of an expanded row or column are right', () => {
    const row = numbers([1, 30], 2).view([25, 30], [0, 1]);
    const column = numbers([30, 1], 3).view([30, 17], [1, 0]);
    expect(error(product(row, column, []), row, column, [])).toBeLessThan(1);
  });

  test.each([
    [20, 9, 14],
    [70, 60, 65],
  ])('of [%i, %i] and as many rows hold NaN and Infinity where those in float64 do', (M, K, N) => {
    for (const layout of Object.values(layouts)) {
      const [a, b] = [numbers([M, K], 2), numbers([K, N], 3)];
      a.buffer[3] = Number.NaN;
      a.buffer[K] = Number.POSITIVE_INFINITY;
      b.buffer[2 * N + 1] = Number.NEGATIVE_INFINITY;
      const [x, y] = [layout(a), layout(b)];
      expect(error(product(x, y, []), x, y, [])).toBeLessThan(1);
    }
  });

  // Small whole numbers, whose sums are exact.
  test.each([
    ['rows', 1_500_000, 5, 3],
    ['columns', 3, 5, 1_500_000],
    ['inner elements', 3, 1_500_000, 4],
    ['elements of b', 1, 3000, 3000],
  ])('with more %s than fit the scratch memory are done in parts', (_, M, K, N) => {
    const [a, b] = [
      [M, K],
      [K, N],
    ].map((shape, seed) => {
      const array = emptyArray(shape);
      for (let i = 0; i < array.size; i++) array.buffer[i] = ((i * (7 + seed)) % 5) - 2;
      return array;
    });
    const [fast, slow] = [stagedProducts, dotProducts].map(multiply => product(a, b, [], multiply).buffer);
    expect(fast.findIndex((v, i) => v !== slow[i])).toBe(-1);
  });
});

describe('which kernel runs', () => {
  // In float32 the ones are lost beside 1e8, in float64 they are not.
  const K = 64;
  const a = emptyArray([4, K]);
  const b = emptyArray([K, 4]);
  b.buffer.fill(1);
  for (let i = 0; i < a.size; i++) a.buffer[i] = [1e8, ...new Array(K - 2).fill(1), -1e8][i % K];
  const results = (): number[] => [...new Set(product(a, b, []).buffer)];

  test('is the one in WebAssembly, which sums in float32, for products that are worth it', () => {
    expect(results()).not.toEqual([K - 2]);
  });

  test('is the plain one, which sums in float64, without WebAssembly', () => {
    forbidWasm(true);
    expect(results()).toEqual([K - 2]);
  });

  test('is the plain one for few elements and for other dtypes', () => {
    const few = a.view([1, K], [K, 1]);
    const column = b.view([K, 3], [4, 1]);
    expect([...product(few, column, []).buffer]).toEqual([K - 2, K - 2, K - 2]);
    for (const dtype of ['float64', 'int32'] as const) {
      const [x, y] = [a, b].map(array => {
        const copy = emptyArray(array.shape, dtype);
        copyInto(copy, array);
        return copy;
      });
      expect(new Set(product(x, y, []).buffer)).toEqual(new Set([K - 2]));
    }
  });

  test.each<[string, Shape, Shape, Shape, unknown[][]]>([
    [
      'is called once for a batch whose matrices follow each other and share b',
      [2, 3, 4, 5],
      [5, 6],
      [2, 3],
      [[24, 0, 0]],
    ],
    [
      'is told of the factors it had before',
      [4, 5],
      [3, 5, 6],
      [3],
      [
        [4, 0, 0, false, false],
        [4, 0, 30, true, false],
        [4, 0, 60, true, false],
      ],
    ],
  ])('%s', (_, left, right, batch, calls) => {
    const spy = vi.fn<Multiply>(stagedProducts);
    product(numbers(left), numbers(right), batch, spy);
    expect(spy.mock.calls.map(([{ M }, , p, q, ...same]) => [M, p, q, ...same].slice(0, calls[0].length))).toEqual(
      calls,
    );
  });

  test('leaves what lies around the product alone', () => {
    const around = numbers([40, 30]);
    const before = around.buffer.slice();
    const [x, y] = [numbers([10, 20], 2), numbers([20, 30], 3)];
    matmulInto(around.view([10, 30], undefined, 300), x, y);
    expect(around.buffer.slice(0, 300)).toEqual(before.slice(0, 300));
    expect(around.buffer.slice(600)).toEqual(before.slice(600));
  });
});
