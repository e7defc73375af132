import { type Tensor, tensor } from '@tapegrad/autograd';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indices } from './oracles.ts';

/** A view as a plain list: for every element, in row-major order, where it lies in the base. */
interface Places {
  readonly shape: readonly number[];
  readonly at: readonly number[];
}

/** The elements of `of` that the indices of a new shape name, one by one. */
function picked(of: Places, shape: readonly number[], from: (index: number[]) => readonly number[]): Places {
  const positionOf = (index: readonly number[]): number => index.reduce((p, i, d) => p * of.shape[d] + i, 0);
  return { shape, at: indices(shape).map(index => of.at[positionOf(from(index))]) };
}

/** A view of a view, and the same of a list of places. */
type Move = (x: Tensor, places: Places) => [Tensor, Places];

/** The moves by number; `d` is a dim, `n` any number that says more. Those that do not fit leave things as they are. */
const moves: ((d: number, n: number) => Move)[] = [
  (d, n) => (x, p) => {
    if (p.shape[d] === 0) return [x, p];
    const index = n % p.shape[d];
    return [
      x.select(d, index - (n % 2) * p.shape[d]),
      picked(p, p.shape.toSpliced(d, 1), i => i.toSpliced(d, 0, index)),
    ];
  },
  (d, n) => (x, p) => {
    const [start, step] = [n % (p.shape[d] + 1), 1 + (n % 3)];
    const length = Math.ceil((p.shape[d] - start) / step);
    return [
      x.slice(d, start, undefined, step),
      picked(p, p.shape.with(d, length), i => i.with(d, start + i[d] * step)),
    ];
  },
  (d, n) => (x, p) => {
    const length = n % (p.shape[d] + 1);
    return [
      x.narrow(d - p.shape.length, p.shape[d] - length, length),
      picked(p, p.shape.with(d, length), i => i.with(d, p.shape[d] - length + i[d])),
    ];
  },
  d => (x, p) => [x.flip(d), picked(p, p.shape, i => i.with(d, p.shape[d] - 1 - i[d]))],
  (d, n) => (x, p) => {
    const e = n % p.shape.length;
    const swap = (list: readonly number[]): number[] => list.with(d, list[e]).with(e, list[d]);
    return [x.transpose(d, e), picked(p, swap(p.shape), swap)];
  },
  d => (x, p) => [x.unsqueeze(d), picked(p, p.shape.toSpliced(d, 0, 1), i => i.toSpliced(d, 1))],
  d => (x, p) =>
    p.shape[d] === 1 ? [x.squeeze(d), picked(p, p.shape.toSpliced(d, 1), i => i.toSpliced(d, 0, 0))] : [x, p],
  (_, n) => (x, p) => {
    // A reshape is a view where the elements lie in order, and a copy elsewhere.
    if (!x.value.contiguous) return [x, p];
    const size = p.at.length;
    const shape = n % 2 === 0 || size % 2 === 1 ? [size] : [size / 2, 2];
    return [x.reshape(shape), { shape, at: p.at }];
  },
  (d, n) => (x, p) => {
    const pieces: Tensor[] = x.chunk(2, d);
    const k = n % pieces.length;
    const first = k * pieces[0].shape[d];
    return [pieces[k], picked(p, p.shape.with(d, pieces[k].shape[d]), i => i.with(d, first + i[d]))];
  },
  (d, n) => (x, p) => {
    if (p.shape[d] === 0) return [x, p];
    const k = n % p.shape[d];
    return [x.unbind(d)[k], picked(p, p.shape.toSpliced(d, 1), i => i.toSpliced(d, 0, k))];
  },
  (d, n) => (x, p) => {
    const start = n % (p.shape[d] + 1);
    const form = p.shape.map((_, k) => (k === d ? [start] : []));
    return [x.at(...form), picked(p, p.shape.with(d, p.shape[d] - start), i => i.with(d, start + i[d]))];
  },
];

/** Applies moves, each of which is a number, to a base. */
const walk = (base: Tensor, codes: readonly number[]): [Tensor, Places] =>
  codes.reduce<[Tensor, Places]>(
    ([x, places], code) => {
      const ndim = places.shape.length;
      if (ndim === 0) return [x, places];
      const n = Math.floor(code / (11 * 7));
      return moves[code % moves.length](Math.floor(code / 11) % ndim, n)(x, places);
    },
    [base, { shape: base.shape, at: Array.from({ length: base.size }, (_, i) => i) }],
  );

const chain = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 5 });
const size = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 2, max: 5 }) }, { weight: 1, arbitrary: fc.nat(1) });
const bases = fc.array(size, { minLength: 2, maxLength: 4 }).map(
  shape =>
    tensor(
      Float64Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => i),
      { shape },
    ) as Tensor,
);

const settings = { seed: 20, numRuns: 500 };

describe('writing through a chain of random views', () => {
  test('overwrites just the places of the base that the view shows, and every other view shows it', () => {
    const property = fc.property(bases, chain, chain, fc.integer({ min: 0, max: 2 }), (base, one, other, kind) => {
      const [view, { shape, at }] = walk(base, one);
      const [witness, seen] = walk(base, other);
      const copy: Tensor = base.clone();
      expect([view.shape, Array.from(view.data)]).toEqual([shape, at]);
      const before = Array.from(base.data);
      const row = shape.length === 0 ? 1 : shape[shape.length - 1];
      const source = [
        7.5,
        tensor(
          Float64Array.from(at, (_, i) => 1000 + i),
          { shape: [...shape] },
        ),
        tensor(Float64Array.from({ length: row }, (_, i) => -i - 1)),
      ][shape.length === 0 && kind === 2 ? 0 : kind];
      view.assign(source);
      const expected = before.slice();
      at.forEach((place, i) => {
        expected[place] = typeof source === 'number' ? source : source.data[source.size === at.length ? i : i % row];
      });
      expect(Array.from(base.data)).toEqual(expected);
      expect(Array.from(witness.data)).toEqual(seen.at.map(place => expected[place]));
      expect(Array.from(copy.data)).toEqual(before);
    });
    fc.assert(property, settings);
  });

  test('reads all of the source before, where that is another view of the same base', () => {
    const property = fc.property(bases, chain, fc.nat(), fc.boolean(), (base, codes, n, square) => {
      const [view, { shape, at }] = walk(base, codes);
      if (shape.length === 0) return;
      const d = n % shape.length;
      const swaps = square && shape.length > 1 && shape[0] === shape[1];
      const [source, from] = moves[swaps ? 4 : 3](swaps ? 0 : d, 1)(view, { shape, at });
      const before = Array.from(base.data);
      view.assign(source);
      const expected = before.slice();
      at.forEach((place, i) => {
        expected[place] = before[from.at[i]];
      });
      expect(Array.from(base.data)).toEqual(expected);
    });
    fc.assert(property, settings);
  });

  test('is tried with views that show a part only, out of order, and nothing', () => {
    const samples = fc
      .sample(fc.tuple(bases, chain), settings)
      .map(([base, codes]) => ({ base, at: walk(base, codes)[1].at }));
    const times = (holds: (s: (typeof samples)[number]) => boolean): number => samples.filter(holds).length;
    expect(times(({ base, at }) => at.length > 1 && at.length < base.size)).toBeGreaterThan(100);
    expect(times(({ at }) => at.some((place, i) => i > 0 && place < at[i - 1]))).toBeGreaterThan(80);
    expect(times(({ at }) => at.length === 0)).toBeGreaterThan(20);
  });
});
