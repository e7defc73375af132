import { eye, gradcheck, ones, Tensor, tensor, zeros } from '@tapegrad/autograd';
import { ArgumentError, DTypeError, ShapeError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { strided } from './layouts.ts';
import { indices, tensorOf } from './oracles.ts';
import { cube, ints, op, refuses, scalar, x } from './refusals.ts';

const settings = { seed: 20, numRuns: 150 };

const batches = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 });

/** Matrices whose diagonal outweighs the rest of the row, which are not singular, in row-major order or with gaps. */
const dominant: fc.Arbitrary<Tensor> = fc.tuple(batches, fc.nat(5), fc.boolean()).chain(([batch, n, gaps]) =>
  tensorOf([...batch, n, n]).map(a => {
    const sums = a.abs().sum(-1, { keepdim: true }).add(1);
    const whole = a.add(eye(n, { dtype: 'float64' }).mul(sums)) as Tensor;
    return gaps ? strided(whole) : whole;
  }),
);

/** The largest element, 0 of none. */
const largest = (t: Tensor): number => (t.size === 0 ? 0 : t.abs().max().item());

/** Leibniz' sum over all permutations. */
function naiveDet(rows: readonly (readonly number[])[]): number {
  if (rows.length === 0) return 1;
  const [first, ...rest] = rows;
  return first.reduce(
    (sum, value, j) => sum + (j % 2 === 0 ? 1 : -1) * value * naiveDet(rest.map(row => row.toSpliced(j, 1))),
    0,
  );
}

describe('of random matrices, in batches and alone, of sizes from 0', () => {
  test('the inverse times the matrix is one, from both sides', () => {
    const property = fc.property(dominant, a => {
      const one = eye(a.shape[a.ndim - 1], { dtype: 'float64' });
      const inverse: Tensor = a.inverse();
      expect(inverse.shape).toEqual(a.shape);
      expect(largest(inverse.matmul(a).sub(one))).toBeLessThan(1e-12);
      expect(largest(a.matmul(inverse).sub(one))).toBeLessThan(1e-12);
    });
    fc.assert(property, settings);
  });

  test('the matrix times the solution is the right side, whose batch broadcasts', () => {
    const property = fc.property(
      dominant.chain(a =>
        fc.tuple(fc.constant(a), fc.nat(3), fc.boolean(), fc.boolean()).chain(([, columns, alone, one]) => {
          const batch = a.shape.slice(0, -2).map((n: number) => (one ? 1 : n));
          return fc.tuple(fc.constant(a), tensorOf([...(alone ? [] : batch), a.shape[a.ndim - 1], columns]));
        }),
      ),
      ([a, b]) => {
        const vectors = b.ndim === a.ndim - 1 && b.shape.every((n: number, d: number) => n === a.shape[d]);
        const solution: Tensor = a.solve(b);
        const columns: Tensor = vectors ? solution.unsqueeze(-1) : solution;
        expect(largest(a.matmul(columns).sub(vectors ? b.unsqueeze(-1) : b))).toBeLessThan(1e-11);
      },
    );
    fc.assert(property, settings);
  });

  test('the determinant is the sum over all permutations, for singular matrices too', () => {
    const property = fc.property(
      fc
        .tuple(batches, fc.nat(4), fc.boolean())
        .chain(([batch, n, singular]) =>
          tensorOf([...batch, n, n]).map(a => (singular && n > 1 ? a.scatter(-1, zeros(a.shape).to('int32'), a) : a)),
        ),
      a => {
        const result: Tensor = a.det();
        const lead = a.shape.slice(0, -2);
        expect(result.shape).toEqual(lead);
        indices(lead).forEach((index, i) => {
          const expected = naiveDet(a.at(...index).toArray());
          expect(Math.abs(result.data[i] - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)) * 40);
        });
      },
    );
    fc.assert(property, settings);
  });

  test('the product of a triangle with its transpose is the matrix', () => {
    const property = fc.property(dominant, m => {
      const a: Tensor = m.matmul(m.transpose(-1, -2)).add(eye(m.shape[m.ndim - 1], { dtype: 'float64' }));
      const [l, u] = [a.cholesky(), a.cholesky({ upper: true })] as Tensor[];
      const allowed = 1e-12 * Math.max(1, largest(a));
      expect(largest(l.matmul(l.transpose(-1, -2)).sub(a))).toBeLessThan(allowed);
      expect(largest(u.transpose(-1, -2).matmul(u).sub(a))).toBeLessThan(allowed);
      expect([l.tril().sub(l), u.triu().sub(u)].map(largest)).toEqual([0, 0]);
    });
    fc.assert(property, settings);
  });
});

