import { describe, expect, test } from 'vitest';
import { allocate, type DType } from '../../packages/tensor/src/dtype.ts';
import { NdArray } from '../../packages/tensor/src/ndarray.ts';
import { format } from '../../packages/tensor/src/print.ts';
import { type Shape, sizeOf } from '../../packages/tensor/src/shape/shape.ts';

function array(shape: Shape, values: number[], dtype: DType = 'float32'): NdArray {
  const buffer = allocate(dtype, sizeOf(shape));
  buffer.set(values);
  return new NdArray(dtype, shape, buffer);
}

const vector = (...values: number[]) => format(array([values.length], values));
const vector64 = (...values: number[]) => format(array([values.length], values, 'float64'));
const counted = (shape: Shape, value = (i: number) => i, dtype: DType = 'float32') =>
  array(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
    dtype,
  );

describe('numbers', () => {
  test('have four decimals, and none when all are whole', () => {
    expect(vector(1, 2, 3)).toMatchInlineSnapshot(`"tensor([1, 2, 3])"`);
    expect(vector(1, -2.5, 0)).toMatchInlineSnapshot(`"tensor([ 1.0000, -2.5000,  0.0000])"`);
    expect(vector(0.1, 1 / 3, 12345.678)).toMatchInlineSnapshot(`"tensor([    0.1000,     0.3333, 12345.6777])"`);
    expect(vector(12_345_678, -1)).toMatchInlineSnapshot(`"tensor([12345678,       -1])"`);
  });

  test('of scalars stand without brackets', () => {
    expect(format(array([], [Math.PI]))).toMatchInlineSnapshot(`"tensor(3.1416)"`);
    expect(format(array([], [-7]))).toMatchInlineSnapshot(`"tensor(-7)"`);
    expect(format(array([], [1], 'bool'))).toMatchInlineSnapshot(`"tensor(true)"`);
  });

  test('are scientific when huge, tiny or wildly different', () => {
    expect(vector(123456789, 1)).toMatchInlineSnapshot(`"tensor([1.2346e+08, 1.0000e+00])"`);
    expect(vector(0.00012, -0.00034)).toMatchInlineSnapshot(`"tensor([ 1.2000e-04, -3.4000e-04])"`);
    expect(vector(0.5, 0.00001, 0)).toMatchInlineSnapshot(`"tensor([5.0000e-01, 1.0000e-05, 0.0000e+00])"`);
    expect(vector(12345.5, 0.005)).toMatchInlineSnapshot(`"tensor([1.2346e+04, 5.0000e-03])"`);
    expect(vector64(1e-300, -2.5e7, 1)).toMatchInlineSnapshot(`"tensor([ 1.0000e-300, -2.5000e+007,  1.0000e+000])"`);
    expect(vector(3e38, Number.NaN, -Infinity)).toMatchInlineSnapshot(`"tensor([3.0000e+38,        NaN,  -Infinity])"`);
  });

  test('that are moderately different are not scientific', () => {
    expect(vector(0.9995, 0.0005)).toMatchInlineSnapshot(`"tensor([0.9995, 0.0005])"`);
    expect(vector(1000.5, 0.25)).toMatchInlineSnapshot(`"tensor([1000.5000,    0.2500])"`);
  });

  test('that are none stand in their column', () => {
    expect(format(array([2, 2], [1.5, Number.NaN, -Infinity, 0]))).toMatchInlineSnapshot(`
      "tensor([[   1.5000,       NaN],
              [-Infinity,    0.0000]])"
    `);
    expect(vector(1, Infinity)).toMatchInlineSnapshot(`"tensor([       1, Infinity])"`);
    expect(vector(Number.NaN, Number.NaN)).toMatchInlineSnapshot(`"tensor([NaN, NaN])"`);
  });

  test('of negative zero keep the sign', () => {
    expect(vector(-0, 0, 1)).toMatchInlineSnapshot(`"tensor([-0,  0,  1])"`);
    expect(vector(-0, 0.5)).toMatchInlineSnapshot(`"tensor([-0.0000,  0.5000])"`);
    expect(vector(-0, 1e-9)).toMatchInlineSnapshot(`"tensor([-0.0000e+00,  1.0000e-09])"`);
  });

  test('of int32 and bool are what they are', () => {
    expect(format(array([4], [1, -20, 300, -(2 ** 31)], 'int32'))).toMatchInlineSnapshot(
      `"tensor([          1,         -20,         300, -2147483648])"`,
    );
    expect(format(array([2, 2], [1, 0, 0, 1], 'bool'))).toMatchInlineSnapshot(`
      "tensor([[ true, false],
              [false,  true]])"
    `);
  });
});

