import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allocate,
  arrayFrom,
  binaryLoop,
  binaryLoops,
  broadcastStrides,
  catInto,
  contiguous,
  copyInto,
  dtypeOfNumber,
  emptyArray,
  flatData,
  isDType,
  isFloat,
  type NdArray,
  promote,
  promoteWeak,
  Rows,
  runBinary,
  runUnary,
  sliceView,
  toNested,
  unaryLoop,
  unaryLoops,
  whereInto,
} from '../../packages/tensor/src/index.ts';
import { array, ids, turned, written } from './arrays.ts';

describe('dtypes', () => {
  test('have a name, a typed array and a rank', () => {
    expect(['float32', 'float64', 'int32', 'bool'].every(isDType)).toBe(true);
    expect([isDType('int64'), isDType(undefined), isDType('toString')]).toEqual([false, false, false]);
    expect([isFloat('float32'), isFloat('int32')]).toEqual([true, false]);
    expect((['float32', 'float64', 'int32', 'bool'] as const).map(d => allocate(d, 2))).toEqual([
      new Float32Array(2),
      new Float64Array(2),
      new Int32Array(2),
      new Uint8Array(2),
    ]);
  });

  test('promote to the larger; a weaker operand decides only when it is of a higher kind', () => {
    expect([promote('bool', 'int32'), promote('float64', 'float32')]).toEqual(['int32', 'float64']);
    expect([promoteWeak('float32', 'float64'), promoteWeak('int32', 'bool')]).toEqual(['float32', 'int32']);
    expect([promoteWeak('int32', 'float64'), promoteWeak('bool', 'int32')]).toEqual(['float64', 'int32']);
  });

  test('of numbers are int32 where it holds them, else float32', () => {
    expect([1, -0, 2 ** 31 - 1, -(2 ** 31)].map(dtypeOfNumber)).toEqual(new Array(4).fill('int32'));
    expect([0.5, 2 ** 31, Number.NaN, Infinity].map(dtypeOfNumber)).toEqual(new Array(4).fill('float32'));
  });
});

describe('flat and nested data', () => {
  test('are the buffer itself where an array covers it, else just its elements', () => {
    const a = array([
      [1, 2],
      [3, 4],
    ]);
    expect(flatData(a)).toBe(a.buffer);
    expect(flatData(sliceView(a, 0, 1, 1, 1))).toEqual(Float64Array.of(3, 4));
    expect(flatData(turned(a))).toEqual(Float64Array.of(1, 3, 2, 4));
    expect(toNested(turned(a))).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(toNested(arrayFrom([true, false]))).toEqual([true, false]);
    expect(toNested(array(7))).toBe(7);
  });

  test('contiguous gives an array itself where it is, else a copy', () => {
    const a = array([
      [1, 2],
      [3, 4],
    ]);
    expect(contiguous(a)).toBe(a);
    expect(contiguous(turned(a)).contiguous).toBe(true);
    expect(toNested(contiguous(turned(a)))).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });
});

describe('rows', () => {
  test('join dims that follow each other without a gap, and skip those of size 1', () => {
    const rows = new Rows([2, 1, 3, 4], [[12, 99, 4, 1]], [5]);
    expect([rows.length, rows.steps, rows.next()]).toEqual([24, [1], false]);
  });

  test('walk what does not join in row-major order, and stand at the first again', () => {
    const rows = new Rows([2, 2, 3], [[1, 100, 10]], [0]);
    const starts = [rows.at[0]];
    while (rows.next()) starts.push(rows.at[0]);
    expect([rows.length, rows.steps, starts]).toEqual([3, [10], [0, 100, 1, 101]]);
    expect(rows.at[0]).toBe(0);
  });

  test('of a scalar are one row of one element', () => {
    const rows = new Rows([], [[], []], [3, 4]);
    expect([rows.length, rows.steps, rows.at, rows.next()]).toEqual([1, [0, 0], [3, 4], false]);
  });

  test('repeat an operand by steps of 0', () => {
    expect(broadcastStrides(array([[1], [2]]), [4, 2, 3])).toEqual([0, 1, 0]);
  });
});