describe('the gradient of a determinant', () => {
  test('is the matrix of the cofactors, where det · inverse fails', () => {
    const a: Tensor = tensor(
      [
        [1, 2],
        [2, 4],
      ],
      { requiresGrad: true },
    );
    a.det().backward();
    expect(a.grad?.toArray()).toEqual([
      [4, -2],
      [-2, 1],
    ]);
  });

  test('goes by the inverse from nine rows on, and a singular matrix is an error there', () => {
    const a: Tensor = eye(9, { dtype: 'float64' })
      .add(ones([9, 9]).div(4))
      .to('float64');
    expect(gradcheck((t: Tensor) => t.det(), [a])).toBe(true);
    const singular: Tensor = ones([9, 9], { requiresGrad: true });
    expect(singular.det().item()).toBe(0);
    expect(() => singular.det().backward()).toThrow(
      new ArgumentError('inverse: expected an invertible matrix, got a singular one: pivot 1 is 0'),
    );
  });
});

describe('dtypes and views', () => {
  test('float32 results are those of float64, rounded, since the work is done in float64', () => {
    const a = [
      [3, 1, 0.1],
      [0.2, 5, 0.3],
      [1, 0.7, 4],
    ];
    const [single, double]: Tensor[] = [tensor(a), tensor(a).to('float64')];
    const rounded = (t: Tensor): Tensor => t.to('float32');
    expect(single.inverse().data).toEqual(rounded(double.inverse()).data);
    expect(single.det().data).toEqual(rounded(double.det()).data);
    expect(single.solve(tensor([1, 2, 3])).data).toEqual(rounded(double.solve(tensor([1, 2, 3]).to('float64'))).data);
    expect([single.solve(ones([3], { dtype: 'float64' })), double.solve(ones([3]))].map(y => y.dtype)).toEqual([
      'float64',
      'float64',
    ]);
  });

  test('NaN goes through all but cholesky, which refuses it as PyTorch does', () => {
    const a: Tensor = tensor([
      [Number.NaN, 1],
      [1, 2],
    ]);
    expect(a.inverse().data.every(Number.isNaN)).toBe(true);
    expect(a.det().item()).toBeNaN();
    expect(() => a.cholesky()).toThrow(ArgumentError);
  });

  test('the operands stay what they are', () => {
    const a: Tensor = tensor([
      [0, 2],
      [1, 0],
    ]);
    const b: Tensor = tensor([1, 2]);
    for (const y of [a.solve(b), a.inverse(), a.det(), a.matmul(a.t()).cholesky()]) expect(y).toBeInstanceOf(Tensor);
    expect([a.toArray(), b.toArray()]).toEqual([
      [
        [0, 2],
        [1, 0],
      ],
      [1, 2],
    ]);
  });
});

describe('what has no solution is named, with its place in the batch', () => {
  const two = tensor([
    [
      [1, 0],
      [0, 1],
    ],
    [
      [1, 2],
      [2, 4],
    ],
  ]) as any;
  const one = two.select(0, 1);
  refuses([
    ['inverse: expected an invertible matrix, got a singular one: pivot 1 is 0', () => one.inverse(), ArgumentError],
    [
      'inverse: expected an invertible matrix, got a singular one (batch element 1): pivot 1 is 0',
      () => two.inverse(),
      ArgumentError,
    ],
    [
      'solve: expected an invertible matrix, got a singular one (batch element 3): pivot 0 is 0',
      () => op.cat([two.select(0, 0).expand([3, 2, 2]), zeros([1, 2, 2])]).solve(ones([2])),
      ArgumentError,
    ],
    [
      'cholesky: expected a positive definite matrix, got one whose leading minor of order 2 is not positive',
      () => one.cholesky(),
      ArgumentError,
    ],
    [
      'cholesky: expected a positive definite matrix, got one whose leading minor of order 1 is not positive (batch element 0)',
      () => two.neg().cholesky({ upper: true }),
      ArgumentError,
    ],
    ['cholesky: expected upper to be true or false, got 1', () => one.cholesky({ upper: 1 }), ArgumentError],
    ['cholesky: expected the options to be an object, got boolean', () => one.cholesky(true), ArgumentError],
    ['inverse: expected square matrices [..., n, n], got [2, 3]', () => x.inverse(), ShapeError],
    ['det: expected square matrices [..., n, n], got [2, 3, 4]', () => cube.det(), ShapeError],
    ['cholesky: expected square matrices [..., n, n], got []', () => scalar.cholesky(), ShapeError],
    ['solve: expected square matrices [..., n, n], got [2, 3]', () => x.solve(x), ShapeError],
    ['solve: expected a right side of 2 rows, got [3, 1] for [2, 2]', () => one.solve(zeros([3, 1])), ShapeError],
    ['solve: expected a right side of 2 rows, got [3] for [2, 2]', () => one.solve(zeros([3])), ShapeError],
    ['solve: expected a right side of 2 rows, got [] for [2, 2]', () => one.solve(scalar), ShapeError],
    ['solve: batch dims of [2, 2, 2] and [3, 2, 1] do not broadcast', () => two.solve(zeros([3, 2, 1])), ShapeError],
    ['inverse: expected a float tensor, got dtype int32', () => ints.inverse(), DTypeError],
    ['solve: expected a float tensor, got dtype int32', () => one.solve(ints.select(1, 0)), DTypeError],
    ['solve: expected the right side to be a tensor, got number', () => one.solve(1), ArgumentError],
  ]);
});
