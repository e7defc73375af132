import {
  checkIds,
  copyInto,
  type DType,
  emptyArray,
  gatherInto,
  IndexError,
  indexAddInto,
  indexSelectInto,
  NdArray,
  padInto,
  type Shape,
  scatterInto,
  sliceAddInto,
  toNested,
} from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const dtypes: readonly DType[] = ['float32', 'float64', 'int32'];

/** Whole numbers, so that every dtype holds the same. */
function numbers(shape: Shape, dtype: DType, from: number): NdArray {
  const a = emptyArray(shape, dtype);
  for (let i = 0; i < a.size; i++) a.buffer[i] = ((i * 37 + from) % 23) - 9;
  return a;
}

function idsOf(shape: Shape, size: number, drawn: readonly number[]): NdArray {
  const ids = emptyArray(shape, 'int32');
  for (let i = 0; i < ids.size; i++) ids.buffer[i] = drawn[(i * 7) % drawn.length] % size;
  return ids;
}

/** The same elements, the first dim innermost. */
function turned(a: NdArray): NdArray {
  const other = emptyArray([...a.shape].reverse(), a.dtype);
  const view = other.view(a.shape, [...other.strides].reverse());
  copyInto(view, a);
  return view;
}

type Picks = (dtype: DType, laid: (a: NdArray) => NdArray) => unknown[];

/** What every operation by ids writes, for operands of a dtype that are laid out in some way. */
function picks([n, m, k]: readonly number[], dim: number, drawn: readonly number[]): Picks {
  const shape = [n, m, 3];
  const along = [k];
  const fewer = shape.map((s, d) => (d === dim ? k : Math.ceil(s / 2)));
  const rows = shape.with(dim, k);
  return (dtype, laid) => {
    const x = laid(numbers(shape, dtype, 0));
    const [list, each] = [idsOf(along, shape[dim], drawn), laid(idsOf(fewer, shape[dim], drawn))];
    const [source, sources] = [laid(numbers(rows, dtype, 5)), laid(numbers(fewer, dtype, 3))];
    const kernels: [Shape, (out: NdArray) => void][] = [
      [rows, out => indexSelectInto(out, x, list, dim)],
      [shape, out => indexAddInto(out, x, source, list, dim)],
      [fewer, out => gatherInto(out, x, each, dim)],
      [shape, out => scatterInto(out, x, sources, each, dim, false)],
      [shape, out => scatterInto(out, x, sources, each, dim, true)],
      [shape, out => sliceAddInto(out, x, laid(numbers(shape.with(dim, 1), dtype, 7)), dim, shape[dim] - 1, 1)],
    ];
    return kernels.map(([to, kernel]) => {
      const out = emptyArray(to, dtype);
      kernel(out);
      return toNested(out);
    });
  };
}

const asItIs = (a: NdArray): NdArray => a;

describe('what goes by ids', () => {
  test('is the same for float32, which has loops of its own, as for every dtype and layout', () => {
    const property = fc.property(
      fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 70 }), fc.nat(5)),
      fc.nat(2),
      fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
      (sizes, dim, drawn) => {
        const written = picks(sizes, dim, drawn);
        const expected = written('float64', turned);
        for (const dtype of dtypes) for (const laid of [asItIs, turned]) expect(written(dtype, laid)).toEqual(expected);
      },
    );
    fc.assert(property, { seed: 7, numRuns: 200 });
  });

  test.each([
    [-1, 5],
    [5, 5],
    [-2147483648, 5],
    [2147483647, 2147483647],
    [0, 0],
  ])('is refused where an id is %s and the size %s, in any layout', (id, size) => {
    const ids = new NdArray('int32', [2, 2], Int32Array.of(0, 0, id, 0));
    if (size > 0) expect(() => checkIds('op', ids.view([1], [1], 0), size, 'dim 0')).not.toThrow();
    for (const wrong of [ids, turned(ids), ids.view([2], [2])])
      expect(() => checkIds('op', wrong, size, 'dim 0')).toThrow(IndexError);
    const expected = size === 0 ? 0 : id;
    expect(() => checkIds('op', ids, size, 'dim 0')).toThrow(
      `op: ids must lie in 0..${size - 1} (dim 0), got ${expected}`,
    );
  });
});

test('padding puts every element in its place and the value everywhere else, for every dtype and layout', () => {
  const sizes = fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.nat(2)), { maxLength: 3 });
  const property = fc.property(sizes, fc.constantFrom(...dtypes), fc.boolean(), (dims, dtype, isTurned) => {
    const a = numbers(
      dims.map(([, n]) => n),
      dtype,
      1,
    );
    const out = emptyArray(
      dims.map(([before, n, after]) => before + n + after),
      dtype,
    );
    padInto(
      out,
      isTurned ? turned(a) : a,
      dims.map(([before]) => before),
      99,
    );
    const expected = Array.from({ length: out.size }, (_, i) => {
      let [rest, at, step] = [i, 0, 1];
      for (let d = dims.length - 1; d >= 0; d--) {
        const [before, n] = dims[d];
        const position = (rest % out.shape[d]) - before;
        if (position < 0 || position >= n) return 99;
        at += position * step;
        step *= n;
        rest = Math.floor(rest / out.shape[d]);
      }
      return a.buffer[at];
    });
    expect([...out.buffer]).toEqual(expected);
  });
  fc.assert(property, { seed: 9, numRuns: 300 });
});
