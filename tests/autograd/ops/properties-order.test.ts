import { type Tensor, tensor } from '@tapegrad/autograd';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indices, pick, sizes, tensorOf, viewed } from './oracles.ts';

const settings = { seed: 20, numRuns: 200 };

/** Few numbers, so that many tie, and NaN, the infinities and both zeros among them. */
const awkward = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 2 }).map(n => n + 0) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, -0) },
);

const shapes = fc.array(sizes, { minLength: 1, maxLength: 3 });

/** A tensor in one of several layouts, and one of its dims, counted from either end. */
const alongADim: fc.Arbitrary<{ x: Tensor; dim: number; d: number }> = fc
  .tuple(shapes, fc.nat(), fc.boolean(), fc.boolean())
  .chain(([shape, n, fromEnd, transposed]) =>
    tensorOf(shape, awkward).map(made => {
      const x: Tensor = transposed ? made.transpose(0, -1).flip(0) : made;
      const d = n % x.ndim;
      return { x, d, dim: fromEnd ? d - x.ndim : d };
    }),
  );

/** The lines of a tensor along a dim: the index of each, 0 in place of its position, and its elements. */
const linesOf = (x: Tensor, d: number): { at: number[]; elements: number[] }[] => {
  const nested = x.toArray();
  return indices(x.shape.map((n: number, k: number) => (k === d ? 1 : n))).map(at => ({
    at,
    elements: Array.from({ length: x.shape[d] }, (_, i) => pick(nested, at.with(d, i))),
  }));
};

const elementsAt = (y: Tensor, at: readonly number[], d: number, length: number): number[] =>
  Array.from({ length }, (_, i) => pick(y.toArray(), at.with(d, i)));

/** The order of elements where NaN is larger than all numbers; those that are equal stay in their first order. */
function naiveOrder(elements: readonly number[], descending: boolean): number[] {
  const rank = (v: number): number => (Number.isNaN(v) ? 2 : v === Infinity ? 1.5 : v === -Infinity ? -1.5 : v / 1e3);
  const order = elements.map((_, i) => i);
  // Insertion sort, which is stable.
  for (let i = 1; i < order.length; i++)
    for (let j = i; j > 0; j--) {
      const [a, b] = [rank(elements[order[j - 1]]), rank(elements[order[j]])];
      if (!(descending ? b > a : b < a)) break;
      [order[j - 1], order[j]] = [order[j], order[j - 1]];
    }
  return order;
}

describe('with ties, NaN and infinities, along every dim of every layout', () => {
  test.each([false, true])('sort and argsort are a stable insertion sort, descending: %s', descending => {
    const property = fc.property(alongADim, ({ x, dim, d }) => {
      const { values, indices: ids }: { values: Tensor; indices: Tensor } = x.sort(dim, { descending });
      const order: Tensor = x.argsort(dim, { descending });
      expect([values.shape, ids.shape, order.shape]).toEqual([x.shape, x.shape, x.shape]);
      for (const { at, elements } of linesOf(x, d)) {
        const expected = naiveOrder(elements, descending);
        expect(elementsAt(ids, at, d, elements.length)).toEqual(expected);
        expect(elementsAt(order, at, d, elements.length)).toEqual(expected);
        expect(elementsAt(values, at, d, elements.length)).toEqual(expected.map(i => elements[i]));
      }
    });
    fc.assert(property, settings);
  });

  test.each([true, false])('topk is the first k of it, largest: %s', largest => {
    const property = fc.property(alongADim, fc.nat(), ({ x, dim, d }, n) => {
      const k = n % (x.shape[d] + 1);
      const { values, indices: ids }: { values: Tensor; indices: Tensor } = x.topk(k, dim, { largest });
      expect(values.shape).toEqual(x.shape.with(d, k));
      for (const { at, elements } of linesOf(x, d)) {
        const expected = naiveOrder(elements, largest).slice(0, k);
        expect(elementsAt(ids, at, d, k)).toEqual(expected);
        expect(elementsAt(values, at, d, k)).toEqual(expected.map(i => elements[i]));
      }
    });
    fc.assert(property, settings);
  });

  test.each([
    ['max', 'argmax', Math.max],
    ['min', 'argmin', Math.min],
  ] as const)('%s and %s find the first winner, which NaN is', (name, argName, extreme) => {
    const property = fc.property(alongADim, fc.boolean(), ({ x, dim, d }, keepdim) => {
      if (x.shape[d] === 0) return;
      const [values, ids]: Tensor[] = [x[name](dim, { keepdim }), x[argName](dim, { keepdim })];
      const shape = keepdim ? x.shape.with(d, 1) : x.shape.toSpliced(d, 1);
      expect([values.shape, ids.shape]).toEqual([shape, shape]);
      linesOf(x, d).forEach(({ elements }, i) => {
        const winner = extreme(...elements);
        expect(values.data[i] + 0).toBe(winner + 0);
        expect(ids.data[i]).toBe(elements.findIndex(v => v === winner || (Number.isNaN(v) && Number.isNaN(winner))));
      });
    });
    fc.assert(property, settings);
  });

  test('cumsum and cumprod are running loops', () => {
    const property = fc.property(alongADim, ({ x, dim, d }) => {
      const [sums, products]: Tensor[] = [x.cumsum(dim), x.cumprod(dim)];
      for (const { at, elements } of linesOf(x, d)) {
        let [sum, product] = [0, 1];
        const expected = elements.map(v => [(sum += v), (product *= v)]);
        expect(elementsAt(sums, at, d, elements.length)).toEqual(expected.map(([s]) => s));
        expect(elementsAt(products, at, d, elements.length)).toEqual(expected.map(([, p]) => p));
      }
    });
    fc.assert(property, settings);
  });
});

