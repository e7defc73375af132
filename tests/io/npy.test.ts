import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor, zeros } from '@tapegrad/autograd';
import { decodeNpy, encodeNpy, loadNpy, saveNpy } from '@tapegrad/io';
import { ArgumentError, FormatError, TapegradError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeHeader } from '../../packages/io/src/npy/header.ts';
import { anyTensor, bytesOf } from './arbitrary.ts';
import { rawNpy } from './raw.ts';

const refuses = (bytes: Uint8Array, message: string) =>
  expect(() => decodeNpy(bytes)).toThrow(new FormatError(`decodeNpy: ${message}`));

const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
const eight = [0, 0, 128, 63, 0, 0, 0, 64];

describe('random tensors', () => {
  test('come back bit for bit, and their data begin at a multiple of 64 bytes', () => {
    fc.assert(
      fc.property(anyTensor, x => {
        const bytes = encodeNpy(x);
        expect((bytes.length - bytesOf(x).length) % 64).toBe(0);
        const read = decodeNpy(bytes);
        expect([read.dtype, read.shape]).toEqual([x.dtype, x.shape]);
        expect(bytesOf(read).equals(bytesOf(x))).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('are read from files in which the first dim runs fastest', () => {
    fc.assert(
      fc.property(anyTensor, x => {
        const reversed = x.permute(x.shape.map((_: number, d: number) => x.ndim - 1 - d));
        const row = Buffer.from(encodeNpy(reversed));
        const descr = /'descr': '(...)'/.exec(row.toString('latin1'))![1];
        const shape = `(${x.shape.map((n: number) => `${n},`).join('')})`;
        const text = `{'descr': '${descr}', 'fortran_order': True, 'shape': ${shape}}`;
        const read = decodeNpy(rawNpy(text, bytesOf(reversed.clone())));
        expect([read.dtype, read.shape]).toEqual([x.dtype, x.shape]);
        expect(bytesOf(read).equals(bytesOf(x))).toBe(true);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('encodeNpy', () => {
  test('writes the elements of a view in row-major order, and those of a tensor that requires a gradient', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const read = decodeNpy(encodeNpy(x.t()));
    expect(read.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(read.requiresGrad).toBe(false);
  });

  test('writes version 2.0 where the header is too long for 1.0, and only there', () => {
    for (const [dims, version] of [
      [21_800, 1],
      [21_900, 2],
    ]) {
      const bytes = writeHeader('float32', Array(dims).fill(1));
      expect([...bytes.subarray(0, 8)]).toEqual([0x93, ...Buffer.from('NUMPY'), version, 0]);
      expect(bytes.length % 64).toBe(0);
      expect(decodeNpy(Uint8Array.from([...bytes, 0, 0, 0, 64])).shape.length).toBe(dims);
    }
  });

  test('refuses what is no tensor', () => {
    expect(() => encodeNpy([1, 2] as never)).toThrow(new ArgumentError('encodeNpy: expected a tensor, got an array'));
    expect(() => encodeNpy({ a: zeros([1]) } as never)).toThrow('encodeNpy: expected a tensor, got object');
  });
});

describe('decodeNpy', () => {
  test('reads a header however Python may write it', () => {
    for (const text of [
      header,
      `${header}\n`,
      `\n ${header} \t\n `,
      '{"shape":(2,),"descr":"<f4","fortran_order":False}',
      "{ 'descr' : '=f4' , 'fortran_order' : True ,\n'shape' : ( 2L , ) }",
      "{'descr': 'f4', 'fortran_order': False, 'shape': (2, 1)}",
      "{'descr': '|f4', 'fortran_order': False, 'shape': (2, 1, )}",
    ])
      for (const version of [1, 2, 3]) expect([...decodeNpy(rawNpy(text, eight, version)).data]).toEqual([1, 2]);
  });

  test('reads from the middle of a buffer, aligned or not, and shares no memory with it', () => {
    const bytes = encodeNpy(tensor([1.5, -2]));
    for (let offset = 0; offset < 8; offset++) {
      const within = new Uint8Array(bytes.length + offset + 3).subarray(offset, offset + bytes.length);
      within.set(bytes);
      const read = decodeNpy(within);
      within.fill(0);
      expect(read.toArray()).toEqual([1.5, -2]);
    }
  });

  test('keeps the bits of NaN of half and single precision, in either order of bytes', () => {
    const bits = (descr: string, data: number[]) =>
      new Uint32Array(
        decodeNpy(rawNpy(`{'descr': '${descr}', 'fortran_order': False, 'shape': ()}`, data)).data.slice().buffer,
      )[0];
    expect(bits('<f2', [0x01, 0xfe])).toBe(0xffc02000);
    expect(bits('>f2', [0xfe, 0x01])).toBe(0xffc02000);
    expect(bits('<f4', [0x45, 0x23, 0x81, 0xff])).toBe(0xff812345);
    expect(bits('>f4', [0xff, 0x81, 0x23, 0x45])).toBe(0xff812345);
  });

  test('refuses integers that int32 does not hold, at their edges, and a bool that is neither 0 nor 1', () => {
    const integer = (descr: string, value: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
      const width = Number(descr[2]);
      const data = descr[0] === '<' ? bytes.subarray(0, width) : bytes.subarray(0, width).reverse();
      return decodeNpy(rawNpy(`{'descr': '${descr}', 'fortran_order': False, 'shape': ()}`, data)).item();
    };
    for (const order of '<>') {
      for (const [type, value] of [
        ['i8', 2n ** 31n - 1n],
        ['i8', -(2n ** 31n)],
        ['u8', 2n ** 31n - 1n],
        ['u4', 2n ** 31n - 1n],
      ] as const)
        expect(integer(`${order}${type}`, value)).toBe(Number(value));
      for (const [type, value] of [
        ['i8', 2n ** 31n],
        ['i8', -(2n ** 31n) - 1n],
        ['i8', 2n ** 32n],
        ['u8', 2n ** 31n],
        ['u8', 2n ** 32n],
        ['u8', 2n ** 64n - 1n],
        ['u4', 2n ** 31n],
        ['u4', 2n ** 32n - 1n],
      ] as const)
        expect(() => integer(`${order}${type}`, value)).toThrow(
          new FormatError(
            `decodeNpy: expected "${order}${type}" to be numbers that int32 holds, got ${value} at element 0`,
          ),
        );
    }
    refuses(
      rawNpy("{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}", [0, 1, 2]),
      'expected "|b1" to be 0 or 1, got 2 at element 2',
    );
  });

  test('takes bytes alone', () => {
    expect(() => decodeNpy('abc' as never)).toThrow(new ArgumentError('decodeNpy: expected a Uint8Array, got string'));
  });
});

describe('a file is refused', () => {
  test('that is none, or of another version', () => {
    refuses(new Uint8Array(9), 'expected an .npy file of at least 10 bytes, got 9');
    refuses(new Uint8Array(10), 'expected an .npy file, which begins with \\x93NUMPY, got other bytes');
    refuses(rawNpy(header, eight, 4), 'expected version 1.0, 2.0 or 3.0 of .npy, got 4.0');
    refuses(rawNpy('', [], 2).subarray(0, 11), 'expected an .npy file of at least 12 bytes, got 11');
  });

  test('whose header is longer than the file or than any header is', () => {
    refuses(rawNpy('{}', [], 1, 3), 'expected a header within the 12 bytes there are, got one of 3 from byte 10');
    refuses(rawNpy('{}', [], 2, 2 ** 20 + 1), 'expected a header of at most 1048576 bytes, got one of 1048577');
    refuses(rawNpy('{}', [], 3, 2 ** 32 - 1), `expected a header of at most 1048576 bytes, got one of ${2 ** 32 - 1}`);
  });

  test('whose header is not that of an array', () => {
    const wrong: [text: string, message: string][] = [
      ['', 'expected { in the header, got its end'],
      ['[]', 'expected { in the header, got "[" at character 0'],
      ['{', 'expected a string in the header, got its end'],
      ['{}', 'expected the keys descr, fortran_order and shape, got none'],
      ["{'descr': '<f4', 'shape': ()}", 'expected the keys descr, fortran_order and shape, got descr, shape'],
      [`${header} ;`, 'expected nothing but white space after } in the header, got ";" at character 58'],
      ["{'descr': '<f4', 'descr': '<f8'}", 'expected every key of the header once, got "descr" twice'],
      ["{'other': 1}", 'expected the keys descr, fortran_order and shape, got "other"'],
      ["{'__proto__': 1}", 'expected the keys descr, fortran_order and shape, got "__proto__"'],
      ["{descr: '<f4'}", 'expected a string in the header, got "descr" at character 1'],
      ["{'descr' '<f4'}", 'expected : in the header, got "\'<f4\'" at character 9'],
      ["{'descr': '<f4' 'shape': ()}", 'expected , or } in the header, got "\'shape\'" at character 16'],
      ["{'descr': '<f\\x34'}", 'expected a string in the header, got "\'" at character 10'],
      ["{'descr': 'a", 'expected a string in the header, got "\'" at character 10'],
      ["{'descr': '", 'expected a string in the header, got "\'" at character 10'],
      ["{'descr': 4}", 'expected a string in the header, got "4" at character 10'],
      ["{'descr': [('a', '<f4')]}", 'expected elements that are numbers, got a structure of several fields'],
      ["{'descr': ('<f4', (2,))}", 'expected elements that are numbers, got a structure of several fields'],
      ["{'fortran_order': 0}", 'expected True or False in the header, got "0" at character 18'],
      ["{'fortran_order': Truer}", 'expected True or False in the header, got "Truer" at character 18'],
      ["{'shape': [2]}", 'expected ( in the header, got "[" at character 10'],
      ["{'shape': 2}", 'expected ( in the header, got "2" at character 10'],
      ["{'shape': (2)}", 'expected , after the first size in the header, got ")" at character 12'],
      ["{'shape': (2 3)}", 'expected , after the first size in the header, got "3" at character 13'],
      ["{'shape': (2, 3 4)}", 'expected , or ) in the header, got "4" at character 16'],
      ["{'shape': (,)}", 'expected whole numbers from 0 as sizes in the header, got "," at character 11'],
      ["{'shape': (-1,)}", 'expected whole numbers from 0 as sizes in the header, got "-" at character 11'],
      ["{'shape': (02,)}", 'expected whole numbers from 0 as sizes in the header, got "02" at character 11'],
      ["{'shape': (2.0,)}", 'expected whole numbers from 0 as sizes in the header, got "2.0" at character 11'],
      ["{'shape': (2e9,)}", 'expected whole numbers from 0 as sizes in the header, got "2e9" at character 11'],
      ["{'shape': (0x2,)}", 'expected whole numbers from 0 as sizes in the header, got "0x2" at character 11'],
      ["{'shape': (True,)}", 'expected whole numbers from 0 as sizes in the header, got "True" at character 11'],
      [
        "{'shape': (9007199254740992,)}",
        'expected whole numbers from 0 as sizes in the header, got "9007199254740992" at character 11',
      ],
    ];
    for (const [text, message] of wrong) refuses(rawNpy(text, eight), message);
  });

  test('whose header is long for nothing, without taking long', () => {
    for (const text of [
      "{'shape': (".padEnd(900_000, '('),
      `{'${'a'.repeat(900_000)}`,
      `{'shape': (${'1'.repeat(900_000)}.,)}`,
    ])
      expect(() => decodeNpy(rawNpy(text, [], 2))).toThrow(FormatError);
    const dims = `{'descr': '<f4', 'fortran_order': False, 'shape': (${'2, '.repeat(100_000)})}`;
    expect(() => decodeNpy(rawNpy(dims, eight, 2))).toThrow(
      /expected a shape that fits in memory for "<f4" of shape \[2, /,
    );
  });

  test('whose dtype no tensor has', () => {
    const known = 'f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1';
    for (const [descr, kind] of [
      ['|O', ', pickled Python objects'],
      ['|V8', ', raw bytes or a structure'],
      ['<c16', ', complex numbers'],
      ['>U3', ', strings'],
      ['|S3', ', byte strings'],
      ['<M8[D]', ', dates'],
      ['<m8[D]', ', times'],
      ['<f16', ''],
      ['<f1', ''],
      ['<i3', ''],
      ['<<f4', ''],
      ['', ''],
    ])
      refuses(
        rawNpy(`{'descr': '${descr}', 'fortran_order': False, 'shape': ()}`),
        `expected a dtype among ${known}, got "${descr}"${kind}`,
      );
  });

  test('whose shape does not have the size of the data', () => {
    refuses(rawNpy(header, eight.slice(1)), 'expected 8 bytes for "<f4" of shape [2], got 7 from byte 67');
    refuses(rawNpy(header, [...eight, 0]), 'expected 8 bytes for "<f4" of shape [2], got 9 from byte 67');
    for (const shape of ['(1099511627776, 1099511627776)', '(1099511627776, 1099511627776, 0)', '(9007199254740991,)'])
      expect(() => decodeNpy(rawNpy(header.replace('(2,)', shape), eight))).toThrow(
        /^decodeNpy: expected a shape that fits in memory for "<f4" of shape /,
      );
  });

  test('with a FormatError and nothing else, wherever it is cut off and whatever is put in the place of some bytes', () => {
    const file = encodeNpy(tensor([[1, 2, 3]], { dtype: 'int32' }));
    for (let length = 0; length < file.length; length++)
      expect(() => decodeNpy(file.slice(0, length))).toThrow(FormatError);
    const text = fc.constantFrom(...Buffer.from('{}[]()<>|=\'",: \nLTF0129fiubO'));
    const change = fc.tuple(fc.nat(file.length - 1), fc.oneof(fc.nat(255), text));
    let refused = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        const mutant = file.slice();
        for (const [at, byte] of changes) mutant[at] = byte;
        try {
          decodeNpy(mutant);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          refused++;
        }
      }),
      { seed: 1, numRuns: 5000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });
});

test('saveNpy and loadNpy write and read a file, and say which where they cannot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tapegrad-'));
  try {
    const path = join(folder, 'x.npy');
    const x = tensor([[1, 2, 3]]);
    await saveNpy(path, x);
    expect(await readdir(folder)).toEqual(['x.npy']);
    expect((await readFile(path)).equals(encodeNpy(x))).toBe(true);
    expect((await loadNpy(path)).toArray()).toEqual([[1, 2, 3]]);
    await expect(saveNpy(path, 1 as never)).rejects.toThrow('saveNpy: expected a tensor, got number');
    expect((await loadNpy(path)).toArray()).toEqual([[1, 2, 3]]);
    await expect(loadNpy(folder)).rejects.toThrow(TapegradError);
    await expect(loadNpy(folder)).rejects.toThrow(`loadNpy: could not read ${folder}: EISDIR`);
    const lost = join(folder, 'lost.npy');
    await expect(loadNpy(lost)).rejects.toThrow(`loadNpy: could not read ${lost}: ENOENT`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
