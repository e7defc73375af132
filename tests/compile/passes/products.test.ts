import { ones, randn, type Tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { joinProducts, transposeProducts } from '../../../packages/compile/src/passes/products.ts';
import { changed, namesAfter } from './graphs.ts';

const [a, b, c, d] = [randn([2, 3]), randn([3, 4]), randn([2, 5]), randn([5, 4])];

describe('a sum of products', () => {
  test('is one operation', () => {
    expect(changed(joinProducts, (a: Tensor, b, c, d) => a.matmul(b).add(c.matmul(d)), a, b, c, d)).toEqual({
      before: [
        'v1 [2, 4] = matmul(input1 [2, 3], input2 [3, 4])',
        'v2 [2, 4] = matmul(input3 [2, 5], input4 [5, 4])',
        'v3 [2, 4] = add(v1 [2, 4], v2 [2, 4])',
        'return v3 [2, 4]',
      ],
      after: ['v3 [2, 4] = products(input1 [2, 3], input2 [3, 4], input3 [2, 5], input4 [5, 4])', 'return v3 [2, 4]'],
    });
  });

  test('is one operation however many there are, and in whatever order they are added', () => {
    const sum = (a: Tensor, b: Tensor): Tensor => {
      const [p, q, r, s] = [1, 2, 3, 4].map(k => a.mul(k).matmul(b));
      return p.add(q.add(r)).add(s);
    };
    const { after } = changed(joinProducts, sum, a, b);
    expect(after.filter(line => line.includes('products('))).toHaveLength(1);
    expect(after.at(-2)?.match(/input2/g)).toHaveLength(4);
    expect(after.join()).not.toMatch(/matmul|add/);
  });

  test('is one operation where both are reshaped before they are added', () => {
    const flat = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor =>
      a
        .matmul(b)
        .reshape([8])
        .add(c.matmul(d).reshape([8]))
        .exp();
    expect(changed(joinProducts, flat, a, b, c, d).after).toEqual([
      'v3 [2, 4] = products(input1 [2, 3], input2 [3, 4], input3 [2, 5], input4 [5, 4])',
      'v4 [8] = exp(v3 [8])',
      'return v4 [8]',
    ]);
  });

  test('is the gradient of a weight that is used at every time step', () => {
    const w = randn([3, 3], { requiresGrad: true });
    const unrolled = (x: Tensor): Tensor[] => {
      let h: Tensor = x;
      for (let t = 0; t < 4; t++) h = h.matmul(w).tanh();
      h.sum().backward();
      return [];
    };
    const names = namesAfter(joinProducts, unrolled, a);
    expect(names.filter(name => name === 'products')).toHaveLength(1);
    // Four steps forward and three back: the gradients of the four are in the sum.
    expect(names.filter(name => name === 'matmul')).toHaveLength(7);
  });
});

describe('products stay apart', () => {
  const lines = (fn: (...args: any[]) => unknown, ...args: Tensor[]): string[] =>
    changed(joinProducts, fn, ...args).after;

  test('where one of them is read elsewhere, or is a result', () => {
    const both = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor[] => {
      const p: Tensor = a.matmul(b);
      return [p.add(c.matmul(d)), p.exp()];
    };
    expect(lines(both, a, b, c, d)).toContain('v3 [2, 4] = add(v1 [2, 4], v2 [2, 4])');
    const asResult = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor[] => {
      const p: Tensor = a.matmul(b);
      return [p.add(c.matmul(d)), p];
    };
    expect(lines(asResult, a, b, c, d)).toContain('v3 [2, 4] = add(v1 [2, 4], v2 [2, 4])');
  });

  test('where a product is added to itself', () => {
    const twice = (a: Tensor, b: Tensor): Tensor => {
      const p: Tensor = a.matmul(b);
      return p.add(p);
    };
    expect(lines(twice, a, b)).toContain('v2 [2, 4] = add(v1 [2, 4], v1 [2, 4])');
  });

  test('where a factor was overwritten between the product and the sum', () => {
    const state = ones([2, 3]);
    const overwrites = (b: Tensor, c: Tensor, d: Tensor): Tensor => {
      const p: Tensor = state.matmul(b);
      state.select(0, 1).assign(5);
      return p.add(c.matmul(d));
    };
    expect(lines(overwrites, b, c, d)).toContain('v3 [2, 4] = add(v1 [2, 4], v2 [2, 4])');
    expect(state.toArray()[1]).toEqual([5, 5, 5]);
  });

  test('where one of them is broadcast, turned or cut on the way to the sum', () => {
    const [p, q] = [randn([4, 3]), randn([3, 4])];
    const turned = (p: Tensor, q: Tensor): Tensor => p.matmul(q).add(p.matmul(q).t());
    expect(lines(turned, p, q).join()).toContain('add(v1 [4, 4], v2 [4, 4] strides [1, 4])');
    const row = (p: Tensor, q: Tensor): Tensor => p.slice(0, 0, 1).matmul(q).add(p.matmul(q));
    expect(lines(row, p, q).join()).toContain('add(v1 [1, 4], v2 [4, 4])');
  });

  test('where they are of different shapes, of which the sum knows nothing', () => {
    const flat = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor =>
      a
        .matmul(b)
        .reshape([8])
        .add(d.t().matmul(c.t()).reshape([8]));
    expect(lines(flat, a, b, c, d)).toContain('v3 [8] = add(v1 [8], v2 [8])');
  });

  test('where they are of float64', () => {
    const args = [a, b, c, d].map(x => x.to('float64'));
    expect(namesAfter(joinProducts, (a: Tensor, b, c, d) => a.matmul(b).add(c.matmul(d)), ...args)).toEqual([
      'matmul',
      'matmul',
      'add',
    ]);
  });
});

describe('a product of which only the transpose is read', () => {
  test('is computed transposed', () => {
    expect(changed(transposeProducts, (a: Tensor, b) => a.matmul(b).t().exp(), a, b)).toEqual({
      before: [
        'v1 [2, 4] = matmul(input1 [2, 3], input2 [3, 4])',
        'v2 [4, 2] = exp(v1 [4, 2] strides [1, 4])',
        'return v2 [4, 2]',
      ],
      after: [
        'v1 [4, 2] = matmul(input2 [4, 3] strides [1, 4], input1 [3, 2] strides [1, 3])',
        'v2 [4, 2] = exp(v1 [4, 2])',
        'return v2 [4, 2]',
      ],
    });
    expect(changed(transposeProducts, (a: Tensor, b) => a.matmul(b).t(), a, b).after.at(-1)).toBe('return v1 [4, 2]');
  });

  test('is computed transposed where its reader is a product that is, too', () => {
    expect(changed(transposeProducts, (a: Tensor, b, c) => a.matmul(b).t().matmul(c).t(), a, b, c).after).toEqual([
      'v1 [4, 2] = matmul(input2 [4, 3] strides [1, 4], input1 [3, 2] strides [1, 3])',
      'v2 [5, 4] = matmul(input3 [5, 2] strides [1, 5], v1 [2, 4] strides [1, 2])',
      'return v2 [5, 4]',
    ]);
  });

  test('is computed transposed where it is a sum of products', () => {
    const pass = (graph: Parameters<typeof joinProducts>[0]) => transposeProducts(joinProducts(graph));
    const sum = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor => a.matmul(b).add(c.matmul(d)).t();
    expect(changed(pass, sum, a, b, c, d).after[0]).toBe(
      'v3 [4, 2] = products(input2 [4, 3] strides [1, 4], input1 [3, 2] strides [1, 3], input4 [4, 5] strides [1, 4], input3 [5, 2] strides [1, 5])',
    );
  });

  test.each<[string, (a: Tensor, b: Tensor) => unknown]>([
    ['it is read as it is, too', (a, b) => ((p: Tensor) => [p.t().exp(), p])(a.matmul(b))],
    ['only a part of the transpose is read', (a, b) => a.matmul(b).t().slice(0, 1).exp()],
    ['it is read as a list', (a, b) => a.matmul(b).reshape([8]).exp()],
    [
      'it is one column, whose transpose lies as it does',
      (a, b) =>
        a
          .matmul(b.slice(1, 0, 1))
          .t()
          .exp(),
    ],
  ])('stays as it is where %s', (_, fn) => {
    expect(changed(transposeProducts, fn, a, b).after).toEqual(changed(graph => graph, fn, a, b).before);
  });

  test('stays as it is where it is a batch', () => {
    const batch = (x: Tensor, b: Tensor): Tensor => x.matmul(b).transpose(1, 2).exp();
    const args = [randn([6, 2, 3]), b] as const;
    expect(changed(transposeProducts, batch, ...args).after).toEqual(changed(graph => graph, batch, ...args).before);
  });
});
