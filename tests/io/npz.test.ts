import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { tensor, zeros } from '@tapegrad/autograd';
import { decodeNpz, encodeNpy, encodeNpz, loadNpz, saveNpz } from '@tapegrad/io';
import { ArgumentError, FormatError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../packages/io/src/npz/crc32.ts';
import { anyTensor, bytesOf, name } from './arbitrary.ts';
import { type RawEntry, rawZip } from './raw.ts';

const refuses = (bytes: Uint8Array, message: string) =>
  expect(() => decodeNpz(bytes)).toThrow(new FormatError(`decodeNpz: ${message}`));

const npy = encodeNpy(tensor([1, 2]));
/** An entry of two numbers, of which something else may be said. */
const entry = (change: Partial<RawEntry> = {}): RawEntry => ({ name: 'a.npy', bytes: npy, crc: crc32(npy), ...change });
/** The same, deflated. */
const deflatedEntry = (change: Partial<RawEntry> = {}): RawEntry =>
  entry({ bytes: deflateRawSync(npy), size: npy.length, method: 8, ...change });

describe('random tensors', () => {
  const anyName = name.filter(text => !text.includes('\0') && !/\p{Surrogate}/u.test(text));
  const anyTensors = fc.dictionary(anyName, anyTensor, { maxKeys: 6, noNullPrototype: false });

  test('come back bit for bit, with their names, in their order', () => {
    fc.assert(
      fc.property(anyTensors, tensors => {
        const read = decodeNpz(encodeNpz(tensors));
        expect(Object.keys(read)).toEqual(Object.keys(tensors));
        for (const [name, x] of Object.entries(tensors)) {
          expect([read[name].dtype, read[name].shape]).toEqual([x.dtype, x.shape]);
          expect(bytesOf(read[name]).equals(bytesOf(x))).toBe(true);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('come back when they are deflated', () => {
    fc.assert(
      fc.property(anyTensors, tensors => {
        const entries = Object.entries(tensors).map(([name, x]) => {
          const bytes = encodeNpy(x);
          const crc = crc32(bytes);
          return { name: `${name}.npy`, bytes: deflateRawSync(bytes), size: bytes.length, crc, method: 8 };
        });
        const read = decodeNpz(rawZip(entries));
        expect(Object.keys(read)).toEqual(Object.keys(tensors));
        for (const [name, x] of Object.entries(tensors)) expect(bytesOf(read[name]).equals(bytesOf(x))).toBe(true);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('encodeNpz', () => {
  test('writes no tensors as an empty archive', () => {
    expect([...encodeNpz({})]).toEqual([...Buffer.from('PK\x05\x06'), ...Array(18).fill(0)]);
    expect(Object.keys(decodeNpz(encodeNpz({})))).toEqual([]);
  });

  test('refuses what is no tensor, and names that a ZIP file or NumPy cannot have', () => {
    const refused: [unknown, string][] = [
      [{ a: [1, 2] }, 'encodeNpz: expected a tensor under "a", got an array'],
      [zeros([1]), 'encodeNpz: expected an object of tensors by name, got a tensor'],
      [[zeros([1])], 'encodeNpz: expected an object of tensors by name, got an array'],
      [undefined, 'encodeNpz: expected an object of tensors by name, got undefined'],
      [{ 'a\uD800': zeros([1]) }, 'encodeNpz: expected a name of well-formed text, got a lone surrogate in "a\\ud800"'],
      [
        { 'a\0': zeros([1]) },
        'encodeNpz: expected names of at most 65531 bytes without a zero character, got "a\\u0000" of 2 bytes',
      ],
      [
        { ['ä'.repeat(32766)]: zeros([1]) },
        'encodeNpz: expected names of at most 65531 bytes without a zero character, ' +
          `got "${'ä'.repeat(79)}…" of 65532 bytes`,
      ],
    ];
    for (const [tensors, message] of refused)
      expect(() => encodeNpz(tensors as never)).toThrow(new ArgumentError(message));
    const longest = 'a'.repeat(65531);
    expect(Object.keys(decodeNpz(encodeNpz({ [longest]: zeros([1]) })))).toEqual([longest]);
  });
});

describe('decodeNpz', () => {
  const three = encodeNpz({ a: tensor([1]), b: tensor([2]), c: tensor([3]) });

  test('reads only what is wanted, in the order of the file, and refuses names that are not there', () => {
    const read = decodeNpz(three, { only: ['c', 'a', 'c'] });
    expect(Object.entries(read).map(([name, x]) => [name, x.toArray()])).toEqual([
      ['a', [1]],
      ['c', [3]],
    ]);
    expect(Object.keys(decodeNpz(three, { only: [] }))).toEqual([]);
    expect(() => decodeNpz(three, { only: ['a', 'a.npy'] })).toThrow(
      new ArgumentError(
        'decodeNpz: expected only to hold names of tensors in the file, got "a.npy"; it has "a", "b", "c"',
      ),
    );
    expect(() => decodeNpz(three, { only: 'a' as never })).toThrow(
      new ArgumentError('decodeNpz: expected only to be a list of names, got string'),
    );
  });

  test('gives objects without a prototype, in which every name is safe', () => {
    const read = decodeNpz(rawZip(['__proto__', 'constructor', ''].map(name => entry({ name: `${name}.npy` }))));
    expect(Object.getPrototypeOf(read)).toBe(null);
    expect(Object.keys(read)).toEqual(['__proto__', 'constructor', '']);
  });

  test('leaves out what is not named as an array is, whatever is in it', () => {
    const other = { bytes: Uint8Array.of(1, 2, 3), crc: 0, method: 99, flags: 1 };
    const entries = ['b.txt', 'folder/', 'b.npy.bak', 'npy'].map(name => entry({ name, ...other }));
    expect(Object.keys(decodeNpz(rawZip([...entries, entry()])))).toEqual(['a']);
  });

  test('takes room before, between and after the entries, and a comment that looks like an end', () => {
    const bytes = Uint8Array.from([...npy, 1, 2, 3, 4, 5]);
    const roomy = entry({ bytes, compressedSize: npy.length, size: npy.length });
    const extra = Uint8Array.of(0xfe, 0xca, 2, 0, 7, 7);
    const zip = rawZip([roomy, entry({ name: 'b.npy', extra })], {}, `PK\x05\x06${'\0'.repeat(16)}\x01\0`);
    expect(Object.keys(decodeNpz(zip))).toEqual(['a', 'b']);
    expect(decodeNpz(zip).b.toArray()).toEqual([1, 2]);
  });

  test('takes bytes alone', () => {
    expect(() => decodeNpz(null as never)).toThrow(new ArgumentError('decodeNpz: expected a Uint8Array, got null'));
  });
});

describe('an archive is refused', () => {
  test('that is none', () => {
    const message = 'expected a ZIP file, which ends in a record of its directory, got none';
    refuses(new Uint8Array(0), message);
    refuses(new Uint8Array(100), message);
    refuses(npy, message);
    refuses(Uint8Array.from([...encodeNpz({ a: zeros([1]) }), 0]), message);
  });

  test('that is in several parts', () => {
    const message = 'expected a ZIP file in one part, got one of several';
    refuses(rawZip([entry()], { 4: 1 }), message);
    refuses(rawZip([entry()], { 6: 1 }), message);
    refuses(rawZip([entry()], { 8: 0 }), message);
  });

  test('whose directory is elsewhere', () => {
    const size = rawZip([entry()]).length;
    refuses(
      rawZip([entry()], { 16: 7 }),
      `expected the ZIP directory to end at byte ${size - 22}, where its record begins, got 51 bytes from 7`,
    );
    refuses(
      rawZip([entry()], { 16: 0xffffffff }),
      `expected the ZIP directory to end at byte ${size - 22}, where its record begins, got 51 bytes from 4294967295`,
    );
    refuses(rawZip([entry()], { 8: 2, 10: 2 }), 'expected entry 1 of the ZIP directory, got other bytes');
    refuses(rawZip([entry()], { 8: 0, 10: 0 }), 'expected 0 entries in the ZIP directory, got 51 more bytes');
    refuses(rawZip([entry()], { 12: 50, 16: size - 72 }), 'expected entry 0 of the ZIP directory, got other bytes');
  });

  test('whose record of 64 bits is elsewhere', () => {
    const zip = (record: bigint) => {
      const bytes = Buffer.from(rawZip([entry()], { 16: 0xffffffff }));
      const locator = Buffer.alloc(20);
      locator.write('PK\x06\x07', 'latin1');
      locator.writeBigUInt64LE(record, 8);
      return Buffer.concat([bytes.subarray(0, -22), locator, bytes.subarray(-22)]);
    };
    const at = zip(0n).length - 42;
    refuses(zip(0n), 'expected a ZIP64 record at byte 0, got other bytes');
    refuses(zip(BigInt(at) - 55n), `expected the ZIP64 record before byte ${at}, got it at ${at - 55}`);
    refuses(zip(2n ** 64n - 1n), `expected the ZIP64 record before byte ${at}, got it at ${2 ** 64}`);
  });

  test('whose names are no UTF-8, or the same', () => {
    const zip = rawZip([entry({ name: 'ä.npy' })]);
    zip[zip.length - 22 - 6] = 0x20;
    refuses(zip, 'expected names of entries in UTF-8, got bytes that are none');
    refuses(rawZip([entry(), entry()]), 'expected every name once, got "a.npy" twice');
  });

  test('whose entries overlap, reach into the directory, or are not there', () => {
    const message = (end: number, from: number, length = npy.length, name = 'a') =>
      `entry "${name}.npy": expected it to end before the next one or the directory, at byte ${end}, ` +
      `got ${length} bytes and their header from byte ${from}`;
    const next = 35 + npy.length;
    refuses(rawZip([entry(), entry({ name: 'b.npy', begin: 0 })]), message(0, 0));
    refuses(rawZip([entry(), entry({ name: 'b.npy', begin: next - 1 })]), message(next - 1, 0));
    refuses(rawZip([entry({ compressedSize: npy.length + 1 })]), message(next, 0, npy.length + 1));
    refuses(rawZip([entry({ begin: 2 ** 31 })]), message(next, 2 ** 31));
    refuses(
      rawZip([entry({ begin: 1, compressedSize: 0 })]),
      'entry "a.npy": expected its header at byte 1, got other bytes',
    );
    refuses(rawZip([entry({ localName: 'b.npy' })]), 'entry "a.npy": expected its header at byte 0, got other bytes');
    refuses(
      rawZip([entry({ localExtra: 9 })]),
      `entry "a.npy": expected it to end at byte ${next} at the latest, got ${next + 9}`,
    );
  });

  test('whose numbers of 64 bits are not there', () => {
    const message = 'entry "a.npy": expected its sizes as numbers of 64 bits, got none';
    const size = 0xffffffff;
    refuses(rawZip([entry({ size })]), message);
    refuses(rawZip([entry({ size, extra: Uint8Array.of(1, 0, 4, 0, 1, 2, 3, 4) })]), message);
    refuses(rawZip([entry({ size, extra: Uint8Array.of(1, 0, 8, 0, 1, 2, 3, 4) })]), message);
    refuses(rawZip([entry({ size, extra: Uint8Array.of(2, 0, 255, 255, 1, 0, 8, 0) })]), message);
    const numbers = new Uint8Array(BigUint64Array.of(BigInt(npy.length)).buffer);
    const zip = rawZip([entry({ size, extra: Uint8Array.of(9, 9, 1, 0, 7, 1, 0, 8, 0, ...numbers) })]);
    expect(decodeNpz(zip).a.toArray()).toEqual([1, 2]);
  });

  test('whose content is encrypted, or compressed in another way', () => {
    for (const flags of [1, 0x41, 0x20])
      refuses(rawZip([entry({ flags })]), 'entry "a.npy": expected an entry that is not encrypted, got one that is');
    for (const method of [1, 9, 12, 14])
      refuses(
        rawZip([entry({ method })]),
        `entry "a.npy": expected it to be stored or deflated, method 0 or 8, got method ${method}`,
      );
  });

  test('whose content is damaged', () => {
    const hex = crc32(npy).toString(16).padStart(8, '0');
    for (const one of [entry({ crc: 0 }), deflatedEntry({ crc: 0 })])
      refuses(rawZip([one]), `entry "a.npy": expected content of CRC-32 00000000, got ${hex}`);
    const zip = rawZip([entry()]);
    zip[35 + npy.length - 1] ^= 1;
    expect(() => decodeNpz(zip)).toThrow(/^decodeNpz: entry "a.npy": expected content of CRC-32 /);
    refuses(
      rawZip([entry({ bytes: Buffer.from('not an array'), crc: crc32(Buffer.from('not an array')) })]),
      'entry "a.npy": expected an .npy file, which begins with \\x93NUMPY, got other bytes',
    );
  });

  test('whose sizes cannot be, before anything is made of that size', () => {
    refuses(
      rawZip([entry({ size: npy.length + 1 })]),
      `entry "a.npy": expected ${npy.length} bytes from ${npy.length} that are stored, got ${npy.length + 1} declared`,
    );
    const { length } = deflatedEntry().bytes;
    refuses(
      rawZip([deflatedEntry({ size: 2 ** 32 - 2 })]),
      `entry "a.npy": expected at most ${1032 * length} bytes from ${length} that are deflated, ` +
        `got ${2 ** 32 - 2} declared`,
    );
    const wrong = 'expected 8 bytes for "<f4" of shape [2], got';
    refuses(rawZip([deflatedEntry({ size: npy.length + 1 })]), `entry "a.npy": ${wrong} 9 from byte 128`);
    refuses(
      rawZip([deflatedEntry({ size: npy.length - 1 })]),
      'entry "a.npy": expected as many inflated bytes as are declared, got more',
    );
    refuses(rawZip([deflatedEntry({ size: 0 })]), 'entry "a.npy": expected an .npy file of at least 10 bytes, got 0');
    refuses(
      rawZip([deflatedEntry({ bytes: deflateRawSync(npy.subarray(0, -1)) })]),
      'entry "a.npy": expected as many inflated bytes as are declared, got 1 fewer',
    );
    refuses(
      rawZip([deflatedEntry({ bytes: deflateRawSync(Buffer.concat([npy, npy])) })]),
      'entry "a.npy": expected as many inflated bytes as are declared, got more',
    );
  });

  test('with a FormatError and nothing else, wherever it is cut off and whatever is put in the place of some bytes', () => {
    const files = [rawZip([entry(), deflatedEntry({ name: 'b.npy' })]), Buffer.from(encodeNpz({ a: tensor([1, 2]) }))];
    let refused = 0;
    const decodes = (bytes: Uint8Array) => {
      try {
        decodeNpz(bytes);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
        return false;
      }
    };
    for (const file of files)
      for (let length = 0; length < file.length; length++) expect(decodes(file.slice(0, length))).toBe(false);
    refused = 0;
    const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 8, 0xff)));
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 4 }), (file, changes) => {
        const mutant = Uint8Array.from(file);
        for (const [at, byte] of changes) mutant[at % mutant.length] = byte;
        decodes(mutant);
      }),
      { seed: 1, numRuns: 5000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });

  test('of very many entries without taking long', () => {
    const many = rawZip(Array.from({ length: 20_000 }, () => entry({ bytes: new Uint8Array(0), begin: 0 })));
    expect(() => decodeNpz(many)).toThrow(FormatError);
  });
});

test('saveNpz and loadNpz write and read a file, and say which where they cannot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tapegrad-'));
  try {
    const path = join(folder, 'x.npz');
    const tensors = { a: tensor([[1, 2, 3]]), b: tensor([true]) };
    await saveNpz(path, tensors);
    expect(await readdir(folder)).toEqual(['x.npz']);
    expect((await readFile(path)).equals(encodeNpz(tensors))).toBe(true);
    expect((await loadNpz(path)).a.toArray()).toEqual([[1, 2, 3]]);
    expect(Object.keys(await loadNpz(path, { only: ['b'] }))).toEqual(['b']);
    await expect(saveNpz(path, { a: 1 } as never)).rejects.toThrow('saveNpz: expected a tensor under "a", got number');
    expect(Object.keys(await loadNpz(path))).toEqual(['a', 'b']);
    await expect(loadNpz(path, { only: ['d'] })).rejects.toThrow(`loadNpz: ${path}: expected only to hold names`);
    const lost = join(folder, 'lost.npz');
    await expect(loadNpz(lost)).rejects.toThrow(`loadNpz: could not read ${lost}: ENOENT`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
