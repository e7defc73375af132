import { type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { decodeSafetensors, encodeSafetensors, readSafetensors } from '@tapegrad/io';
import { ArgumentError, FormatError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { readElements } from '../../packages/io/src/elements/read.ts';
import { storages } from '../../packages/io/src/elements/storage.ts';
import { elementsOf } from '../../packages/io/src/elements/write.ts';
import { collect } from '../../packages/io/src/writing.ts';
import { rawFile } from './raw.ts';

const F32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

describe('encodeSafetensors', () => {
  test('writes the length of the header, the header and the data', () => {
    const bytes = encodeSafetensors({ a: tensor([1, 2]) });
    const header = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.padEnd(56);
    expect([...bytes]).toEqual([56, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(header), 0, 0, 128, 63, 0, 0, 0, 64]);
  });

  test('writes no tensors as an empty object', () => {
    expect([...encodeSafetensors({})]).toEqual([8, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('{}      ')]);
    expect(Object.keys(decodeSafetensors(encodeSafetensors({})))).toEqual([]);
  });

  test('writes the elements of a view in row-major order', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(decodeSafetensors(encodeSafetensors({ x: x.t(), row: x.select(0, 1) })).x.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test('writes the values of tensors that require gradients, which the ones that are read do not', () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const read = decodeSafetensors(encodeSafetensors({ w, y: w.mul(2) }));
    expect(read.y.toArray()).toEqual([2, 4]);
    expect([read.w.requiresGrad, read.y.requiresGrad]).toEqual([false, false]);
  });

  test('orders names by code point, as the reference implementation does, and not by UTF-16 unit', () => {
    const text = new TextDecoder().decode(encodeSafetensors({ '\u{1F600}': zeros([0]), '\uFF5E': zeros([0]) }));
    expect(text.indexOf('\uFF5E')).toBeLessThan(text.indexOf('\u{1F600}'));
  });

  test('refuses what is no tensor and what is no text', () => {
    const refused: [unknown, string][] = [
      [{ a: [1, 2] }, 'encodeSafetensors: expected a tensor under "a", got an array'],
      [{ a: null }, 'encodeSafetensors: expected a tensor under "a", got null'],
      [zeros([1]), 'encodeSafetensors: expected an object of tensors by name, got a tensor'],
      [null, 'encodeSafetensors: expected an object of tensors by name, got null'],
      [[zeros([1])], 'encodeSafetensors: expected an object of tensors by name, got an array'],
      [
        { __metadata__: zeros([1]) },
        'encodeSafetensors: expected names of tensors, got __metadata__, which the format keeps for metadata',
      ],
      [
        { 'a\uD800': zeros([1]) },
        'encodeSafetensors: expected a name of well-formed text, got a lone surrogate in "a\\ud800"',
      ],
    ];
    for (const [tensors, message] of refused)
      expect(() => encodeSafetensors(tensors as never)).toThrow(new ArgumentError(message));
    const withMetadata = (metadata: unknown) => () => encodeSafetensors({}, { metadata: metadata as never });
    expect(withMetadata({ epoch: 3 })).toThrow(
      new ArgumentError(
        'encodeSafetensors: expected metadata to be strings, got number under "epoch"; JSON.stringify it',
      ),
    );
    expect(withMetadata(null)).toThrow('encodeSafetensors: expected metadata to be an object of strings, got null');
    expect(withMetadata({ a: '\uDC00' })).toThrow('expected metadata "a" of well-formed text, got a lone surrogate');
  });
});

describe('decodeSafetensors', () => {
  test('reads from the middle of a buffer, aligned or not, and shares no memory with it', () => {
    const x = tensor([1.5, -2]);
    const bytes = encodeSafetensors({ x });
    for (let offset = 0; offset < 8; offset++) {
      const within = new Uint8Array(bytes.length + offset + 3).subarray(offset, offset + bytes.length);
      within.set(bytes);
      const read = decodeSafetensors(within);
      within.fill(0);
      expect(read.x.toArray()).toEqual([1.5, -2]);
    }
  });

  test('gives objects without a prototype, in which every name is safe', () => {
    const names = ['__proto__', 'constructor', 'toString', '7', ''];
    const entry = names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(F32([1], 4 * i, 4 * i + 4))}`);
    const { tensors, metadata } = readSafetensors(
      rawFile(`{"__metadata__":{"__proto__":"text"},${entry.join(',')}}`, new Uint8Array(20)),
    );
    expect(Object.keys(tensors).sort()).toEqual([...names].sort());
    expect(Object.getPrototypeOf(tensors)).toBe(null);
    expect(Object.entries(metadata)).toEqual([['__proto__', 'text']]);
    expect(names.map(name => tensors[name].shape)).toEqual(names.map(() => [1]));
    const again = decodeSafetensors(encodeSafetensors(tensors));
    expect(Object.keys(again).sort()).toEqual([...names].sort());
  });

  test('gives empty metadata where there are none', () => {
    expect({ ...readSafetensors(encodeSafetensors({})).metadata }).toEqual({});
  });

  test('keeps the bits of a NaN of half precision', () => {
    const half = (dtype: string) => ({ dtype, shape: [1], data_offsets: dtype === 'F16' ? [0, 2] : [2, 4] });
    const read = decodeSafetensors(rawFile({ a: half('F16'), b: half('BF16') }, [0x01, 0xfe, 0x81, 0xff]));
    const bits = (name: string) => new Uint32Array(read[name].data.slice().buffer)[0];
    expect(bits('a')).toBe(0xffc02000);
    expect(bits('b')).toBe(0xff810000);
  });

  test('refuses an I64 that int32 does not hold, and a BOOL that is neither 0 nor 1', () => {
    const long = (...numbers: bigint[]) =>
      rawFile(
        { n: { dtype: 'I64', shape: [numbers.length], data_offsets: [0, 8 * numbers.length] } },
        new Uint8Array(BigInt64Array.from(numbers).buffer),
      );
    expect(decodeSafetensors(long(-(2n ** 31n), 2n ** 31n - 1n)).n.toArray()).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    for (const n of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 63n - 1n])
      expect(() => decodeSafetensors(long(0n, n))).toThrow(
        new FormatError(
          `decodeSafetensors: tensor "n": expected I64 to be numbers that int32 holds, got ${n} at element 1`,
        ),
      );
    expect(() =>
      decodeSafetensors(rawFile({ m: { dtype: 'BOOL', shape: [3], data_offsets: [0, 3] } }, [0, 1, 2])),
    ).toThrow(new FormatError('decodeSafetensors: tensor "m": expected BOOL to be 0 or 1, got 2 at element 2'));
  });

  test('reads unsigned integers as far as int32 holds them', () => {
    const unsigned = (dtype: string, bytes: number[]) =>
      decodeSafetensors(rawFile({ n: { dtype, shape: [], data_offsets: [0, bytes.length] } }, bytes)).n.item();
    expect(unsigned('U16', [0xff, 0xff])).toBe(65535);
    expect(unsigned('U32', [0xff, 0xff, 0xff, 0x7f])).toBe(2 ** 31 - 1);
    expect(unsigned('U64', [0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0])).toBe(2 ** 31 - 1);
    const message = 'decodeSafetensors: tensor "n": expected U64 to be numbers that int32 holds, got 4294967296';
    expect(() => unsigned('U64', [0, 0, 0, 0, 1, 0, 0, 0])).toThrow(new FormatError(`${message} at element 0`));
    expect(() => unsigned('U32', [0, 0, 0, 0x80])).toThrow('got 2147483648 at element 0');
  });

  test('reads only what is wanted, in the order of the header, whatever the others are', () => {
    const file = rawFile(
      { c: F32([1], 9, 13), f8: { dtype: 'F8_E4M3', shape: [1], data_offsets: [8, 9] }, a: F32([2], 0, 8) },
      [...new Uint8Array(Float32Array.of(1, 2).buffer), 0, ...new Uint8Array(Float32Array.of(3).buffer)],
    );
    expect(() => decodeSafetensors(file)).toThrow('tensor "f8": expected a dtype among F64 F32 ');
    const read = decodeSafetensors(file, { only: ['a', 'c'] });
    expect(Object.entries(read).map(([name, x]) => [name, x.toArray()])).toEqual([
      ['c', [3]],
      ['a', [1, 2]],
    ]);
    expect(Object.keys(readSafetensors(file, { only: [] }).tensors)).toEqual([]);
    expect(() => decodeSafetensors(file, { only: ['b'] })).toThrow(
      new ArgumentError(
        'decodeSafetensors: expected only to hold names of tensors in the file, got "b"; it has "c", "f8", "a"',
      ),
    );
    expect(() => decodeSafetensors(encodeSafetensors({}), { only: ['b'] })).toThrow('got "b"; it has none');
    expect(() => decodeSafetensors(file, { only: [1] as never })).toThrow(
      new ArgumentError('decodeSafetensors: expected only to be a list of names, got an array'),
    );
  });

  test('says so where a tensor does not fit in memory, and encoding where the file does not', () => {
    const stored = { type: 'BOOL', storage: storages.BOOL, littleEndian: true };
    expect(() => readElements('op', stored, 2 ** 52, 0).next()).toThrow(
      new FormatError(`op: expected a tensor that fits in memory, got ${2 ** 52} bytes of bool`),
    );
    expect(() => collect('op', { length: 2 ** 52, chunks: [] })).toThrow(
      new ArgumentError(`op: expected tensors that fit into one Uint8Array, got ${2 ** 52} bytes; save a file`),
    );
  });

  test('takes bytes alone', () => {
    expect(() => decodeSafetensors('abc' as never)).toThrow(
      new ArgumentError('decodeSafetensors: expected a Uint8Array, got string'),
    );
    expect(() => decodeSafetensors(new ArrayBuffer(8) as never)).toThrow(ArgumentError);
  });
});

test('the elements are reversed for a file on a machine that is big-endian', () => {
  const written = (x: Tensor, littleEndian: boolean) =>
    [...elementsOf('op', x, littleEndian).pieces()].map(p => [...p]);
  const x = tensor(new Int32Array(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer));
  expect(written(x, true)).toEqual([[1, 2, 3, 4, 5, 6, 7, 8]]);
  expect(written(x, false)).toEqual([[4, 3, 2, 1, 8, 7, 6, 5]]);
  expect(written(tensor(new Float64Array(x.data.slice().buffer)), false)).toEqual([[8, 7, 6, 5, 4, 3, 2, 1]]);
  expect(written(tensor([true, false]), false)).toEqual([[1, 0]]);
  expect([...x.data]).toEqual([0x04030201, 0x08070605]);
});