describe('brackets', () => {
  test('of a matrix put a row on each line', () => {
    expect(format(array([2, 3], [1, -2.5, 3, 40, 5, 6.25]))).toMatchInlineSnapshot(`
      "tensor([[ 1.0000, -2.5000,  3.0000],
              [40.0000,  5.0000,  6.2500]])"
    `);
  });

  test('of more dims leave blank lines between blocks', () => {
    expect(format(counted([2, 2, 2]))).toMatchInlineSnapshot(`
      "tensor([[[0, 1],
               [2, 3]],

              [[4, 5],
               [6, 7]]])"
    `);
    expect(format(counted([2, 1, 2, 1]))).toMatchInlineSnapshot(`
      "tensor([[[[0],
                [1]]],


              [[[2],
                [3]]]])"
    `);
  });

  test('that are long wrap at 100 columns, under the first element', () => {
    expect(format(counted([30], i => i / 7))).toMatchInlineSnapshot(`
      "tensor([0.0000, 0.1429, 0.2857, 0.4286, 0.5714, 0.7143, 0.8571, 1.0000, 1.1429, 1.2857, 1.4286,
              1.5714, 1.7143, 1.8571, 2.0000, 2.1429, 2.2857, 2.4286, 2.5714, 2.7143, 2.8571, 3.0000,
              3.1429, 3.2857, 3.4286, 3.5714, 3.7143, 3.8571, 4.0000, 4.1429])"
    `);
    expect(format(counted([2, 24], i => i * 1000))).toMatchInlineSnapshot(`
      "tensor([[    0,  1000,  2000,  3000,  4000,  5000,  6000,  7000,  8000,  9000, 10000, 11000, 12000,
               13000, 14000, 15000, 16000, 17000, 18000, 19000, 20000, 21000, 22000, 23000],
              [24000, 25000, 26000, 27000, 28000, 29000, 30000, 31000, 32000, 33000, 34000, 35000, 36000,
               37000, 38000, 39000, 40000, 41000, 42000, 43000, 44000, 45000, 46000, 47000]])"
    `);
  });
});

