import { Generator } from '@tapegrad/tensor';
import fc from 'fast-check';
import { gradcheck, gradgradcheck, scaledDotProductAttention, stack, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { spread } from './cases.ts';

const bools = tensor([
  [true, false, true],
  [false, false, false],
]);
/** The same elements, two apart in the buffer. */
const strided = (x: Tensor): Tensor => stack([x, x], -1).select(-1, 0);
const none = (...shape: number[]): Tensor => tensor([], { dtype: 'float64', shape });

describe('scaledDotProductAttention has the gradients of its central differences, first and second order', () => {
  const floats = spread([2, 3]);
  const hiding = tensor([0, -Infinity, 0.5], { dtype: 'float64' });
  const cases: [string, (q: Tensor, k: Tensor, v: Tensor, mask: Tensor) => Tensor, Tensor[]][] = [
    ['without a mask', (q, k, v) => q.scaledDotProductAttention(k, v), []],
    ['causal', (q, k, v) => q.scaledDotProductAttention(k, v, { causal: true }), []],
    ['with a scale', (q, k, v) => q.scaledDotProductAttention(k, v, { scale: -0.7 }), []],
    ['with a query that may look nowhere', (q, k, v) => q.scaledDotProductAttention(k, v, { mask: bools }), []],
    ['with a mask that is added', (q, k, v, mask) => q.scaledDotProductAttention(k, v, { mask }), [floats]],
    ['with a mask of a row for all', (q, k, v, mask) => q.scaledDotProductAttention(k, v, { mask }), [spread([3])]],
    ['with a mask that hides by -Infinity', (q, k, v) => q.scaledDotProductAttention(k, v, { mask: hiding }), []],
  ];
  const shapes: [string, number[], number[], number[]][] = [
    ['one sequence', [2, 2], [3, 2], [3, 1]],
    ['leading dims that broadcast', [2, 1, 2, 1], [2, 3, 1], [3, 2]],
  ];
  test.each(cases.flatMap(([how, fn, more]) => shapes.map(([of, q, k, v]) => [how, of, fn, more, [q, k, v]] as const)))(
    '%s, of %s',
    (_how, _of, fn, more, sizes) => {
      const inputs = [...sizes.map(shape => spread(shape)), ...more];
      for (const layout of [(x: Tensor) => x, strided]) {
        const bent = (...xs: Tensor[]): Tensor => {
          const [q, k, v, mask] = xs.map(x => layout(x));
          return fn(q, k, v, mask);
        };
        expect(gradcheck(bent, inputs)).toBe(true);
        expect(gradgradcheck(bent, inputs, { atol: 1e-4 })).toBe(true);
      }
    },
  );

  test('of no queries, of no keys, and of no features', () => {
    for (const inputs of [
      [none(0, 2), spread([3, 2]), spread([3, 1])],
      [spread([2, 2]), none(0, 2), none(0, 1)],
      [spread([2, 2]), spread([3, 2]), none(3, 0)],
      [none(2, 0), none(3, 0), spread([3, 1])],
    ]) {
      const fn = (q: Tensor, k: Tensor, v: Tensor): Tensor => q.scaledDotProductAttention(k, v);
      expect(gradcheck(fn, inputs)).toBe(true);
      expect(gradgradcheck(fn, inputs)).toBe(true);
    }
  });
});

describe('scaledDotProductAttention', () => {
  const [q, k, v] = [spread([2, 4]), spread([3, 4]), spread([3, 2])];

  test('is the formula, element by element', () => {
    const size = fc.integer({ min: 1, max: 4 });
    const property = fc.property(size, size, size, size, fc.integer(), (L, S, E, Ev, seed) => {
      const generator = new Generator(seed);
      const matrix = (rows: number, columns: number): number[][] =>
        Array.from({ length: rows }, () => Array.from({ length: columns }, () => 4 * generator.uniform() - 2));
      const [qs, ks, vs] = [matrix(L, E), matrix(S, E), matrix(S, Ev)];
      const looks = matrix(L, S).map(row => row.map(x => x > -1));
      const [a, b, c] = [qs, ks, vs].map((x): Tensor => tensor(x, { dtype: 'float64' }));
      const result = a.scaledDotProductAttention(b, c, { mask: tensor(looks) }).toArray();
      for (let i = 0; i < L; i++) {
        const powers = ks.map((key, j) =>
          looks[i][j] ? Math.exp(key.reduce((sum, x, e) => sum + x * qs[i][e], 0) / Math.sqrt(E)) : 0,
        );
        const total = powers.reduce((x, y) => x + y, 0);
        for (let e = 0; e < Ev; e++) {
          const mixed = powers.reduce((sum, p, j) => sum + p * vs[j][e], 0);
          expect(result[i][e]).toBeCloseTo(total === 0 ? 0 : mixed / total, 12);
        }
      }
    });
    fc.assert(property, { seed: 20, numRuns: 100 });
  });

  test('takes a mask of truths for one of 0 and -Infinity', () => {
    const added = tensor([
      [0, -Infinity, 0],
      [-Infinity, -Infinity, -Infinity],
    ]);
    expect(q.scaledDotProductAttention(k, v, { mask: added }).toArray()).toEqual(
      q.scaledDotProductAttention(k, v, { mask: bools }).toArray(),
    );
  });

  test('gives zeros to a query that may look nowhere, and no gradient, also where its numbers are not finite', () => {
    const wild: Tensor = tensor(
      [
        [1, 2, 3, 4],
        [Infinity, Number.NaN, 0, 0],
      ],
      { dtype: 'float64', requiresGrad: true },
    );
    const keys = k.clone();
    keys.requiresGrad = true;
    const y: Tensor = scaledDotProductAttention(wild, keys, v, { mask: bools });
    expect(y.select(0, 1).toArray()).toEqual([0, 0]);
    y.square().sum().backward();
    expect(wild.grad?.select(0, 1).toArray()).toEqual([0, 0, 0, 0]);
    expect(wild.grad?.select(0, 0).isFinite().all().item<boolean>()).toBe(true);
  });

  test('drops weights with the probability given, in training, from the generator given', () => {
    const identity = tensor(
      Array.from({ length: 3 }, (_, i) => [0, 1, 2].map(j => Number(i === j))),
      { dtype: 'float64' },
    );
    const many = q.select(0, 0).expand([400, 4]);
    const draw = (training: boolean): Tensor =>
      many.scaledDotProductAttention(k, identity, { dropout: 0.25, training, generator: new Generator(4) });
    const whole = many.scaledDotProductAttention(k, identity);
    const ratio: Tensor = draw(true).div(whole);
    expect(ratio.eq(0).to('float64').mean().item()).toBeCloseTo(0.25, 1);
    expect(ratio.amax().item()).toBeCloseTo(4 / 3, 12);
    expect(draw(true).toArray()).toEqual(draw(true).toArray());
    expect(draw(false).toArray()).toEqual(whole.toArray());
  });

  test('takes a mask of another float dtype, and keeps that of the queries', () => {
    const mask = tensor([0.5, -0.25, 0]);
    const y = q.scaledDotProductAttention(k, v, { mask });
    expect([y.dtype, y.toArray()]).toEqual([
      'float64',
      q.scaledDotProductAttention(k, v, { mask: mask.to('float64') }).toArray(),
    ]);
    const [a, b, c] = [q, k, v].map((x): Tensor => x.to('float32'));
    expect(a.scaledDotProductAttention(b, c, { mask: mask.to('float64') }).dtype).toBe('float32');
  });
});
