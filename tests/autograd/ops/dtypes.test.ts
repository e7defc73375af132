import { cat, ones, stack, type Tensor, tensor, where } from '@tapegrad/autograd';
import { type DType, promote } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { json } from '../../fixtures/read.ts';

/** A dtype with the number of dims, or a number. */
type Operand = [DType, number] | number;

const { promotion }: { promotion: [[DType, number], Operand, DType][] } = await json('torch/ops');

const dtypes = ['bool', 'int32', 'float32', 'float64'] as const;
const floatOf = (dtype: DType): DType => (dtype === 'float64' ? 'float64' : 'float32');
const made = ([dtype, ndim]: [DType, number]): Tensor => ones(new Array(ndim).fill(2), { dtype });
const shown = (operand: Operand): string =>
  typeof operand === 'number' ? `the number ${operand}` : `${operand[0]} of ${operand[1]} dims`;

describe('promotion is that of PyTorch', () => {
  test.each(promotion.map(row => [shown(row[0]), shown(row[1]), row[2], row] as const))(
    '%s and %s meet in %s',
    (_a, _b, expected, [a, b]) => {
      const x = made(a);
      const y: any = typeof b === 'number' ? b : made(b);
      const bothBool = x.dtype === 'bool' && y.dtype === 'bool';
      expect(x.mul(y).dtype).toBe(expected);
      expect(x.add(y).dtype).toBe(expected);
      expect(x.pow(y).dtype).toBe(expected);
      expect(x.maximum(y).dtype).toBe(expected);
      expect(x.minimum(y).dtype).toBe(expected);
      if (!bothBool) expect(x.sub(y).dtype).toBe(expected);
      if (!bothBool) expect(x.remainder(y).dtype).toBe(expected);
      expect(x.div(y).dtype).toBe(floatOf(expected));
      expect(x.atan2(y).dtype).toBe(floatOf(expected));
      expect(where(tensor([true, false]), x, y).dtype).toBe(expected);
      expect(where(tensor([true, false]), y, x).dtype).toBe(expected);
      expect([x.eq(y), x.lt(y), x.ge(y), x.logicalAnd(y), x.logicalXor(y)].map(z => z.dtype)).toEqual(
        new Array(5).fill('bool'),
      );
    },
  );

  test.each(dtypes.flatMap(a => dtypes.map(b => [a, b] as const)))('cat of %s and %s has the larger', (a, b) => {
    const parts: Tensor[] = [made([a, 1]), made([b, 1])];
    expect(cat(parts).dtype).toBe(promote(a, b));
    expect(stack(parts).dtype).toBe(promote(a, b));
  });
});

describe('a JavaScript number', () => {
  const ints: Tensor = tensor([1, 2], { dtype: 'int32' });

  test('that is whole keeps int32 and makes bool int32', () => {
    expect(ints.add(2).toArray()).toEqual([3, 4]);
    expect(ints.mul(-3).dtype).toBe('int32');
    expect(tensor([true, false]).add(2).toArray()).toEqual([3, 2]);
    expect(tensor([true, false]).sub(1).dtype).toBe('int32');
  });

  test('with a fraction makes int32 and bool float32', () => {
    expect(ints.add(0.5).toArray()).toEqual([1.5, 2.5]);
    expect(ints.add(Number.NaN).dtype).toBe('float32');
    expect(ints.maximum(Infinity).toArray()).toEqual([Infinity, Infinity]);
    expect(tensor([true]).mul(0.5).toArray()).toEqual([0.5]);
  });

  test('that is whole but beyond int32 makes float32 too, so that comparisons are right', () => {
    expect(ints.lt(3e9).toArray()).toEqual([true, true]);
    expect(ints.add(2 ** 31).toArray()).toEqual([2147483648, 2147483648]);
    expect(ints.add(2 ** 31 - 1).dtype).toBe('int32');
    expect(ints.add(-(2 ** 31)).toArray()).toEqual([-2147483647, -2147483646]);
  });

  test('never changes a float dtype', () => {
    expect(tensor([1]).add(1e300).dtype).toBe('float32');
    expect(tensor([1], { dtype: 'float64' }).add(0.1).item()).toBe(1.1);
    expect(tensor([0.1]).eq(0.1).item()).toBe(true);
  });
});

