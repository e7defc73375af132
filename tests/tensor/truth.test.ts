import { copyInto, type DType, emptyArray, reduceInto, type Shape, toNested, truths } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];

describe('any and all', () => {
  test('are what every element says, over any dims, for every dtype and layout, and of nothing', () => {
    const property = fc.property(
      fc.tuple(fc.nat(3), fc.nat(3), fc.constantFrom(0, 1, 2, 20)),
      fc.subarray([0, 1, 2]),
      fc.constantFrom(...dtypes),
      fc.boolean(),
      fc.array(fc.constantFrom(0, -0, 0, 1, 1, Number.NaN), { minLength: 1, maxLength: 9 }),
      (shape, dims, dtype, isTurned, drawn) => {
        const other = emptyArray([...shape].reverse(), dtype);
        const a = isTurned ? other.view(shape, [...other.strides].reverse()) : emptyArray(shape, dtype);
        const elements = emptyArray(shape, dtype);
        for (let i = 0; i < elements.size; i++) elements.buffer[i] = drawn[i % drawn.length];
        copyInto(a, elements);
        const kept: Shape = shape.filter((_, d) => !dims.includes(d));
        const [any, all] = [emptyArray(kept, 'bool'), emptyArray(kept, 'bool')];
        const expected = [emptyArray(kept, 'bool'), emptyArray(kept, 'bool')];
        expected[1].buffer.fill(1);
        for (let i = 0; i < elements.size; i++) {
          const at = elements.strides
            .map((step, d) => Math.floor(i / step) % shape[d])
            .filter((_, d) => !dims.includes(d));
          const o = at.reduce((sum, position, d) => sum + position * any.strides[d], 0);
          if (elements.buffer[i] !== 0) expected[0].buffer[o] = 1;
          else expected[1].buffer[o] = 0;
        }
        reduceInto(truths.any, any, a, dims);
        reduceInto(truths.all, all, a, dims);
        expect([any, all].map(toNested)).toEqual(expected.map(toNested));
      },
    );
    fc.assert(property, { seed: 11, numRuns: 500 });
  });

  test.each([Float32Array, Float64Array, Int32Array, Uint8Array])('stop in a %o where the answer is known', Kind => {
    // Whoever went on would not come back.
    expect(truths.any.row(Infinity, 0, Kind.of(0, 0, 2), 0, 1)).toBe(1);
    expect(truths.all.row(Infinity, 1, Kind.of(1, 5, 0), 0, 1)).toBe(0);
    expect(truths.any.row(Infinity, 1, Kind.of(), 0, 1)).toBe(1);
    expect(truths.all.row(Infinity, 0, Kind.of(), 0, 1)).toBe(0);
  });
});
