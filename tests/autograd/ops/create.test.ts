import {
  arange,
  bernoulli,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  type Tensor,
  tensor,
  zeros,
  zerosLike,
} from '@tapegrad/autograd';
import { type DType, Generator, manualSeed } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const facts = (x: Tensor): [number[], DType, unknown] => [x.shape, x.dtype, x.toArray()];

describe('tensor', () => {
  test('takes numbers, booleans and arrays nested as deep as there are dims', () => {
    expect(facts(tensor(2.5))).toEqual([[], 'float32', 2.5]);
    expect(facts(tensor(true))).toEqual([[], 'bool', true]);
    expect(facts(tensor([1, 2]))).toEqual([[2], 'float32', [1, 2]]);
    expect(facts(tensor([[[1], [2]]]))).toEqual([[1, 2, 1], 'float32', [[[1], [2]]]]);
    expect(facts(tensor([[true], [false]]))).toEqual([[2, 1], 'bool', [[true], [false]]]);
  });

  test('takes arrays of nothing', () => {
    expect(facts(tensor([]))).toEqual([[0], 'float32', []]);
    expect(facts(tensor([[], []]))).toEqual([[2, 0], 'float32', [[], []]]);
    expect(facts(tensor([], { dtype: 'int32', shape: [0, 3] }))).toEqual([[0, 3], 'int32', []]);
  });

  test('takes numbers where booleans are among them, in any order', () => {
    expect(facts(tensor([true, 2] as any))).toEqual([[2], 'float32', [1, 2]]);
    expect(facts(tensor([2, true] as any))).toEqual([[2], 'float32', [2, 1]]);
    expect(
      facts(
        tensor([
          [true, false],
          [0, true],
        ] as any),
      ),
    ).toEqual([
      [2, 2],
      'float32',
      [
        [1, 0],
        [0, 1],
      ],
    ]);
  });

  test('keeps the kind of typed arrays, and copies them', () => {
    const data = Float64Array.of(0.1, 0.2);
    const x = tensor(data);
    data[0] = 5;
    expect(facts(x)).toEqual([[2], 'float64', [0.1, 0.2]]);
    expect(tensor(Float32Array.of(1)).dtype).toBe('float32');
    expect(tensor(Int32Array.of(1)).dtype).toBe('int32');
    expect(facts(tensor(Uint8Array.of(0, 1)))).toEqual([[2], 'bool', [false, true]]);
    expect(facts(tensor(new Float32Array([1, 2, 3, 4]).subarray(1, 3)))).toEqual([[2], 'float32', [2, 3]]);
  });

  test('takes the elements of typed arrays of other kinds as numbers', () => {
    for (const kind of [Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Uint32Array])
      expect(facts(tensor(kind.of(3, 100)))).toEqual([[2], 'float32', [3, 100]]);
    expect(facts(tensor(Uint16Array.of(7, 65535), { dtype: 'int32' }))).toEqual([[2], 'int32', [7, 65535]]);
  });

  test('takes another dtype and another shape from the options', () => {
    expect(facts(tensor([1.7, -1.7, 0], { dtype: 'int32' }))).toEqual([[3], 'int32', [1, -1, 0]]);
    expect(facts(tensor([1.7, Number.NaN, 0], { dtype: 'bool' }))).toEqual([[3], 'bool', [true, true, false]]);
    expect(facts(tensor([true, false], { dtype: 'float64' }))).toEqual([[2], 'float64', [1, 0]]);
    expect(facts(tensor(Uint8Array.of(0, 255), { dtype: 'float32' }))).toEqual([[2], 'float32', [0, 255]]);
    expect(facts(tensor(Float64Array.of(0, 0.5), { dtype: 'bool' }))).toEqual([[2], 'bool', [false, true]]);
    expect(facts(tensor([1, 2, 3, 4], { shape: [2, 2] }))).toEqual([
      [2, 2],
      'float32',
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(
      facts(
        tensor(
          [
            [1, 2],
            [3, 4],
          ],
          { shape: [4] },
        ),
      ),
    ).toEqual([[4], 'float32', [1, 2, 3, 4]]);
    expect(facts(tensor([3], { shape: [] }))).toEqual([[], 'float32', 3]);
  });

  test('does not follow the shape array that it was given', () => {
    const shape = [2];
    const x: Tensor = tensor([1, 2], { shape });
    shape[0] = 1;
    expect(x.shape).toEqual([2]);
  });

  test('can require a gradient', () => {
    expect(tensor([1], { requiresGrad: true }).requiresGrad).toBe(true);
    expect(tensor([1]).requiresGrad).toBe(false);
  });
});

describe('constants', () => {
  test('zeros, ones and full fill a shape', () => {
    expect(facts(zeros([2, 2]))).toEqual([
      [2, 2],
      'float32',
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    expect(facts(ones([]))).toEqual([[], 'float32', 1]);
    expect(facts(ones([2], { dtype: 'bool' }))).toEqual([[2], 'bool', [true, true]]);
    expect(facts(full([2], 1.5))).toEqual([[2], 'float32', [1.5, 1.5]]);
    expect(facts(full([2], true))).toEqual([[2], 'bool', [true, true]]);
    expect(facts(full([2], 7, { dtype: 'bool' }))).toEqual([[2], 'bool', [true, true]]);
    expect(facts(full([1], 1.7, { dtype: 'int32' }))).toEqual([[1], 'int32', [1]]);
    expect(facts(full([1], true, { dtype: 'float64' }))).toEqual([[1], 'float64', [1]]);
    expect(facts(zeros([0, 2]))).toEqual([[0, 2], 'float32', []]);
  });

  test('eye has ones on its diagonal, square or not', () => {
    expect(eye(2).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(eye(3, 1, { dtype: 'int32' }).toArray()).toEqual([[1], [0], [0]]);
    expect(facts(eye(1, { dtype: 'bool' }))).toEqual([[1, 1], 'bool', [[true]]]);
    expect(eye(2, undefined, { dtype: 'float64' }).dtype).toBe('float64');
    expect(eye(0).shape).toEqual([0, 0]);
  });

  test('arange counts in whole and broken steps, up and down', () => {
    expect(facts(arange(4))).toEqual([[4], 'float32', [0, 1, 2, 3]]);
    expect(arange(1, 4).toArray()).toEqual([1, 2, 3]);
    expect(arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
    expect(arange(0, 1, 0.25, { dtype: 'float64' }).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(arange(0, 1, 0.1).shape).toEqual([10]);
    expect(arange(1, 1.3, 0.1, { dtype: 'float64' }).shape).toEqual([4]);
    expect(facts(arange(3, { dtype: 'int32' }))).toEqual([[3], 'int32', [0, 1, 2]]);
    expect(facts(arange(1, 3, { dtype: 'int32' }))).toEqual([[2], 'int32', [1, 2]]);
    expect(arange(0).toArray()).toEqual([]);
    expect(arange(2, 2).toArray()).toEqual([]);
    expect(arange(2.5).toArray()).toEqual([0, 1, 2]);
    expect(arange(4, undefined, 2).toArray()).toEqual([0, 2]);
  });

  test('linspace has both ends, exactly', () => {
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(3, -3, 3, { dtype: 'float64' }).toArray()).toEqual([3, 0, -3]);
    expect(linspace(0, 0.7, 8, { dtype: 'float64' }).data[7]).toBe(0.7);
    expect(linspace(2, 5, 1).toArray()).toEqual([2]);
    expect(linspace(2, 5, 0).toArray()).toEqual([]);
  });
});

describe('random tensors', () => {
  const drawn = (options: { generator?: Generator } = {}): Tensor[] => [
    rand([3], options),
    randn([3], options),
    randint(0, 100, [3], options),
    randperm(5, options),
    bernoulli(full([5], 0.5), options),
    randLike(zeros([2]), options),
    randnLike(zeros([2]), options),
  ];
  const values = (tensors: Tensor[]) => tensors.map(x => x.toArray());

  test('are the same after the same manualSeed', () => {
    manualSeed(3);
    const first = values(drawn());
    manualSeed(3);
    expect(values(drawn())).toEqual(first);
    manualSeed('3');
    expect(values(drawn())).toEqual(first);
    expect(values(drawn())).not.toEqual(first);
    manualSeed(4);
    expect(values(drawn())).not.toEqual(first);
  });

  test('of a generator of their own do not touch the default one, and have the stream of its seed', () => {
    manualSeed(3);
    const first = values(drawn());
    manualSeed(3);
    expect(values(drawn({ generator: new Generator(3) }))).toEqual(first);
    expect(values(drawn({ generator: new Generator(8) }))).not.toEqual(first);
    expect(values(drawn())).toEqual(first);
  });

  test('have their dtypes and shapes', () => {
    manualSeed(1);
    expect(drawn().map(x => [x.shape, x.dtype])).toEqual([
      [[3], 'float32'],
      [[3], 'float32'],
      [[3], 'int32'],
      [[5], 'int32'],
      [[5], 'float32'],
      [[2], 'float32'],
      [[2], 'float32'],
    ]);
    expect(rand([2], { dtype: 'float64' }).dtype).toBe('float64');
    expect(randint(0, 3, [2], { dtype: 'float32' }).dtype).toBe('float32');
    expect(randperm(3, { dtype: 'float32' }).dtype).toBe('float32');
    expect(randn([0]).toArray()).toEqual([]);
  });

  test('keep to their ranges', () => {
    manualSeed(1);
    expect(rand([1000]).data.every(v => v >= 0 && v < 1)).toBe(true);
    expect(new Set(randint(-2, 3, [1000]).data)).toEqual(new Set([-2, -1, 0, 1, 2]));
    expect(Array.from(randperm(20).data).sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
    expect(Math.abs(randn([10000]).mean().item())).toBeLessThan(0.05);
    expect(randn([10000]).std().item()).toBeCloseTo(1, 1);
    expect(
      bernoulli(full([10000], 0.25))
        .mean()
        .item(),
    ).toBeCloseTo(0.25, 1);
    expect(bernoulli(tensor([0, 1])).toArray()).toEqual([0, 1]);
    expect(bernoulli(tensor([0, 1], { dtype: 'float64' })).dtype).toBe('float64');
  });
});

describe('the Like forms', () => {
  const x: Tensor = tensor([[1], [2]], { dtype: 'float64', requiresGrad: true });

  test('take shape and dtype after a tensor, but not its history', () => {
    const made: Tensor[] = [zerosLike(x), onesLike(x), fullLike(x, 3), randLike(x), randnLike(x)];
    expect(made.map(y => [y.shape, y.dtype, y.requiresGrad])).toEqual(made.map(() => [[2, 1], 'float64', false]));
    expect(made.slice(0, 3).map(y => y.toArray())).toEqual([
      [[0], [0]],
      [[1], [1]],
      [[3], [3]],
    ]);
    expect(onesLike(tensor([true])).toArray()).toEqual([true]);
  });

  test('take another dtype from the options, unless it is undefined', () => {
    expect(zerosLike(x, { dtype: 'int32' }).dtype).toBe('int32');
    expect(fullLike(x, 2, { dtype: 'bool' }).toArray()).toEqual([[true], [true]]);
    expect(onesLike(x, { dtype: undefined }).dtype).toBe('float64');
    expect(randLike(x, { dtype: 'float32' }).dtype).toBe('float32');
  });
});

test('every way of making a tensor takes the same options last', () => {
  const options = { dtype: 'float64', requiresGrad: true } as const;
  const x = ones([2]);
  const made: Tensor[] = [
    tensor([1, 2], options),
    zeros([2], options),
    ones([2], options),
    full([2], 1, options),
    eye(2, options),
    eye(2, 2, options),
    arange(2, options),
    arange(0, 2, options),
    arange(0, 2, 1, options),
    linspace(0, 1, 2, options),
    rand([2], options),
    randn([2], options),
    randint(0, 2, [2], options),
    randperm(2, options),
    bernoulli(x, options),
    zerosLike(x, options),
    onesLike(x, options),
    fullLike(x, 1, options),
    randLike(x, options),
    randnLike(x, options),
  ];
  expect(made.map(y => [y.dtype, y.requiresGrad, y.isLeaf])).toEqual(made.map(() => ['float64', true, true]));
});
