import { type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { ArgumentError, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const x: Tensor = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe('a tensor', () => {
  test('has a shape, its number of dims and of elements, and a dtype', () => {
    expect([x.shape, x.ndim, x.size, x.dtype]).toEqual([[2, 3], 2, 6, 'float32']);
    expect([tensor(1).shape, tensor(1).ndim, tensor(1).size]).toEqual([[], 0, 1]);
    expect(zeros([2, 0, 3]).size).toBe(0);
  });

  test('has its elements in row-major order as data, a typed array of exactly its size, for views too', () => {
    expect(x.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(x.t().data).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
    expect(x.select(0, 1).data).toEqual(Float32Array.of(4, 5, 6));
    expect(x.slice(1, 0, undefined, 2).data).toEqual(Float32Array.of(1, 3, 4, 6));
    expect(tensor(2).expand([3]).data).toEqual(Float32Array.of(2, 2, 2));
    expect(x.eq(1).data).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0));
    expect([x.to('float64').data, x.to('int32').data].map(d => d.constructor)).toEqual([Float64Array, Int32Array]);
  });

  test('becomes nested arrays, or a number, of which JSON is made', () => {
    expect(x.t().toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(JSON.stringify({ x, y: x.gt(4).select(0, 1), z: tensor(7) })).toBe(
      '{"x":[[1,2,3],[4,5,6]],"y":[false,true,true],"z":7}',
    );
  });

  test('iterates over its first axis', () => {
    expect([...x].map(row => row.toArray())).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const [[, second]] = x;
    expect(second.item()).toBe(2);
  });

  test('reads well in a text, with what is not usual about it', () => {
    expect(`${tensor([1, 2.5])}`).toBe('tensor([1.0000, 2.5000])');
    expect(`${tensor([1], { dtype: 'int32' })}`).toBe('tensor([1], dtype=int32)');
    expect(`${tensor([true])}`).toBe('tensor([true])');
    const leaf: Tensor = tensor([1, 2], { requiresGrad: true, dtype: 'float64' });
    expect(`${leaf}`).toBe('tensor([1, 2], dtype=float64, requiresGrad)');
    expect(`${leaf.mul(2)}`).toBe('tensor([2, 4], dtype=float64, from mul)');
  });
});

describe('where JavaScript wants a primitive', () => {
  test('a tensor of one element is that number, so that losses compare by value', () => {
    expect(Number(tensor([[2.5]]))).toBe(2.5);
    expect(Number(tensor(true))).toBe(1);
    expect([tensor(9) < tensor(10), tensor(9) > tensor(10), tensor(10) <= tensor(9)]).toEqual([true, false, false]);
    expect(Number.isNaN(Number(tensor(Number.NaN)))).toBe(true);
  });

  test('a text is what toString gives', () => {
    expect([`${tensor(2)}`, String(tensor([1])), tensor([1, 2]).toString()]).toEqual([
      'tensor(2)',
      'tensor([1])',
      'tensor([1, 2])',
    ]);
  });

  test('a number is refused of more elements, and of none', () => {
    expect(() => Number(x)).toThrow('item: expected a tensor of one element, got shape [2, 3]');
    expect(() => Number(tensor([]))).toThrow('item: expected a tensor of one element, got shape [0]');
  });

  test('operators are refused, with the methods there are in their place', () => {
    const y: any = tensor(2);
    const matrix: any = x;
    const advice =
      'a tensor has no operators: write x.add(y) for + and x.eq(y) for ==, x.item() for its number, String(x) for its text';
    // biome-ignore lint/suspicious/noDoubleEquals: what it does is what is tested.
    for (const use of [() => y + 1, () => y + y, () => 'a' + y, () => y == 1])
      expect(use).toThrow(new ArgumentError(advice));
    expect(() => matrix - y).toThrow(
      new ShapeError(
        'item: expected a tensor of one element, got shape [2, 3]; a tensor has no operators: write x.sub(y) for - and x.lt(y) for <',
      ),
    );
  });
});

describe('of one tensor', () => {
  test('detach is the same array without the history', () => {
    const leaf: Tensor = tensor([1, 2], { requiresGrad: true });
    const [y, z]: Tensor[] = [leaf.mul(2), leaf.mul(2).detach()];
    expect([y.requiresGrad, y.isLeaf, z.requiresGrad, z.isLeaf]).toEqual([true, false, false, true]);
    const plain: Tensor = tensor([1, 2]);
    const same = plain.detach();
    plain.assign(5);
    expect(same.toArray()).toEqual([5, 5]);
  });

  test('clone is a copy, laid out in row-major order, with the history', () => {
    const leaf: Tensor = tensor([[1, 2]], { requiresGrad: true });
    const copy: Tensor = leaf.t().clone();
    expect([copy.requiresGrad, copy.value.contiguous, copy.toArray()]).toEqual([true, true, [[1], [2]]]);
  });

  test('topk of a scalar is the scalar, or nothing', () => {
    const { values, indices } = tensor(5).topk(1);
    expect([values.toArray(), indices.toArray(), indices.dtype]).toEqual([5, 0, 'int32']);
    expect(tensor(5).topk(0).values.shape).toEqual([0]);
  });

  test('the product with one of another dtype is of the larger', () => {
    const y: Tensor = x.matmul(tensor([1, 0, 1], { dtype: 'int32' }));
    expect([y.dtype, y.toArray()]).toEqual(['float32', [4, 10]]);
    expect(tensor([true, false, true]).matmul(x.t().to('float64')).toArray()).toEqual([4, 10]);
  });

  test('the loss of a perfect prediction is 0, and not -0', () => {
    const sure = tensor([[0, -200]]);
    const ids = tensor([0], { dtype: 'int32' });
    for (const options of [{}, { reduction: 'none' }, { labelSmoothing: 0 }, { weight: tensor([2, 1]) }] as const)
      expect(sure.crossEntropy(ids, options).data).toEqual(Float32Array.of(0));
    expect(sure.crossEntropy(tensor([[1, 0]])).item()).toBe(0);
  });
});

test('a norm with p = 0 is a step function: it has the gradient 0, and a loss may have it as a part', () => {
  const x: Tensor = tensor([0, 2, -3], { requiresGrad: true });
  x.norm(0).backward();
  expect(x.grad?.toArray()).toEqual([0, 0, 0]);
});
