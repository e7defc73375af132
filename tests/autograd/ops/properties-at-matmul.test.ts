import type { Index, Tensor } from '@tapegrad/autograd';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broadcastable, broadcastIndex, build, indices, pick, sizes, tensorOf, viewed } from './oracles.ts';

const settings = { seed: 20, numRuns: 150 };

const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0);

/** What `at` gives for integers, slices and new axes, by recursion over nested arrays. */
function naiveAt(nested: any, form: readonly Index[]): any {
  if (form.length === 0) return nested;
  const [index, ...rest] = form;
  if (index === null) return [naiveAt(nested, rest)];
  if (typeof index === 'number') return naiveAt(nested.at(index), rest);
  const [start, stop, step = 1] = index as (number | undefined)[];
  return nested
    .slice(start, stop)
    .filter((_: unknown, i: number) => i % step === 0)
    .map((part: any) => naiveAt(part, rest));
}

const bound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: undefined });
const forms = (shape: readonly number[]): fc.Arbitrary<Index[]> =>
  fc
    .tuple(
      ...shape.map(n => {
        const slice: fc.Arbitrary<Index[]> = fc
          .tuple(bound, bound, fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }))
          .map(bounds => [bounds]);
        const whole: fc.Arbitrary<Index[]> = fc.constantFrom<Index[]>([[]], [null, []]);
        if (n === 0) return fc.oneof(slice, whole);
        const position: fc.Arbitrary<Index[]> = fc.integer({ min: -n, max: n - 1 }).map(i => [i]);
        return fc.oneof(slice, whole, position);
      }),
    )
    .map(parts => (parts as Index[][]).flat());

describe('at', () => {
  test('takes integers, slices and new axes as nested arrays would be taken', () => {
    const property = fc.property(
      viewed.chain(x => fc.tuple(fc.constant(x), forms(x.shape))),
      ([x, form]) => {
        expect(x.at(...form).toArray()).toEqual(naiveAt(x.toArray(), form));
      },
    );
    fc.assert(property, settings);
  });

  test("lets '...' stand for the axes that are left", () => {
    const property = fc.property(
      viewed.chain(x => fc.tuple(fc.constant(x), forms(x.shape), fc.nat(), fc.nat())),
      ([x, form, a, b]) => {
        const plain = form.filter(index => index !== null);
        const from = a % (plain.length + 1);
        const to = from + (b % (plain.length + 1 - from));
        const whole = plain.map((index, i) => (i >= from && i < to ? [] : index));
        const short: Index[] = [...plain.slice(0, from), '...', ...plain.slice(to)];
        expect(x.at(...short).toArray()).toEqual(naiveAt(x.toArray(), whole));
      },
    );
    fc.assert(property, settings);
  });

  test('takes ids of any shape and sign as nested arrays would be taken one by one', () => {
    const property = fc.property(
      viewed
        .filter(x => x.shape.every((n: number) => n > 0))
        .chain(x =>
          fc.tuple(
            fc.constant(x),
            fc.array(sizes, { maxLength: 2 }).chain(shape => tensorOf(shape, fc.nat(1000))),
            fc.boolean(),
          ),
        ),
      ([x, drawn, second]) => {
        const dim = second && x.ndim > 1 ? 1 : 0;
        const n = x.shape[dim];
        const ids: Tensor = drawn
          .remainder(2 * n)
          .sub(n)
          .to('int32');
        const [nested, named] = [x.toArray(), ids.toArray()];
        const front = x.shape.slice(0, dim);
        const expected = build([...front, ...ids.shape], index => {
          const id = pick(named, index.slice(dim));
          return pick(nested, [...index.slice(0, dim), id < 0 ? id + n : id]);
        });
        const result: Tensor = dim === 0 ? x.at(ids) : x.at([], ids);
        expect(result.shape).toEqual([...front, ...ids.shape, ...x.shape.slice(dim + 1)]);
        expect(result.toArray()).toEqual(expected);
      },
    );
    fc.assert(property, settings);
  });

  test('takes the elements where a mask is true, in row-major order', () => {
    const property = fc.property(viewed, x => {
      const mask = x.gt(0);
      const flat: number[] = Array.from(x.data);
      expect(x.at(mask).toArray()).toEqual(flat.filter(v => v > 0));
    });
    fc.assert(property, settings);
  });
});

describe('matmul', () => {
  const factor = (rows: number, columns: number): fc.Arbitrary<Tensor> =>
    fc.tuple(fc.boolean(), tensorOf([rows, columns])).map(([transposed, x]) => {
      if (!transposed) return x;
      const stored: Tensor = x.t().clone();
      return stored.t();
    });
  const dims = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));

  test('is the triple loop, for every layout and size of its operands', () => {
    const property = fc.property(
      dims.chain(([m, k, n]) => fc.tuple(factor(m, k), factor(k, n))),
      ([x, y]) => {
        const [a, b] = [x.toArray(), y.toArray()];
        const product: Tensor = x.matmul(y);
        expect(product.shape).toEqual([x.shape[0], y.shape[1]]);
        expect(product.toArray()).toEqual(
          build(product.shape, ([i, j]) => sum(Array.from({ length: x.shape[1] }, (_, k) => a[i][k] * b[k][j]))),
        );
      },
    );
    fc.assert(property, { ...settings, numRuns: 300 });
  });

  test('multiplies stacks of matrices one by one, with their leading dims broadcast', () => {
    const property = fc.property(
      broadcastable
        .filter(([a, b]) => a.length <= 2 && b.length <= 2)
        .chain(([a, b]) =>
          dims.chain(([m, k, n]) => fc.tuple(tensorOf([...a, m % 4, k % 5]), tensorOf([...b, k % 5, n % 4]))),
        ),
      ([x, y]) => {
        const product: Tensor = x.matmul(y);
        const lead = product.shape.slice(0, -2);
        for (const index of indices(lead)) {
          const [p, q] = [x, y].map(t => t.at(...broadcastIndex(index, t.shape.slice(0, -2))));
          expect(product.at(...index).toArray()).toEqual(p.matmul(q).toArray());
        }
        expect(product.shape.slice(-2)).toEqual([x.shape.at(-2), y.shape.at(-1)]);
      },
    );
    fc.assert(property, settings);
  });
});