/** A tensor, a dim of it, ids of a shape that is nowhere larger (but along the dim), and a source that is no smaller. */
const withIds: fc.Arbitrary<{ x: Tensor; d: number; ids: Tensor; source: Tensor }> = fc
  .tuple(
    shapes,
    fc.nat(),
    fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }),
    fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }),
  )
  .chain(([shape, n, smaller, larger]) => {
    const d = n % shape.length;
    const idShape = shape.map((size, k) => (k === d ? (size === 0 ? 0 : smaller[k]) : Math.min(size, smaller[k])));
    const sourceShape = idShape.map((size, k) => size + larger[k]);
    return fc
      .tuple(tensorOf(shape), tensorOf(idShape, fc.nat(1000)), tensorOf(sourceShape))
      .map(([x, drawn, source]) => ({
        x,
        d,
        source,
        ids: drawn.remainder(Math.max(1, shape[d])).to('int32') as Tensor,
      }));
  });

describe('with ids that repeat, of any shape that fits', () => {
  test('gather reads, scatter writes the last, and scatterAdd adds all, as loops over the ids do', () => {
    const property = fc.property(withIds, ({ x, d, ids, source }) => {
      const [from, named, given] = [x.toArray(), ids.toArray(), source.toArray()];
      const [written, added] = [x.toArray(), x.toArray()] as any[];
      const gathered: number[] = [];
      for (const at of indices(ids.shape)) {
        const place = at.with(d, pick(named, at));
        gathered.push(pick(from, place));
        const [last] = place.slice(-1);
        pick(written, place.slice(0, -1))[last] = pick(given, at);
        pick(added, place.slice(0, -1))[last] += pick(given, at);
      }
      const picked: Tensor = x.gather(d, ids);
      expect([picked.shape, Array.from(picked.data)]).toEqual([ids.shape, gathered]);
      expect(x.scatter(d, ids, source).toArray()).toEqual(written);
      expect(x.scatterAdd(d, ids, source).toArray()).toEqual(added);
    });
    fc.assert(property, settings);
  });

  test('indexSelect, take and indexAdd are loops over a list of ids', () => {
    const property = fc.property(
      shapes.chain(shape => fc.tuple(tensorOf(shape), fc.nat(), fc.array(fc.nat(1000), { maxLength: 6 }))),
      ([x, n, drawn]) => {
        const d = n % x.ndim;
        const list = (size: number): number[] => (size === 0 ? [] : drawn.map(i => i % size));
        const rows = list(x.shape[d]);
        const ids = (data: number[]): Tensor => tensor(Int32Array.from(data));
        const selected: Tensor = x.indexSelect(d, ids(rows));
        expect(selected.shape).toEqual(x.shape.with(d, rows.length));
        expect(Array.from(selected.data)).toEqual(
          indices(selected.shape).map(at => pick(x.toArray(), at.with(d, rows[at[d]]))),
        );
        expect(Array.from(x.take(ids(list(x.size))).data)).toEqual(list(x.size).map(i => x.data[i]));
        const sums = x.toArray() as any;
        for (const at of indices(selected.shape)) {
          const place = at.with(d, rows[at[d]]);
          pick(sums, place.slice(0, -1))[place[place.length - 1]] += pick(selected.toArray(), at);
        }
        expect(x.indexAdd(d, ids(rows), selected).toArray()).toEqual(sums);
      },
    );
    fc.assert(property, settings);
  });
});

