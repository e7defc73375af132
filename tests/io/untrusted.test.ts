/** What is wrong with a file that is none: each of these is a FormatError that says so, and where. */
import { decodeSafetensors } from '@tapegrad/io';
import { FormatError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { rawFile } from './raw.ts';

const refuses = (bytes: Uint8Array, message: string) =>
  expect(() => decodeSafetensors(bytes)).toThrow(new FormatError(`decodeSafetensors: ${message}`));

const info = (change: object = {}) => ({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change });
const other = '; this seems to be no safetensors file';
const eight = new Uint8Array(8);

describe('a header is refused', () => {
  test('that is not there', () => {
    refuses(new Uint8Array(0), "expected at least 8 bytes, the header's length, got 0");
    refuses(new Uint8Array(7), "expected at least 8 bytes, the header's length, got 7");
    refuses(new Uint8Array(8), `expected the header, from byte 8, to begin with {${other}`);
  });

  test('that is longer than the file or than any header is', () => {
    refuses(rawFile('{}', [], 3n), 'expected a header within the 10 bytes there are, got one of 3 from byte 8');
    refuses(
      rawFile('{}', [], 100_000_001n),
      `expected a header of at most 100000000 bytes, got one of 100000001${other}`,
    );
    refuses(
      rawFile('{}', [], 2n ** 64n - 1n),
      `expected a header of at most 100000000 bytes, got one of ${2n ** 64n - 1n}${other}`,
    );
  });

  test('that is no JSON object of UTF-8', () => {
    for (const text of ['[]', ' {}', 'null', '"{}"', '\uFEFF{}'])
      refuses(rawFile(text), `expected the header, from byte 8, to begin with {${other}`);
    expect(() => decodeSafetensors(rawFile('{"a":}'))).toThrow(/^decodeSafetensors: expected a header of JSON: /);
    for (const text of ['{', '{}}', '{"a":1,}', '{}\0', '{"a":NaN}', `{"a":${'['.repeat(100_000)}`])
      expect(() => decodeSafetensors(rawFile(text))).toThrow(FormatError);
    refuses(
      rawFile(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)),
      'expected a header of UTF-8 text, got bytes that are none',
    );
  });

  test('that has a key twice, however it is written', () => {
    const a = JSON.stringify(info());
    refuses(rawFile(`{"a":${a},"a":${a}}`, eight), 'expected every key of the header once, got "a" twice');
    refuses(rawFile(`{"a":${a}, "\\u0061" :${a}}`, eight), 'expected every key of the header once, got "a" twice');
    refuses(
      rawFile('{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}', eight),
      'expected every key of the header once, got "shape" twice',
    );
    refuses(rawFile('{"__metadata__":{"k":"1","k":"2"}}'), 'expected every key of the header once, got "k" twice');
    const b = JSON.stringify(info({ dtype: 'F32', note: ['a', 'a', '{"a":1,"a":2}', '\\"'] }));
    expect(Object.keys(decodeSafetensors(rawFile(`{"a":${b}}`, eight)))).toEqual(['a']);
  });

  test('whose metadata are not texts', () => {
    for (const [metadata, shown] of [
      [5, '5'],
      [null, 'null'],
      [['a'], '["a"]'],
      ['a', '"a"'],
    ])
      refuses(rawFile({ __metadata__: metadata }), `expected __metadata__ to be an object, got ${shown}`);
    refuses(rawFile({ __metadata__: { a: 1 } }), 'expected __metadata__ to hold strings, got 1 under "a"');
    refuses(rawFile({ __metadata__: { a: {} } }), 'expected __metadata__ to hold strings, got an object under "a"');
  });

  test('whose entries have the wrong types', () => {
    const entry = 'tensor "x": expected an object of dtype, shape and data_offsets';
    refuses(rawFile({ x: 5 }), `${entry}, got 5`);
    refuses(rawFile({ x: null }), `${entry}, got null`);
    refuses(rawFile({ x: [1, [2]] }), `${entry}, got [1,…]`);
    refuses(rawFile({ x: {} }), 'tensor "x": expected dtype to be a string, got none');
    refuses(rawFile({ x: info({ dtype: 5 }) }, eight), 'tensor "x": expected dtype to be a string, got 5');
  });

  test('whose dtype is unknown, with those that are known', () => {
    const known = 'F64 F32 I32 BOOL F16 BF16 I64 I16 I8 U64 U32 U16 U8';
    for (const dtype of ['F8', 'f32', '', 'toString', '__proto__'])
      refuses(rawFile({ x: info({ dtype }) }, eight), `tensor "x": expected a dtype among ${known}, got "${dtype}"`);
  });
});