describe('whole numbers', () => {
  const int = (...data: number[]): Tensor => tensor(data, { dtype: 'int32' });
  const largest = 2 ** 31 - 1;

  test('wrap around at 2^31, exactly, as in PyTorch', () => {
    expect(int(largest).add(1).item()).toBe(-(2 ** 31));
    expect(
      int(-(2 ** 31))
        .sub(1)
        .item(),
    ).toBe(largest);
    expect(
      int(-(2 ** 31))
        .neg()
        .item(),
    ).toBe(-(2 ** 31));
    expect(int(123456789).mul(987654321).item()).toBe(-67153019);
    expect(int(7).pow(40).item()).toBe(-142118463);
    expect(int(123456789, 987654321, 3).prod().item()).toBe(-201459057);
    expect(int(123456789, 987654321, 3).reshape([3, 1]).expand([3, 20]).prod(0).data[19]).toBe(-201459057);
    expect(int(123456789, 987654321).cumprod(0).toArray()).toEqual([123456789, -67153019]);
    expect(int(largest, largest, 2).sum().item()).toBe(0);
    expect(int(largest, 1).cumsum(0).toArray()).toEqual([largest, -(2 ** 31)]);
  });

  test('divide to float32', () => {
    expect(int(1, 2).div(int(2, 0)).toArray()).toEqual([0.5, Infinity]);
    expect(int(7).div(2).dtype).toBe('float32');
    expect(tensor([true]).div(tensor([true])).dtype).toBe('float32');
  });

  test('have remainders with the sign of the divisor', () => {
    expect(
      int(7, -7, 7, -7)
        .remainder(int(3, 3, -3, -3))
        .toArray(),
    ).toEqual([1, 2, -2, -1]);
    expect(int(7, -7).remainder(4).toArray()).toEqual([3, 1]);
  });

  test('have powers, of which those with negative exponents are 0 but for 1 and -1', () => {
    expect(
      int(2, -3, 0, 5)
        .pow(int(10, 3, 0, 1))
        .toArray(),
    ).toEqual([1024, -27, 1, 5]);
    expect(
      int(2, 1, -1, -1, 0)
        .pow(int(-1, -5, -3, -2, -1))
        .toArray(),
    ).toEqual([0, 1, -1, 1, 0]);
  });

  test('become float32 where the result has fractions', () => {
    expect(int(4, 9).sqrt().toArray()).toEqual([2, 3]);
    expect([int(1).exp(), int(1).sigmoid(), int(1).softmax(0), int(1).logsumexp()].map(y => y.dtype)).toEqual(
      new Array(4).fill('float32'),
    );
    expect(int(1).clamp(0.5, 2).dtype).toBe('float32');
  });

  test('stay what they are where it has none', () => {
    const x = int(-2, 3);
    const same: Tensor[] = [
      x.abs(),
      x.neg(),
      x.sign(),
      x.square(),
      x.relu(),
      x.floor(),
      x.ceil(),
      x.round(),
      x.trunc(),
    ];
    expect(same.map(y => y.dtype)).toEqual(same.map(() => 'int32'));
    expect([x.sum(), x.prod(), x.amax(), x.min(0), x.cumsum(0), x.clamp(0), x.sort().values].map(y => y.dtype)).toEqual(
      new Array(7).fill('int32'),
    );
    expect(x.matmul(x).item()).toBe(13);
    expect(x.clamp(0, 2).toArray()).toEqual([0, 2]);
  });
});

