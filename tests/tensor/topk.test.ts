import {
  argsortInto,
  copyInto,
  type DType,
  emptyArray,
  NdArray,
  sliceView,
  toNested,
  topkInto,
} from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];

/** The first k of the whole order. */
function naive(a: NdArray, dim: number, k: number, largest: boolean): unknown {
  const order = emptyArray(a.shape, 'int32');
  argsortInto(order, a, dim, largest);
  return toNested(sliceView(order, dim, 0, k, 1));
}

function best(a: NdArray, dim: number, k: number, largest: boolean): unknown {
  const out = emptyArray(a.shape.with(dim, k), 'int32');
  topkInto(out, a, dim, k, largest);
  return toNested(out);
}

/** Few different elements, so that many are equal; those of floats have NaN, infinities and both zeros among them. */
const elements = [0, -0, 1, 2, 3, -1, -2, Number.NaN, Infinity, -Infinity];

describe('the k best along a dim', () => {
  test('are the first k of the whole order, with ties, NaN and infinities, for every dtype and layout', () => {
    const property = fc.property(
      fc.constantFrom(...dtypes),
      fc.tuple(fc.nat(3), fc.nat(90), fc.nat(3)),
      fc.nat(2),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      fc.array(fc.constantFrom(...elements), { minLength: 1, maxLength: 40 }),
      (dtype, [outer, size, inner], dim, part, largest, drawn) => {
        const shape = [outer, inner].toSpliced(dim, 0, size);
        const a = emptyArray(shape, dtype);
        for (let i = 0; i < a.size; i++) a.buffer[i] = drawn[(i * 7) % drawn.length] + ((i * 31) % 3);
        const turned = emptyArray([...shape].reverse(), dtype);
        const view = turned.view(shape, [...turned.strides].reverse());
        copyInto(view, a);
        const k = Math.round(part * size);
        const expected = naive(a, dim, k, largest);
        expect(best(a, dim, k, largest)).toEqual(expected);
        expect(best(view, dim, k, largest)).toEqual(expected);
      },
    );
    fc.assert(property, { seed: 5, numRuns: 300 });
  });

  test.each([
    ['few without sorting', 64, 0],
    ['many by sorting', 65, 1],
  ])('are found, %s', (_, k, sorts) => {
    const a = new NdArray(
      'float32',
      [100],
      Float32Array.from({ length: 100 }, (_, i) => (i * 37) % 83),
    );
    const expected = naive(a, 0, k, true);
    const sort = vi.spyOn(Int32Array.prototype, 'sort');
    expect(best(a, 0, k, true)).toEqual(expected);
    expect(sort).toHaveBeenCalledTimes(sorts);
    sort.mockRestore();
  });
});