describe('a shape is refused', () => {
  test('that is no list of whole numbers', () => {
    for (const shape of [2, null, '2', [-1], [1.5], ['2'], [[2]], [null], [2 ** 53]])
      expect(() => decodeSafetensors(rawFile({ x: info({ shape }) }, eight))).toThrow(
        /^decodeSafetensors: tensor "x": expected shape to be a list of whole numbers from 0, got /,
      );
    refuses(
      rawFile({ x: info({ shape: [2, -1] }) }, eight),
      'tensor "x": expected shape to be a list of whole numbers from 0, got [2,-1]',
    );
    refuses(
      rawFile('{"x":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}'),
      'tensor "x": expected shape to be a list of whole numbers from 0, got [-0]',
    );
  });

  test('that does not have the size of the data', () => {
    refuses(
      rawFile({ x: info({ shape: [3] }) }, eight),
      'tensor "x": expected 12 bytes for F32 of shape [3], got data_offsets [0, 8] of 8 bytes',
    );
    refuses(
      rawFile({ x: info({ shape: [] }) }, eight),
      'tensor "x": expected 4 bytes for F32 of shape [], got data_offsets [0, 8] of 8 bytes',
    );
    refuses(
      rawFile({ x: info({ shape: Array(20).fill(1) }) }, eight),
      'tensor "x": expected 4 bytes for F32 of shape [1, 1, 1, 1, 1, 1, 1, 1, … 20 dims], ' +
        'got data_offsets [0, 8] of 8 bytes',
    );
  });

  test('whose size no number holds, were it empty in the end', () => {
    for (const shape of [
      [2 ** 40, 2 ** 40],
      [2 ** 52],
      [2 ** 40, 2 ** 40, 0],
      Array(2000).fill(2),
      Array(40).fill(2 ** 32),
    ])
      expect(() => decodeSafetensors(rawFile({ x: info({ shape }) }, eight))).toThrow(
        /^decodeSafetensors: tensor "x": expected a shape that fits in memory for F32 of shape /,
      );
    refuses(
      rawFile({ x: info({ shape: [2 ** 30] }) }, eight),
      `tensor "x": expected ${2 ** 32} bytes for F32 of shape [${2 ** 30}], got data_offsets [0, 8] of 8 bytes`,
    );
  });
});

describe('data_offsets are refused', () => {
  const expected = 'tensor "x": expected data_offsets to be two whole numbers [begin, end], 0 <= begin <= end';

  test('that are not two whole numbers in order', () => {
    const wrong: [unknown, string][] = [
      [undefined, 'none'],
      [8, '8'],
      [{}, 'an object'],
      [[8], '[8]'],
      [[0, 8, 8], '[0,8,8]'],
      [[-8, 0], '[-8,0]'],
      [[0, 8.5], '[0,8.5]'],
      [['0', 8], '["0",8]'],
      [[8, 0], '[8,0]'],
      [[0, 2 ** 53], `[0,${2 ** 53}]`],
    ];
    for (const [data_offsets, shown] of wrong)
      refuses(rawFile({ x: info({ data_offsets }) }, eight), `${expected}, got ${shown}`);
    expect(() => decodeSafetensors(rawFile('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,1e999]}}'))).toThrow(
      `${expected}, got [0,Infinity]`,
    );
  });

  test('that reach beyond the data', () => {
    refuses(
      rawFile({ x: info() }, new Uint8Array(7)),
      'tensor "x": expected it to end within the 7 bytes of data, got 8',
    );
    const end = Number.MAX_SAFE_INTEGER;
    refuses(
      rawFile({ x: info({ data_offsets: [0, end] }) }, eight),
      `tensor "x": expected it to end within the 8 bytes of data, got ${end}`,
    );
  });

  test('that overlap or leave a gap', () => {
    const two = (begin: number) => ({ a: info(), b: info({ shape: [1], data_offsets: [begin, begin + 4] }) });
    refuses(
      rawFile(two(4), eight),
      'tensor "b": expected it to begin at byte 8 of the data, where the one before it ends, ' +
        'got 4, which leaves an overlap',
    );
    refuses(
      rawFile(two(10), new Uint8Array(14)),
      'tensor "b": expected it to begin at byte 8 of the data, where the one before it ends, ' +
        'got 10, which leaves a gap',
    );
    refuses(
      rawFile({ a: info({ data_offsets: [1, 9] }) }, new Uint8Array(9)),
      'tensor "a": expected it to begin at byte 0 of the data, where the one before it ends, ' +
        'got 1, which leaves a gap',
    );
    refuses(
      rawFile({ a: info(), b: info() }, eight),
      'tensor "b": expected it to begin at byte 8 of the data, where the one before it ends, ' +
        'got 0, which leaves an overlap',
    );
  });

  test('that leave bytes at the end over', () => {
    refuses(
      rawFile({ x: info() }, new Uint8Array(11)),
      'expected the tensors to cover the 11 bytes of data, got 3 left over from byte 8',
    );
    refuses(rawFile({}, [0]), 'expected the tensors to cover the 1 bytes of data, got 1 left over from byte 0');
  });
});

test('a long name is cut short in an error', () => {
  const name = 'n'.repeat(10_000);
  refuses(
    rawFile({ [name]: 1 }),
    `tensor "${'n'.repeat(79)}…": expected an object of dtype, shape and data_offsets, got 1`,
  );
});
