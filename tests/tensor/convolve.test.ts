import {
  type Convolution,
  convInto,
  convTransposeInto,
  convWeightInto,
  countWindows,
  dotProducts,
  emptyArray,
  Generator,
  type Multiply,
  type NdArray,
  stagedConv,
  stagedConvTranspose,
  stagedConvWeight,
  stagedProducts,
} from '@tapegrad/tensor';
import { forbidWasm } from '@tapegrad/wasm';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { convolve, type Shapes, transposedConvolve, weightsOf } from '../oracles/convolution.ts';

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Convolutions of all kinds whose kernels fit into the padded input. */
const convolutions = fc
  .record({
    images: fc.integer({ min: 0, max: 4 }),
    groups: fc.integer({ min: 1, max: 3 }),
    channelsX: fc.integer({ min: 0, max: 3 }),
    channelsY: fc.integer({ min: 0, max: 3 }),
    input: pair(1, 9),
    kernel: pair(1, 4),
    stride: pair(1, 3),
    padding: pair(0, 3),
    dilation: pair(1, 3),
  })
  .map(s => ({ ...s, output: ([0, 1] as const).map(d => windows(s, d)) as [number, number] }))
  .filter(({ output }) => output[0] > 0 && output[1] > 0);

const windows = (s: Omit<Shapes, 'output'>, d: 0 | 1): number =>
  countWindows(s.input[d], s.kernel[d], s.stride[d], s.padding[d], s.dilation[d], false);

const geometry = ({ groups, ...windows }: Shapes): Convolution => ({ windows, groups });

function filled(shape: readonly number[], generator: Generator, dtype: 'float32' | 'float64'): NdArray {
  const array = emptyArray(shape, dtype);
  for (let i = 0; i < array.size; i++) array.buffer[i] = generator.integer(-8, 9) / 4;
  return array;
}

/** The three tensors of a convolution, of quarters, of which float32 sums are exact. */
function operands(s: Shapes, dtype: 'float32' | 'float64' = 'float32') {
  const generator = new Generator(7);
  const { images, groups, channelsX, channelsY, input, output, kernel } = s;
  return {
    x: filled([images, groups * channelsX, ...input], generator, dtype),
    weight: filled([groups * channelsY, channelsX, ...kernel], generator, dtype),
    y: filled([images, groups * channelsY, ...output], generator, dtype),
  };
}

/** All three products, in the scratch memory or by a way to multiply, beside those of the plain loops. */
function expectAsInLoops(s: Shapes, multiply?: Multiply, dtype: 'float32' | 'float64' = 'float32'): void {
  const { x, weight, y } = operands(s, dtype);
  const like = (array: NdArray): NdArray => {
    const out = emptyArray(array.shape, dtype);
    out.buffer.fill(99); // What a program has left there.
    return out;
  };
  const [a, b, c] = [like(y), like(x), like(weight)];
  convInto(a, x, weight, geometry(s), multiply);
  convTransposeInto(b, y, weight, geometry(s), multiply);
  convWeightInto(c, x, y, geometry(s), multiply);
  expect(Array.from(a.buffer), 'conv').toEqual(convolve(s, x.buffer, weight.buffer, y.size));
  expect(Array.from(b.buffer), 'convTranspose').toEqual(transposedConvolve(s, y.buffer, weight.buffer, x.size));
  expect(Array.from(c.buffer), 'convWeight').toEqual(weightsOf(s, x.buffer, y.buffer, weight.size));
}

