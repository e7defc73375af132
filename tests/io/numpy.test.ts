/** Files that fixtures/numpy/make.py wrote with NumPy. */
import { readFileSync } from 'node:fs';
import { type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { decodeNpy, decodeNpz, encodeNpy, encodeNpz } from '@tapegrad/io';
import { FormatError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { directory, type PlacedFile } from '../../packages/io/src/npz/archive.ts';
import { bytesOf } from './arbitrary.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/numpy/${name}`, import.meta.url));

const int32 = { dtype: 'int32' } as const;
const ones = (n: number): number[] => Array(n).fill(1);

/** The tensors of which NumPy wrote the files, in the order of stored.npz. */
const tensors: Record<string, Tensor> = {
  float32: tensor([
    [1, -2, 0.5],
    [Infinity, 1e-45, -0],
  ]),
  float64: tensor([0.1, -1e300, 5e-324], { dtype: 'float64' }),
  int32: tensor(
    [
      [
        [0, -1],
        [2 ** 31 - 1, -(2 ** 31)],
      ],
    ],
    int32,
  ),
  bool: tensor([
    [true, false],
    [false, true],
  ]),
  scalar: tensor(3.25),
  empty: zeros([0, 4], int32),
  nan: tensor(new Float32Array(Uint32Array.of(0x7fc12345, 0xff812345).buffer)),
  deep: tensor([0, 1]).reshape([...ones(20), 2, ...ones(11)]),
  room: zeros([0, ...ones(16)]),
  aligned: zeros([0, 10, 10, ...ones(11)]),
};
const archived = {
  ...tensors,
  'weiß/😀.q': tensor([7], int32),
  'x.npy': tensor([8], int32),
  '': tensor(9, { dtype: 'float64' }),
};

function expectSame(read: Tensor, x: Tensor): void {
  expect([read.dtype, read.shape]).toEqual([x.dtype, x.shape]);
  expect(bytesOf(read).equals(bytesOf(x))).toBe(true);
}

describe('an .npy file of NumPy', () => {
  test.each(Object.keys(tensors))('of %s is what encodeNpy writes, byte for byte', name => {
    expect(fixture(`${name}.npy`).equals(encodeNpy(tensors[name]))).toBe(true);
  });

  test.each(Object.keys(tensors))('of %s is read as what went in', name => {
    expectSame(decodeNpy(fixture(`${name}.npy`)), tensors[name]);
  });
});

describe('an archive of NumPy', () => {
  test('is what encodeNpz writes, byte for byte', () => {
    expect(fixture('stored.npz').equals(encodeNpz(archived))).toBe(true);
  });

  test('is read as what went in, in its order', () => {
    const read = decodeNpz(fixture('stored.npz'));
    expect(Object.keys(read)).toEqual(Object.keys(archived));
    for (const [name, x] of Object.entries(archived)) expectSame(read[name], x);
  });

  describe('that is compressed', () => {
    const read = decodeNpz(fixture('compressed.npz'));
    const half = [1.5, -0, 65504, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, -Infinity, 0.333251953125];
    const kinds: Record<string, [dtype: string, elements: (number | boolean)[]]> = {
      f2: ['float32', half],
      f4: ['float32', [Math.fround(0.1), -0, Infinity]],
      f8: ['float64', [0.1, -0, 1e-320]],
      i1: ['int32', [-128, -1, 127]],
      i2: ['int32', [-32768, 258]],
      i4: ['int32', [-(2 ** 31), 16909060]],
      i8: ['int32', [-(2 ** 31), -1, 0, 2 ** 31 - 1]],
      u1: ['int32', [0, 255]],
      u2: ['int32', [0, 258, 65535]],
      u4: ['int32', [0, 16909060, 2 ** 31 - 1]],
      u8: ['int32', [0, 16909060, 2 ** 31 - 1]],
      b1: ['bool', [true, false]],
    };

    test.each(Object.entries(kinds))('has elements of %s, in either order of bytes', (name, [dtype, elements]) => {
      expect([read[name].dtype, read[name].toArray()]).toEqual([dtype, elements]);
      const swapped = read[`${name} big-endian`];
      if (name[1] === '1') expect(swapped).toBe(undefined);
      else expect([swapped.dtype, swapped.toArray()]).toEqual([dtype, elements]);
    });

    test('has arrays of which the first dim runs fastest, which become row-major', () => {
      expect(read.fortran.toArray()).toEqual([
        [0, 1, 2],
        [3, 4, 5],
      ]);
      expect(read.fortran.data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
      expect(read['fortran 3'].shape).toEqual([2, 3, 4]);
      expect([...read['fortran 3'].data]).toEqual(Array.from({ length: 24 }, (_, k) => k));
      expect(read['fortran f2'].toArray()).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect([read['fortran empty'].shape, read['fortran empty'].size]).toEqual([[2, 0, 3], 0]);
    });

    test('has long ones, that deflate well or not at all', () => {
      expect([...read.long.data]).toEqual(Array.from({ length: 40000 }, (_, k) => k % 997));
      expect([...read.noise.data].slice(0, 8)).toEqual([95, 130, 194, 217, 207, 235, 15, 163]);
    });
  });

  test.each(['piped', 'piped-compressed'])('that was %s has its sizes after the content, and is read', name => {
    const { matrix, größe } = decodeNpz(fixture(`${name}.npz`));
    expect(matrix.toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(größe.toArray()).toEqual([3]);
  });

  test('that others have added to has a comment, names of old, and files that are no tensors', () => {
    const read = decodeNpz(fixture('foreign.npz'));
    expect(Object.keys(read)).toEqual(['version 2', 'version 3', 'Köln']);
    for (const version of ['version 2', 'version 3']) expect([...read[version].data]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(read.Köln.toArray()).toEqual([1]);
  });

  test('with what no tensor can be is refused, which says what, and does not hinder the others', () => {
    const known = 'expected a dtype among f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1, got';
    const refused: Record<string, string> = {
      object: `${known} "|O", pickled Python objects`,
      structure: 'expected elements that are numbers, got a structure of several fields',
      complex: `${known} "<c8", complex numbers`,
      string: `${known} "<U1", strings`,
      bytes: `${known} "|S1", byte strings`,
      date: `${known} "<M8[s]", dates`,
      i8: 'expected "<i8" to be numbers that int32 holds, got 2147483648 at element 3',
      u8: 'expected ">u8" to be numbers that int32 holds, got 18446744073709551615 at element 0',
      u4: 'expected "<u4" to be numbers that int32 holds, got 2147483648 at element 1',
    };
    const file = fixture('refused.npz');
    for (const [name, message] of Object.entries(refused))
      expect(() => decodeNpz(file, { only: [name] })).toThrow(
        new FormatError(`decodeNpz: entry "${name}.npy": ${message}`),
      );
    expect(() => decodeNpz(file)).toThrow(`entry "object.npy": ${refused.object}`);
    expect(Object.keys(decodeNpz(file, { only: ['fine'] }))).toEqual(['fine']);
  });
});

describe('the end of an archive', () => {
  const files = (count: number, size: number): PlacedFile[] =>
    Array.from({ length: count }, (_, k) => ({
      name: Buffer.from(`${k}.npy`),
      content: { length: size, chunks: [] },
      begin: k * (size + 55),
      crc: k,
    }));

  test('that is beyond 4 GB has numbers of 64 bits, as Python writes them', () => {
    const size = 2 ** 33 + 1;
    expect(fixture('large.directory').equals(directory(files(2, size), 2 * (size + 55)))).toBe(true);
  });

  test('of more files than 16 bits count has too', () => {
    const written = directory(files(2 ** 16, 0), 2 ** 16 * 55);
    expect(fixture('many.directory').equals(written.subarray(-98))).toBe(true);
  });
});
