import { emptyArray, indexSelectInto, NdArray, type Shape, toNested } from '@tapegrad/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const select = (a: NdArray, ids: Int32Array, dim: number) => {
  const shape = a.shape.map((n, d) => (d === dim ? ids.length : n));
  const out = emptyArray(shape, a.dtype);
  indexSelectInto(out, a, new NdArray('int32', [ids.length], ids), dim);
  return toNested(out);
};

test('indexSelect takes the same from a strided view, overlapping or not, as from its copy', () => {
  const buffer = Float32Array.from({ length: 200 }, (_, i) => i);
  const whole = new NdArray('float32', [200], buffer);
  const small = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(
      fc.tuple(small, small, small),
      fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
      fc.nat(2),
      fc.array(fc.nat(), { maxLength: 5 }),
      (shape: Shape, strides, dim, raw) => {
        const view = whole.view(shape, strides, 7);
        const copy = new NdArray('float32', shape, Float32Array.from([toNested(view)].flat(4).map(Number)));
        const ids = Int32Array.from(raw, n => n % shape[dim]);
        expect(select(view, ids, dim)).toEqual(select(copy, ids, dim));
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

test('indexSelect of a few rows of a huge overlapping view lays out these rows alone', () => {
  const windows = new NdArray('int32', [1_000_000], new Int32Array(1_000_000)).view([900_000, 100_000], [1, 1]);
  expect(select(windows, Int32Array.of(899_999), 0)).toEqual([Array(100_000).fill(0)]);
});
