import { einsum, ones, type Tensor, where } from '@tapegrad/autograd';
import { type DType, DTypeError, promote } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { json } from '../../fixtures/read.ts';

/** A dtype with the number of dims, or a number. */
type Operand = [DType, number] | number;

const { promotion }: { promotion: [[DType, number], Operand, DType][] } = await json('torch/ops');

const dtypes = ['bool', 'int32', 'float32', 'float64'] as const;
const pairs = dtypes.flatMap(a => dtypes.map(b => [a, b] as const));
const made = ([dtype, ndim]: readonly [DType, number]): Tensor => ones(new Array(ndim).fill(2), { dtype });

/** What every operation of two operands makes of the dtype that PyTorch says they meet in. */
const binaries: Record<string, (met: DType) => DType> = {
  ...Object.fromEntries(
    ['add', 'sub', 'mul', 'pow', 'maximum', 'minimum', 'remainder'].map(name => [name, met => met]),
  ),
  ...Object.fromEntries(['div', 'atan2'].map(name => [name, met => (met === 'float64' ? met : 'float32')])),
  ...Object.fromEntries(
    ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'logicalAnd', 'logicalOr', 'logicalXor'].map(name => [name, () => 'bool']),
  ),
};

/** Those that two bools have no meaning for. */
const notOfBools = ['sub'];

describe.each(Object.entries(binaries))('%s of operands of every two dtypes', (name, result) => {
  test('and of every number of dims, and of numbers, has the dtype of PyTorch', () => {
    const wrong = promotion.filter(([a, b, met]) => {
      const x: any = made(a);
      const y = typeof b === 'number' ? b : made(b);
      const bools = a[0] === 'bool' && typeof b !== 'number' && b[0] === 'bool';
      if (bools && notOfBools.includes(name)) {
        expect(() => x[name](y)).toThrow(DTypeError);
        return false;
      }
      return x[name](y).dtype !== result(met);
    });
    expect(wrong).toEqual([]);
  });
});

describe('products of every two dtypes', () => {
  test.each(pairs)('%s and %s meet in the larger one', (a, b) => {
    const [x, y] = [made([a, 2]), made([b, 2])];
    const met = promote(a, b);
    const products = {
      matmul: () => x.matmul(y),
      'matmul with a vector': () => x.matmul(y.select(0, 0)),
      linear: () => x.linear(y),
      einsum: () => einsum('ij,jk->ik', x, y) as Tensor,
    };
    for (const [name, product] of Object.entries(products))
      if (met === 'bool') expect(product, name).toThrow(DTypeError);
      else expect([name, product().dtype]).toEqual([name, met]);
    const [v, w] = [x.select(0, 0), y.select(0, 0)];
    expect(v.outer(w).dtype).toBe(met);
    expect(v.dot(w).dtype).toBe(met === 'bool' ? 'int32' : met);
  });

  test.each(pairs)('a choice between %s and %s is of the larger one', (a, b) => {
    expect(where(ones([2], { dtype: 'bool' }), made([a, 1]), made([b, 1])).dtype).toBe(promote(a, b));
  });
});
