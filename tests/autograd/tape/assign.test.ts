import { arange, grad, noGrad, ones, type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { ArgumentError, GradError, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[] | number[][]): Tensor => tensor(data, { requiresGrad: true });

describe('assign', () => {
  test('overwrites in place and returns the tensor itself', () => {
    const x = tensor([1, 2, 3]);
    const { value } = x;
    expect(x.assign(tensor([4, 5, 6]))).toBe(x);
    expect(x.value).toBe(value);
    expect(x.toArray()).toEqual([4, 5, 6]);
  });

  test('copies: a later change of the source does not show', () => {
    const [x, source] = [zeros([2]), ones([2])];
    x.assign(source);
    source.assign(5);
    expect(x.toArray()).toEqual([1, 1]);
  });

  test('broadcasts the source', () => {
    const x = zeros([2, 3]);
    expect(x.assign(arange(3)).toArray()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(x.assign(tensor([[7], [8]])).toArray()).toEqual([
      [7, 7, 7],
      [8, 8, 8],
    ]);
    expect(x.assign(9).toArray()).toEqual([
      [9, 9, 9],
      [9, 9, 9],
    ]);
  });

  test('casts to the dtype of the target', () => {
    expect(
      zeros([3], { dtype: 'int32' })
        .assign(tensor([1.9, -1.9, 2]))
        .toArray(),
    ).toEqual([1, -1, 2]);
    expect(
      zeros([3], { dtype: 'bool' })
        .assign(tensor([0, 0.5, 3]))
        .toArray(),
    ).toEqual([false, true, true]);
    expect(zeros([1], { dtype: 'bool' }).assign(0.5).data).toEqual(new Uint8Array([1]));
    expect(zeros([1], { dtype: 'bool' }).assign(2).data).toEqual(new Uint8Array([1]));
    expect(
      zeros([1])
        .assign(tensor([0.1], { dtype: 'float64' }))
        .item(),
    ).toBe(Math.fround(0.1));
  });

  test('shows in views that were taken before, and through them', () => {
    const x = zeros([2, 3]);
    const [column, transposed] = [x.select(1, 1), x.transpose(0, 1)];
    x.assign(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    expect(column.toArray()).toEqual([2, 5]);
    transposed.assign(
      tensor([
        [10, 40],
        [20, 50],
        [30, 60],
      ]),
    );
    expect(x.toArray()).toEqual([
      [10, 20, 30],
      [40, 50, 60],
    ]);
    column.assign(0);
    x.slice(1, 0, 3, 2).slice(0, 1).assign(-1);
    expect(x.toArray()).toEqual([
      [10, 0, 30],
      [-1, 0, -1],
    ]);
  });

  test('reads a source that overlaps the target before it writes', () => {
    const x = arange(5);
    expect(x.assign(x.flip(0)).toArray()).toEqual([4, 3, 2, 1, 0]);
    x.slice(0, 1).assign(x.slice(0, 0, 4));
    expect(x.toArray()).toEqual([4, 4, 3, 2, 1]);
    x.slice(0, 0, 4).assign(x.slice(0, 1));
    expect(x.toArray()).toEqual([4, 3, 2, 1, 1]);
    const m = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(m.assign(m.transpose(0, 1)).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(m.assign(m).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test('takes the values of a source that has a history, and not the history', () => {
    const x = leaf(3);
    const target = zeros([]);
    target.assign(x.square());
    expect([target.item(), target.requiresGrad]).toEqual([9, false]);
  });
});

describe('the errors of assign', () => {
  test('are for the result of an operation', () => {
    expect(() => leaf([1, 2]).mul(2).assign(0)).toThrow(
      new GradError('assign: only leaves can be overwritten, not the result of an operation; use its value instead'),
    );
    expect(() => noGrad(() => leaf([1, 2]).mul(2).assign(0))).not.toThrow();
  });

  test('are for a leaf that requires a gradient, outside of noGrad', () => {
    const x = leaf([1, 2]);
    expect(() => x.assign(0)).toThrow(
      new GradError('assign: a leaf that requires a gradient can be overwritten only inside of noGrad(() => …)'),
    );
    expect(x.toArray()).toEqual([1, 2]);
    expect(noGrad(() => x.assign(0)).toArray()).toEqual([0, 0]);
  });

  test('are for a source that does not broadcast', () => {
    const x = zeros([2, 3]);
    expect(() => x.assign(ones([2]))).toThrow(
      new ShapeError('assign: expected a source that broadcasts to [2, 3], got [2]'),
    );
    expect(() => zeros([3]).assign(x)).toThrow(
      new ShapeError('assign: expected a source that broadcasts to [3], got [2, 3]'),
    );
  });

  test('are for an expanded view, whose elements share their memory', () => {
    const x = zeros([2, 1]);
    expect(() => x.expand([2, 3]).assign(1)).toThrow(
      new ShapeError(
        'assign: expected a target with an element of memory for each of its own, got an expanded view, of shape [2, 3]',
      ),
    );
    expect(x.toArray()).toEqual([[0], [0]]);
  });

  test('are for a source that is no tensor', () => {
    const nothing: Tensor = JSON.parse('null');
    expect(() => zeros([2]).assign(nothing)).toThrow(
      new ArgumentError('assign: expected the source to be a tensor or a number, got null'),
    );
  });
});

describe('a value that a gradient still needs', () => {
  const message = (what: string, shape = '[2]'): GradError =>
    new GradError(
      `backward: ${what}, of shape ${shape}, was overwritten by assign after it was used; its gradient needs the old value (clone it before assigning, or assign after backward)`,
    );

  test('is missed by name when it was an input', () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const loss = x.mul(w).sum();
    noGrad(() => w.assign(0));
    expect(() => loss.backward()).toThrow(message('input 1 of mul'));
    expect([x.grad, w.grad]).toEqual([null, null]);
  });

  test('is missed when it was overwritten through a view', () => {
    const [x, w] = [leaf([1, 2]), zeros([3])];
    const loss = x.mul(w.slice(0, 1)).sum();
    w.slice(0, 0, 2).assign(1);
    expect(() => loss.backward()).toThrow(message('input 1 of mul'));
  });

  test('is missed when it was overwritten through detach', () => {
    const w = leaf([3, 4]);
    const loss = w.square().sum();
    w.detach().assign(0);
    expect(() => loss.backward()).toThrow(message('input 0 of square'));
  });

  test('is missed when it was an output', () => {
    const x = leaf([1, 2]);
    const y = x.exp();
    y.detach().assign(0);
    expect(() => y.sum().backward()).toThrow(message('the output of exp'));
  });

  test('is missed when it was reached by a view of a view', () => {
    const x = leaf([1, 2]);
    const w = zeros([2, 2]);
    const loss = x.mul(w.transpose(0, 1).select(0, 1)).sum();
    w.reshape([4]).assign(1);
    expect(() => loss.backward()).toThrow(message('input 1 of mul'));
  });

  test('is missed by grad() only if the way to an input needs it', () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const y = x.square().add(w.mul(2)).sum();
    noGrad(() => x.assign(0));
    expect(() => grad(y, x)).toThrow(message('input 0 of square'));
    expect(grad(y, w).toArray()).toEqual([2, 2]);
    const h = w.square();
    const z = h.sum();
    noGrad(() => w.assign(0));
    expect(grad(z, h).toArray()).toEqual([1, 1]);
  });

  test('is there again when it is computed anew', () => {
    const x = leaf([1, 2]);
    x.square();
    noGrad(() => x.assign(5));
    x.square().sum().backward();
    expect(x.grad?.toArray()).toEqual([10, 10]);
  });
});

describe('a value that no gradient needs may be overwritten before backward', () => {
  test('where the operation is linear', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    const loss = x.add(y).sub(x.neg()).sum();
    noGrad(() => x.assign(0));
    loss.backward();
    expect(x.grad?.toArray()).toEqual([2, 2]);
  });

  test('where the other factor requires no gradient', () => {
    const [w, x] = [
      leaf([
        [1, 2],
        [3, 4],
      ]),
      tensor([[5, 6]]),
    ];
    const loss = x.matmul(w).mul(2).sum();
    noGrad(() => w.assign(0));
    loss.backward();
    expect(w.grad?.toArray()).toEqual([
      [10, 10],
      [12, 12],
    ]);
  });

  test('in any order of steps: a loop of SGD finds the minimum', () => {
    const w = leaf([5, -3]);
    for (let step = 0; step < 50; step++) {
      w.sub(tensor([1, 2]))
        .square()
        .sum()
        .backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(0.2))));
      w.zeroGrad();
    }
    expect(w.data[0]).toBeCloseTo(1, 5);
    expect(w.data[1]).toBeCloseTo(2, 5);
  });
});

test('a second backward through values that were overwritten in between is an error', () => {
  const w = leaf([1, 2]);
  const loss = w.square().sum();
  loss.backward();
  noGrad(() => w.assign(w.sub(w.grad!)));
  expect(() => loss.backward()).toThrow(GradError);
  expect(w.grad?.toArray()).toEqual([2, 4]);
});
