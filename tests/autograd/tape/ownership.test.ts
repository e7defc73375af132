import { arange, defineOp, type Tensor, tensor } from '@tapegrad/autograd';
import { describe, expect, test } from 'vitest';

const leaf = (data: number[] | number[][]): Tensor => tensor(data, { requiresGrad: true });

describe('a grad', () => {
  test('never shares memory with that of another leaf', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    x.add(y).sum().backward();
    x.grad?.assign(9);
    expect(y.grad?.toArray()).toEqual([1, 1]);
  });

  test('never shares memory with the gradient that backward was given', () => {
    const x = leaf([1, 2]);
    const g = tensor([5, 6]);
    x.add(0).backward(g);
    x.grad?.assign(0);
    expect(g.toArray()).toEqual([5, 6]);
    g.assign(7);
    expect(x.grad?.toArray()).toEqual([0, 0]);
  });

  test('never shares memory with values of the forward pass that a custom operation gave back', () => {
    const half = defineOp({
      name: 'halfSquare',
      forward: (a: Tensor) => a.square().mul(0.5),
      backward: (_g: Tensor, [a]: readonly Tensor[]) => a,
    });
    const x = leaf([1, 2]);
    half(x).sum().backward();
    x.grad?.assign(9);
    expect(x.toArray()).toEqual([1, 2]);
  });

  test('never shares memory with the retained grad of a result', () => {
    const x = leaf([1, 2]);
    const y = x.add(1);
    y.retainGrad();
    y.mul(3).sum().backward();
    y.grad?.assign(0);
    expect(x.grad?.toArray()).toEqual([3, 3]);
  });

  test('has an element of memory for each of its own where the gradient was expanded', () => {
    const x = leaf([1, 2, 3]);
    x.sum().backward();
    x.grad?.assign(arange(3));
    expect(x.grad?.toArray()).toEqual([0, 1, 2]);
  });

  test('is in row-major order where the gradient was transposed', () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    x.transpose(0, 1)
      .mul(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      )
      .sum()
      .backward();
    expect(x.grad?.value.contiguous).toBe(true);
    expect(x.grad?.value.base).toBe(x.grad?.value);
    expect(x.grad?.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test('has no history of its own', () => {
    const x = leaf([1, 2]);
    const g = tensor([5, 6], { requiresGrad: true });
    x.square().backward(g);
    expect(x.grad?.requiresGrad).toBe(false);
  });
});