describe('elementwise loops', () => {
  const a = array([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  test('write into the operand itself', () => {
    const own = array([1, 4, 9]);
    runUnary(unaryLoops.sqrt, own, own);
    runBinary(binaryLoops.add, own, own, array(1));
    expect(toNested(own)).toEqual([2, 3, 4]);
  });

  test('write at the offset of a view', () => {
    const out = array([0, 0, 0, 0]);
    runUnary(unaryLoops.neg, sliceView(out, 0, 1, 2, 1), array([1, 2]));
    runBinary(binaryLoops.mul, sliceView(out, 0, 3, 1, 1), array([3]), array([5]));
    expect(toNested(out)).toEqual([0, -1, -2, 15]);
  });

  test('broadcast an operand to the result', () => {
    expect(written([2, 3], out => runUnary(unaryLoops.neg, out, array([1, 2, 3])))).toEqual([
      [-1, -2, -3],
      [-1, -2, -3],
    ]);
    expect(written([2, 3], out => runBinary(binaryLoops.sub, out, array([[1], [2]]), array([1, 2, 3])))).toEqual([
      [0, -1, -2],
      [1, 0, -1],
    ]);
    expect(written([3, 2], out => runBinary(binaryLoops.add, out, turned(a), array(1)))).toEqual([
      [2, 5],
      [3, 6],
      [4, 7],
    ]);
  });

  test('do nothing to nothing', () => {
    expect(written([0, 3], out => runUnary(unaryLoops.exp, out, array([1, 2, 3])))).toEqual([]);
    expect(written([0, 3], out => runBinary(binaryLoops.add, out, array([1, 2, 3]), array(1)))).toEqual([]);
    expect(written([0], out => whereInto(out, array([]), array(1), array(2)))).toEqual([]);
  });

  test('choose element by element', () => {
    const out = (out: NdArray) => whereInto(out, arrayFrom([true, false, true]), a, array([[10], [20]]));
    expect(written([2, 3], out)).toEqual([
      [1, 10, 3],
      [4, 20, 6],
    ]);
  });

  test('round halves to even, and keep what is not finite', () => {
    const halves = array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, -2.6, Infinity, Number.NaN, 2 ** 53]);
    expect(written([11], out => runUnary(unaryLoops.round, out, halves))).toEqual([
      0,
      2,
      2,
      -0,
      -2,
      -2,
      2,
      -3,
      Infinity,
      Number.NaN,
      2 ** 53,
    ]);
  });

  test('have loops of their own for int32 where float64 would not do', () => {
    expect(binaryLoop('mul', 'int32')).not.toBe(binaryLoops.mul);
    expect(binaryLoop('add', 'int32')).toBe(binaryLoops.add);
    expect(binaryLoop('mul', 'float64')).toBe(binaryLoops.mul);
  });

  test('square int32 as they multiply', () => {
    const x = ids([123456789, -(2 ** 31), 3]);
    const squares = written([3], out => runUnary(unaryLoop('square', 'int32'), out, x), 'int32');
    expect(squares).toEqual(written([3], out => runBinary(binaryLoop('mul', 'int32'), out, x, x), 'int32'));
    expect(squares).toEqual([-1757895751, 0, 9]);
    expect(unaryLoop('square', 'float64')).toBe(unaryLoops.square);
  });

  test('multiply and raise int32 as integers of any size, modulo 2^32', () => {
    const bounds = { min: -(2 ** 31), max: 2 ** 31 - 1 };
    const property = fc.property(fc.integer(bounds), fc.integer(bounds), fc.nat(70), (x, y, n) => {
      const results = written(
        [2],
        out => {
          runBinary(binaryLoop('mul', 'int32'), sliceView(out, 0, 0, 1, 1), ids([x]), ids([y]));
          runBinary(binaryLoop('pow', 'int32'), sliceView(out, 0, 1, 1, 1), ids([x]), ids([n]));
        },
        'int32',
      );
      expect(results).toEqual([BigInt(x) * BigInt(y), BigInt(x) ** BigInt(n)].map(v => Number(BigInt.asIntN(32, v))));
    });
    fc.assert(property, { seed: 20, numRuns: 200 });
  });
});

describe('the error function', () => {
  const erf = (z: number): number => written([], out => runUnary(unaryLoops.erf, out, array(z))) as number;

  // From the C library.
  test.each([
    [1e-300, 1.1283791670955126e-300],
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [2.4999, 0.9995928300996666],
    [2.5, 0.999593047982555],
    [2.5001, 0.9995932657565293],
    [3, 0.9999779095030014],
    [4, 0.9999999845827421],
    [5, 0.9999999999984626],
    [5.9, 0.9999999999999999],
    [7, 1],
    [Infinity, 1],
  ])('of %d and of its opposite is right to 4e-16 of itself', (z, expected) => {
    expect(Math.abs(erf(z) - expected)).toBeLessThanOrEqual(4e-16 * expected);
    expect(erf(-z)).toBe(-erf(z));
  });

  test('keeps NaN and zero', () => {
    expect([erf(Number.NaN), erf(0)]).toEqual([Number.NaN, 0]);
  });
});

describe('copies', () => {
  test('go into a view and through one, short and long', () => {
    const out = emptyArray([2, 100], 'float64');
    copyInto(sliceView(out, 1, 0, 50, 2), array(1));
    copyInto(sliceView(out, 0, 1, 1, 1), array([Array.from({ length: 100 }, (_, i) => i)]));
    const rows = toNested(out) as number[][];
    expect(rows[0].slice(0, 4)).toEqual([1, 0, 1, 0]);
    expect(rows[1].slice(-2)).toEqual([98, 99]);
    copyInto(out, turned(array(rows[1].map(v => [v, v + 1]))));
    expect((toNested(out) as number[][]).map(row => row[99])).toEqual([99, 100]);
  });

  test('convert: to int32 by truncation, to bool by asking for non-zero', () => {
    const numbers = array([1.7, -1.7, 0, Number.NaN]);
    expect(written([4], out => copyInto(out, numbers), 'int32')).toEqual([1, -1, 0, 0]);
    expect(written([4], out => copyInto(out, numbers), 'bool')).toEqual([true, true, false, true]);
    const every = (out: NdArray) => copyInto(sliceView(out, 0, 0, 4, 2), numbers);
    expect(written([8], every, 'bool')).toEqual([true, false, true, false, false, false, true, false]);
    expect(written([2], out => copyInto(out, arrayFrom([true, false])))).toEqual([1, 0]);
  });

  test('of nothing do nothing', () => {
    const out = array([[1, 2]]);
    copyInto(sliceView(out, 1, 0, 0, 2), emptyArray([1, 0], 'float64'));
    expect(toNested(out)).toEqual([[1, 2]]);
  });

  test('join arrays along a dim', () => {
    const parts = [
      array([[1], [2]]),
      emptyArray([2, 0], 'float64'),
      turned(
        array([
          [3, 4],
          [5, 6],
        ]),
      ),
    ];
    expect(written([2, 3], out => catInto(out, parts, 1))).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });
});