const reduced = viewed.chain(x =>
  fc.tuple(fc.constant(x), fc.subarray([...x.shape.keys()], { minLength: 0 }), fc.boolean(), fc.boolean()),
);

const meanOf = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const squaresOf = (xs: readonly number[]): number => xs.reduce((sum, v) => sum + (v - meanOf(xs)) ** 2, 0);
const spreadOf = (xs: readonly number[], correction: number): number =>
  squaresOf(xs) / Math.max(0, xs.length - correction);
const powersOf = (xs: readonly number[], p: number): number =>
  xs.reduce((sum, v) => sum + Math.abs(v) ** p, 0) ** (1 / p);

describe('over any set of dims, none and all of them included, of any view', () => {
  const folds: Record<string, [(x: Tensor, dims: number[], keepdim: boolean) => Tensor, (xs: number[]) => number]> = {
    variance: [(x, dims, keepdim) => x.variance(dims, { keepdim }), xs => spreadOf(xs, 1)],
    'variance without correction': [
      (x, dims, keepdim) => x.variance(dims, { keepdim, correction: 0 }),
      xs => spreadOf(xs, 0),
    ],
    std: [(x, dims, keepdim) => x.std(dims, { keepdim }), xs => Math.sqrt(spreadOf(xs, 1))],
    'norm, p = 1': [(x, dims, keepdim) => x.norm(1, dims, { keepdim }), xs => powersOf(xs, 1)],
    'norm, p = 3': [(x, dims, keepdim) => x.norm(3, dims, { keepdim }), xs => powersOf(xs, 3)],
    'norm, p = 0': [(x, dims, keepdim) => x.norm(0, dims, { keepdim }), xs => xs.filter(v => v !== 0).length],
    sum: [(x, dims, keepdim) => x.sum(dims, { keepdim }), xs => xs.reduce((a, b) => a + b, 0)],
    prod: [(x, dims, keepdim) => x.prod(dims, { keepdim }), xs => xs.reduce((a, b) => a * b, 1)],
  };

  test.each(Object.entries(folds))('%s is the formula over the elements there', (_, [fn, formula]) => {
    const property = fc.property(reduced, ([x, some, keepdim, fromEnd]) => {
      const dims = some.length === 0 ? [...x.shape.keys()] : some;
      const result = fn(
        x,
        some.map(d => (fromEnd ? d - x.ndim : d)),
        keepdim,
      );
      const kept = x.shape.map((n: number, d: number) => (dims.includes(d) ? 1 : n));
      const folded = x.shape.map((n: number, d: number) => (dims.includes(d) ? n : 1));
      expect(result.shape).toEqual(keepdim ? kept : kept.filter((_n: number, d: number) => !dims.includes(d)));
      const nested = x.toArray();
      indices(kept).forEach((outer, i) => {
        const expected = formula(
          indices(folded).map(inner =>
            pick(
              nested,
              inner.map((n, d) => n + outer[d]),
            ),
          ),
        );
        if (Number.isFinite(expected)) expect(result.data[i]).toBeCloseTo(expected, 8);
        else expect(result.data[i]).toBe(expected);
      });
    });
    fc.assert(property, settings);
  });
});
