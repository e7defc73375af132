import { ArgumentError, compile, einsum, eye, ones, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const singular = (): Tensor =>
  tensor([
    [1, 2],
    [2, 4],
  ]);

const fine = (): Tensor =>
  tensor([
    [2, 1],
    [1, 3],
  ]);

describe.each(['wasm', 'javascript'] as const)('compiled by %s', executor => {
  const operations: Record<string, [fn: (a: Tensor) => Tensor, message: string]> = {
    inverse: [a => a.mul(1).inverse(), 'inverse: expected an invertible matrix, got a singular one: pivot 1 is 0'],
    solve: [a => a.solve(ones([2])).add(1), 'solve: expected an invertible matrix, got a singular one: pivot 1 is 0'],
    cholesky: [
      a => a.cholesky(),
      'cholesky: expected a positive definite matrix, got one whose leading minor of order 2 is not positive',
    ],
  };

  test.each(Object.entries(operations))(
    '%s refuses a singular matrix in a later call too, with the error of eager code, and goes on after it',
    (_, [fn, message]) => {
      const run = compile(fn, { executor });
      const first = run(fine()).toArray();
      expect(() => run(singular())).toThrow(new ArgumentError(message));
      expect(run(fine()).toArray()).toEqual(first);
      expect(() => fn(singular())).toThrow(new ArgumentError(message));
    },
  );

  const all = {
    ...operations,
    remainder: [(a: Tensor) => a.to('int32').remainder(a.det().to('int32')), ''],
  } as typeof operations;

  test.each(Object.entries(all))('nothing has been assigned when %s refuses', (_, [fn]) => {
    const count: Tensor = zeros([2]);
    const run = compile(
      (a: Tensor) => {
        // What is assigned is computed before, for the matrix itself.
        const next = count.add(1);
        const y = fn(a.add(next.sub(next)));
        count.assign(next);
        return y;
      },
      { executor },
    );
    for (const calls of [1, 2, 3]) {
      run(fine());
      expect(() => run(singular())).toThrow(ArgumentError);
      expect(count.toArray()).toEqual([calls, calls]);
    }
  });

  test('a matrix product by einsum is the product alone', () => {
    const [a, b] = [ones([8, 9]), ones([9, 7])];
    const [plain, named] = [
      compile((x: Tensor, y: Tensor) => x.matmul(y), { executor }),
      compile((x: Tensor, y: Tensor) => einsum('ij,jk->ik', x, y), { executor }),
    ];
    expect(named(a, b).data).toEqual(plain(a, b).data);
    const work = (stats: ReturnType<typeof plain.stats>) => [stats?.operations, stats?.kernels];
    expect(work(named.stats())).toEqual(work(plain.stats()));
  });

  test('determinants never refuse', () => {
    const run = compile((a: Tensor) => a.det(), { executor });
    expect([run(eye(2)), run(singular()), run(zeros([2, 2]))].map(y => y.item() + 0)).toEqual([1, 0, 0]);
  });
});