describe('convolutions and their adjoints are what their formula says', () => {
  test('for random sizes, strides, padding, dilation and groups, in WebAssembly and in JavaScript', () => {
    fc.assert(
      fc.property(convolutions, s => {
        expectAsInLoops(s);
        expectAsInLoops(s, stagedProducts);
        expectAsInLoops(s, dotProducts);
        expectAsInLoops(s, dotProducts, 'float64');
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  const large: Omit<Shapes, 'input' | 'output'> = {
    images: 2,
    groups: 1,
    channelsX: 6,
    channelsY: 5,
    kernel: [3, 3],
    stride: [1, 1],
    padding: [1, 1],
    dilation: [1, 1],
  };

  test.each<[string, Shapes]>([
    ['one whole picture', { ...large, input: [20, 21], output: [20, 21] }],
    ['a part of a picture', { ...large, images: 1, input: [75, 90], output: [75, 90] }],
    ['several pictures', { ...large, images: 70, input: [4, 4], output: [4, 4] }],
    ['several pictures in groups', { ...large, images: 33, groups: 2, input: [3, 5], output: [3, 5] }],
    [
      'several pictures of single elements',
      { ...large, images: 300, kernel: [1, 1], padding: [0, 0], input: [2, 3], output: [2, 3] },
    ],
    [
      'a part of a picture of single elements',
      { ...large, channelsX: 40, kernel: [1, 1], padding: [0, 0], input: [90, 75], output: [90, 75] },
    ],
    [
      'some rows of a picture, in groups, with strides',
      { ...large, groups: 2, input: [120, 161], output: [60, 81], stride: [2, 2] },
    ],
  ])('where a tile is %s', (_, s) => {
    expectAsInLoops(s);
    expectAsInLoops(s, stagedProducts);
  });

  test('for inputs of any strides', () => {
    const s: Shapes = { ...large, input: [5, 6], output: [5, 6] };
    const { x, weight, y } = operands(s);
    const turned = (array: NdArray): NdArray => {
      const { shape } = array;
      const copy = emptyArray([shape[0], shape[2], shape[3], shape[1]]);
      const [, c, h, w] = shape;
      for (let i = 0; i < array.size; i++) {
        const [n, k, p] = [Math.floor(i / (c * h * w)), Math.floor(i / (h * w)) % c, i % (h * w)];
        copy.buffer[(n * h * w + p) * c + k] = array.buffer[i];
      }
      return copy.view(shape, [c * h * w, 1, w * c, c]);
    };
    const out = emptyArray(y.shape);
    convInto(out, turned(x), turned(weight), geometry(s));
    expect(Array.from(out.buffer)).toEqual(convolve(s, x.buffer, weight.buffer, y.size));
  });
});

describe('the columns of a convolution', () => {
  /** How many elements of b the products were given at most. */
  function largestColumns(s: Shapes): number {
    let largest = 0;
    const spy = vi.fn<Multiply>(({ b }) => {
      largest = Math.max(largest, b.length);
    });
    const out = emptyArray([s.images, s.groups * s.channelsY, ...s.output]);
    const x = emptyArray([s.images, s.groups * s.channelsX, ...s.input]);
    const weight = emptyArray([s.groups * s.channelsY, s.channelsX, ...s.kernel]);
    convInto(out, x, weight, geometry(s), spy);
    expect(spy).toHaveBeenCalled();
    return largest;
  }

  const wide: Shapes = {
    images: 2,
    groups: 1,
    channelsX: 64,
    channelsY: 2,
    input: [128, 128],
    output: [128, 128],
    kernel: [3, 3],
    stride: [1, 1],
    padding: [1, 1],
    dilation: [1, 1],
  };

  test('are never all of them: a tile has some 2^18 elements where the whole had 19 million', () => {
    expect(largestColumns(wide)).toBeLessThanOrEqual(1 << 18);
  });

  test('have 256 positions where windows see much, and fewer where they see millions', () => {
    expect(largestColumns({ ...wide, channelsX: 512, input: [32, 32], output: [32, 32] })).toBe(512 * 9 * 256);
    const huge: Shapes = {
      ...wide,
      channelsX: 8,
      kernel: [300, 300],
      padding: [0, 0],
      input: [310, 310],
      output: [11, 11],
    };
    expect(largestColumns(huge)).toBeLessThanOrEqual(1 << 24);
  });

  test('are x itself where every window is one element', () => {
    const s: Shapes = { ...wide, channelsX: 3, kernel: [1, 1], padding: [0, 0] };
    expect(largestColumns(s)).toBe(2 * 3 * 128 * 128);
  });
});

describe('the scratch memory', () => {
  const s: Shapes = {
    images: 3,
    groups: 2,
    channelsX: 2,
    channelsY: 3,
    input: [9, 8],
    output: [5, 6],
    kernel: [3, 3],
    stride: [2, 1],
    padding: [1, 0],
    dilation: [1, 1],
  };

  /** Whether each of the three ran there. */
  const ran = (s: Shapes, dtype: 'float32' | 'float64' = 'float32'): boolean[] => {
    const { x, weight, y } = operands(s, dtype);
    const convolution = geometry(s);
    return [
      stagedConv(y, x, weight, convolution),
      stagedConvTranspose(x, y, weight, convolution),
      stagedConvWeight(weight, x, y, convolution),
    ];
  };

  test('is where float32 is convolved', () => {
    expect(ran(s)).toEqual([true, true, true]);
  });

  test('is not used for float64, for large planes of windows of one element, without WebAssembly, and where a tile does not fit', () => {
    const none = [false, false, false];
    expect(ran(s, 'float64')).toEqual(none);
    const pointwise: Shapes = { ...s, kernel: [1, 1], stride: [1, 1], padding: [0, 0], output: [9, 8] };
    expect(ran(pointwise)).toEqual([true, true, true]);
    expect(ran({ ...pointwise, input: [16, 16], output: [16, 16] })).toEqual(none);
    expect(ran({ ...s, images: 1, input: [3000, 1500], output: [1500, 1498] })).toEqual(none);
    forbidWasm(true);
    try {
      expect(ran(s)).toEqual(none);
      expectAsInLoops(s);
    } finally {
      forbidWasm(false);
    }
  });
});