describe('large arrays', () => {
  test('show their edges and their shape', () => {
    expect(format(counted([1001]))).toMatchInlineSnapshot(
      `"tensor([   0,    1,    2, ...,  998,  999, 1000], shape=[1001])"`,
    );
    expect(format(counted([40, 50], i => i / 8))).toMatchInlineSnapshot(`
      "tensor([[  0.0000,   0.1250,   0.2500, ...,   5.8750,   6.0000,   6.1250],
              [  6.2500,   6.3750,   6.5000, ...,  12.1250,  12.2500,  12.3750],
              [ 12.5000,  12.6250,  12.7500, ...,  18.3750,  18.5000,  18.6250],
              ...,
              [231.2500, 231.3750, 231.5000, ..., 237.1250, 237.2500, 237.3750],
              [237.5000, 237.6250, 237.7500, ..., 243.3750, 243.5000, 243.6250],
              [243.7500, 243.8750, 244.0000, ..., 249.6250, 249.7500, 249.8750]], shape=[40, 50])"
    `);
    expect(format(counted([2, 5, 200]))).toMatchInlineSnapshot(`
      "tensor([[[   0,    1,    2, ...,  197,  198,  199],
               [ 200,  201,  202, ...,  397,  398,  399],
               [ 400,  401,  402, ...,  597,  598,  599],
               [ 600,  601,  602, ...,  797,  798,  799],
               [ 800,  801,  802, ...,  997,  998,  999]],

              [[1000, 1001, 1002, ..., 1197, 1198, 1199],
               [1200, 1201, 1202, ..., 1397, 1398, 1399],
               [1400, 1401, 1402, ..., 1597, 1598, 1599],
               [1600, 1601, 1602, ..., 1797, 1798, 1799],
               [1800, 1801, 1802, ..., 1997, 1998, 1999]]], shape=[2, 5, 200])"
    `);
  });

  test('of 1000 elements are shown whole', () => {
    expect(format(counted([1000]))).not.toContain('...');
    for (const line of format(counted([1000])).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('choose their notation by what is shown', () => {
    expect(format(counted([2000], i => (i === 1000 ? 1e-30 : 1.5)))).toMatchInlineSnapshot(
      `"tensor([1.5000, 1.5000, 1.5000, ..., 1.5000, 1.5000, 1.5000], shape=[2000])"`,
    );
  });

  test('of many dims show narrower edges', () => {
    const text = format(counted([5, 5, 5, 5, 5], i => i % 10));
    expect(text.match(/\d(?=[,\]])/g)?.length).toBeLessThan(100);
    expect(text).toContain('shape=[5, 5, 5, 5, 5]');
  });

  test('that exist only through strides of 0 are not made to be printed', () => {
    const one = array([1], [0.5]);
    expect(format(one.view([100_000, 100_000, 100_000], [0, 0, 0]), { edgeItems: 1 })).toMatchInlineSnapshot(`
      "tensor([[[0.5000, ..., 0.5000],
               ...,
               [0.5000, ..., 0.5000]],

              ...,

              [[0.5000, ..., 0.5000],
               ...,
               [0.5000, ..., 0.5000]]], shape=[100000, 100000, 100000])"
    `);
  });
});

test('an array of no elements shows its shape', () => {
  expect(format(array([0], []))).toMatchInlineSnapshot(`"tensor([], shape=[0])"`);
  expect(format(array([2, 0, 3], []), { suffix: ', dtype=int32' })).toMatchInlineSnapshot(
    `"tensor([], shape=[2, 0, 3], dtype=int32)"`,
  );
});

describe('the suffix', () => {
  test('stands before the last bracket', () => {
    expect(format(array([2], [1, 2]), { suffix: ', dtype=float64, requiresGrad' })).toMatchInlineSnapshot(
      `"tensor([1, 2], dtype=float64, requiresGrad)"`,
    );
    expect(format(counted([1001]), { suffix: ', dtype=float64' })).toMatchInlineSnapshot(
      `"tensor([   0,    1,    2, ...,  998,  999, 1000], shape=[1001], dtype=float64)"`,
    );
  });

  test('gets a line of its own when the last one is full', () => {
    expect(format(counted([46]), { suffix: ', requiresGrad' })).toMatchInlineSnapshot(`
      "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
              23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45],
             requiresGrad)"
    `);
  });
});

test('views are read through their strides and offset', () => {
  const a = counted([3, 4]);
  expect(format(a.view([4, 3], [1, 4]))).toMatchInlineSnapshot(`
    "tensor([[ 0,  4,  8],
            [ 1,  5,  9],
            [ 2,  6, 10],
            [ 3,  7, 11]])"
  `);
  expect(format(a.view([2, 2], [-4, 2], 9))).toMatchInlineSnapshot(`
    "tensor([[ 9, 11],
            [ 5,  7]])"
  `);
  expect(format(a.view([2, 4], [0, 1], 4))).toMatchInlineSnapshot(`
    "tensor([[4, 5, 6, 7],
            [4, 5, 6, 7]])"
  `);
});

test('the name, the precision and the limits can be chosen', () => {
  const a = counted([3, 5], i => i / 8);
  expect(format(a, { name: 'Parameter', precision: 2, threshold: 10, edgeItems: 1 })).toMatchInlineSnapshot(`
    "Parameter([[0.00, ..., 0.50],
               ...,
               [1.25, ..., 1.75]], shape=[3, 5])"
  `);
  expect(format(a, { lineWidth: 30 })).toMatchInlineSnapshot(`
    "tensor([[0.0000, 0.1250,
             0.2500, 0.3750,
             0.5000],
            [0.6250, 0.7500,
             0.8750, 1.0000,
             1.1250],
            [1.2500, 1.3750,
             1.5000, 1.6250,
             1.7500]])"
  `);
});