describe('bools', () => {
  const x: Tensor = tensor([true, true, false]);
  const y: Tensor = tensor([true, false, false]);

  test('add to "or" and multiply to "and"', () => {
    expect(x.add(y).toArray()).toEqual([true, true, false]);
    expect(x.mul(y).toArray()).toEqual([true, false, false]);
    expect(x.maximum(y).dtype).toBe('bool');
    expect(x.minimum(y).toArray()).toEqual([true, false, false]);
  });

  test('are counted in int32 by sums, products, running sums and squares', () => {
    const results: Tensor[] = [x.sum(), x.prod(), x.cumsum(0), x.cumprod(0), x.square()];
    expect(results.map(r => r.toArray())).toEqual([2, 0, [1, 2, 2], [1, 1, 0], [1, 1, 0]]);
    expect(results.map(r => r.dtype)).toEqual(results.map(() => 'int32'));
  });

  test('have a largest, a smallest, an order and a truth', () => {
    expect(x.amax().item()).toBe(true);
    expect(x.min(0).item()).toBe(false);
    expect(x.argmin().item()).toBe(2);
    expect(x.sort().values.toArray()).toEqual([false, true, true]);
    expect([x.all().item(), x.any().item()]).toEqual([false, true]);
    expect(x.logicalNot().toArray()).toEqual([false, false, true]);
  });

  test('stay 0 and 1 whatever is filled in or written', () => {
    expect(x.maskedFill(y, 5).data).toEqual(Uint8Array.of(1, 1, 0));
    expect(x.maskedFill(y, 0).toArray()).toEqual([false, true, false]);
    expect(x.pad([1, 0]).toArray()).toEqual([false, true, true, false]);
    expect(x.pad([1, 0], { value: 7 }).data).toEqual(Uint8Array.of(1, 1, 1, 0));
    expect(x.scatter(0, tensor([2], { dtype: 'int32' }), 9).data).toEqual(Uint8Array.of(1, 1, 1));
  });
});

describe('to', () => {
  test('truncates floats to int32, toward zero', () => {
    expect(tensor([1.9, -1.9, 0.5, -0.5]).to('int32').data).toEqual(Int32Array.of(1, -1, 0, 0));
  });

  test('asks of bool whether an element differs from zero, which NaN does', () => {
    const x: Tensor = tensor([0, -0, 0.1, -2, Number.NaN, Infinity]);
    expect(x.to('bool').toArray()).toEqual([false, false, true, true, true, true]);
    expect(x.slice(0, 0, undefined, 2).to('bool').toArray()).toEqual([false, true, true]);
    expect(tensor([0, 3], { dtype: 'int32' }).to('bool').toArray()).toEqual([false, true]);
  });

  test('makes 0 and 1 of bools', () => {
    expect(tensor([true, false]).to('float64').data).toEqual(Float64Array.of(1, 0));
    expect(tensor([true, false]).to('int32').data).toEqual(Int32Array.of(1, 0));
  });

  test('rounds float64 to float32', () => {
    expect(tensor([0.1], { dtype: 'float64' }).to('float32').item()).toBe(Math.fround(0.1));
    expect(tensor([0.1]).to('float64').item()).toBe(Math.fround(0.1));
  });

  test('gives the tensor itself where it has the dtype', () => {
    const x = tensor([1]);
    expect(x.to('float32')).toBe(x);
  });

  test('lets the gradient through between floats, in the dtype of each', () => {
    const x: Tensor = tensor([1, 2], { requiresGrad: true });
    x.to('float64').mul(3).sum().backward();
    expect([x.grad?.dtype, x.grad?.toArray()]).toEqual(['float32', [3, 3]]);
  });

  test('ends it at int32 and bool', () => {
    const x: Tensor = tensor([1, 2], { requiresGrad: true });
    expect([x.to('int32').requiresGrad, x.to('bool').requiresGrad]).toEqual([false, false]);
  });
});

test('positions are int32', () => {
  const x: Tensor = tensor([[1, 3, 2]], { dtype: 'float64' });
  const positions: Tensor[] = [x.argmax(), x.argmin(1), x.argsort(), x.sort().indices, x.topk(2).indices];
  expect(positions.map(y => y.dtype)).toEqual(positions.map(() => 'int32'));
  expect(positions[0].to('int32').oneHot(3).dtype).toBe('int32');
});

test('the gradient of a float32 tensor that met a float64 one is float32', () => {
  const [x, y]: Tensor[] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { dtype: 'float64' })];
  x.mul(y).sum().backward();
  expect([x.grad?.dtype, x.grad?.toArray()]).toEqual(['float32', [3, 4]]);
});

test.each(['bool', 'int32', 'float64'] as const)('binaryCrossEntropyWithLogits takes targets of dtype %s', dtype => {
  const logits: Tensor = tensor([0.5, -1, 2]);
  const labels: Tensor = tensor([1, 0, 0]);
  expect(logits.binaryCrossEntropyWithLogits(labels.to(dtype)).item()).toBeCloseTo(
    logits.binaryCrossEntropyWithLogits(labels).item(),
    6,
  );
});
