import {
  columnsOf,
  type DType,
  emptyArray,
  maxPositionsInto,
  type NdArray,
  type Shape,
  spreadWindowsInto,
  sumWindowsInto,
  type Windows,
  windowsOf,
} from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** The positions in its plane that a window sees, row by row. */
function seen({ input: [H, W], kernel, stride, padding, dilation }: Windows, i: number, j: number): number[] {
  const positions: number[] = [];
  for (let k = 0; k < kernel[0]; k++)
    for (let l = 0; l < kernel[1]; l++) {
      const h = i * stride[0] - padding[0] + k * dilation[0];
      const w = j * stride[1] - padding[1] + l * dilation[1];
      if (h >= 0 && h < H && w >= 0 && w < W) positions.push(h * W + w);
    }
  return positions;
}

/** Whether every window sees an element; those with gaps may fall beside a small plane. */
function seesAlways(windows: Windows): boolean {
  let always = true;
  eachWindow(windows, 1, (_, __, seen) => {
    if (seen.length === 0) always = false;
  });
  return always;
}

/** Calls visit for each window of each plane, in order. */
function eachWindow(windows: Windows, planes: number, visit: (plane: number, o: number, seen: number[]) => void): void {
  const { input, output } = windows;
  for (let plane = 0, o = 0; plane < planes; plane++)
    for (let i = 0; i < output[0]; i++)
      for (let j = 0; j < output[1]; j++) visit(plane * input[0] * input[1], o++, seen(windows, i, j));
}

function written(shape: Shape, dtype: DType, kernel: (out: NdArray) => void): number[] {
  const out = emptyArray(shape, dtype);
  out.buffer.fill(7);
  kernel(out);
  return [...out.buffer];
}

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Windows of every kind, each of which sees an element. */
const windowsOfAKind = fc
  .record({
    input: fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 32, max: 100 })),
    ),
    kernel: pair(1, 4),
    stride: pair(1, 3),
    dilation: pair(1, 2),
    pads: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    ceilMode: fc.boolean(),
  })
  .map(({ input, kernel, stride, dilation, pads, ceilMode }) => {
    const most = kernel.map((n, d) => Math.floor((dilation[d] * (n - 1) + 1) / 2));
    const padding = pads.map((part, d) => Math.round(part * most[d]));
    const fits = input.every((n, d) => n + 2 * padding[d] >= dilation[d] * (kernel[d] - 1) + 1);
    return fits ? windowsOf('pool', input, kernel, stride, padding, dilation, ceilMode) : null;
  })
  .filter((windows): windows is Windows => windows !== null && seesAlways(windows));

describe('windows', () => {
  test('column by column and one by one have the bits of a walk through what each sees', () => {
    const ways = { columns: 0, single: 0 };
    const drawn = fc.array(fc.constantFrom(0.1, -0.7, 1.3, 1e8, -1e8, Number.NaN, -Infinity, 0, -0), {
      minLength: 1,
      maxLength: 20,
    });
    const dtypes = fc.constantFrom<DType[]>('float32', 'float64', 'int32');
    const property = fc.property(windowsOfAKind, fc.nat(2), dtypes, drawn, (windows, planes, dtype, elements) => {
      ways[columnsOf(windows) === null ? 'single' : 'columns']++;
      const [planesOf, results] = [windows.input, windows.output].map(sizes => [planes, ...sizes]);
      const x = emptyArray(planesOf, dtype);
      const g = emptyArray(results, dtype);
      for (const a of [x, g]) for (let i = 0; i < a.size; i++) a.buffer[i] = elements[(i * 7) % elements.length];
      const [positions, sums] = [emptyArray(results, 'int32').buffer, emptyArray(results, dtype).buffer];
      const spread = emptyArray(planesOf, dtype).buffer;
      eachWindow(windows, planes, (plane, o, seen) => {
        let best = seen[0];
        let sum = 0;
        for (const p of seen) {
          const [v, largest] = [x.buffer[plane + p], x.buffer[plane + best]];
          if (Number.isNaN(v) || v > largest) best = p;
          sum += v;
          spread[plane + p] += g.buffer[o];
        }
        positions[o] = best;
        sums[o] = sum;
      });
      expect(written(results, 'int32', out => maxPositionsInto(out, x, windows))).toEqual([...positions]);
      expect(written(results, dtype, out => sumWindowsInto(out, x, windows))).toEqual([...sums]);
      expect(written(planesOf, dtype, out => spreadWindowsInto(out, g, windows))).toEqual([...spread]);
    });
    fc.assert(property, { seed: 13, numRuns: 600 });
    expect(ways.columns).toBeGreaterThan(100);
    expect(ways.single).toBeGreaterThan(100);
  });

  test('are taken column by column where a row has many, and at least as many as each has columns', () => {
    const of = (width: number, kernel: number): Windows =>
      windowsOf('pool', [kernel, width], [kernel, kernel], [kernel, kernel], [0, 0], [1, 1]);
    expect(columnsOf(of(98, 3))).toEqual([
      { from: 0, count: 32, at: 0 },
      { from: 0, count: 32, at: 1 },
      { from: 0, count: 32, at: 2 },
    ]);
    expect(columnsOf(of(95, 3))).toBeNull();
    expect(columnsOf(of(32 * 33, 33))).toBeNull();
  });
});
