import { type Tensor, tensor } from '@tapegrad/autograd';
import { Vocabulary } from '@tapegrad/data';
import { ArgumentError, DTypeError, FormatError, IndexError, ShapeError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { is } from '../types/equal.ts';

describe('a vocabulary', () => {
  test('of a text has its distinct characters, sorted by code point', () => {
    const vocabulary = Vocabulary.of('hello, World');
    expect(vocabulary.characters).toEqual([' ', ',', 'W', 'd', 'e', 'h', 'l', 'o', 'r']);
    expect(vocabulary.size).toBe(9);
    expect(vocabulary.length).toBe(9);
    expect(new Vocabulary('hello, World').characters).toEqual(vocabulary.characters);
  });

  test('sorts by code point and not by UTF-16 unit', () => {
    expect(Vocabulary.of('\u{1F600}\uFF5E').characters).toEqual(['\uFF5E', '\u{1F600}']);
  });

  test('of a list keeps its order', () => {
    const vocabulary = new Vocabulary(['b', 'a', '\n']);
    expect(vocabulary.encode('ab\nb').toArray()).toEqual([1, 0, 2, 0]);
    expect(new Vocabulary(new Set('ba')).characters).toEqual(['b', 'a']);
  });

  test('of a list refuses what is there twice and what is not one character', () => {
    expect(() => new Vocabulary(['a', 'b', 'a'])).toThrow(
      new ArgumentError('Vocabulary: expected distinct characters, got "a" (U+0061) at positions 0 and 2'),
    );
    expect(() => new Vocabulary(['a', 'bc'])).toThrow(
      new ArgumentError('Vocabulary: expected single characters, got "bc" at position 1'),
    );
    expect(() => new Vocabulary([''])).toThrow('expected single characters, got "" at position 0');
    expect(() => new Vocabulary([7] as never)).toThrow('expected single characters, got number at position 0');
  });

  test('knows which characters it has', () => {
    const vocabulary = Vocabulary.of('abc');
    expect([vocabulary.has('b'), vocabulary.has('d'), vocabulary.has('ab')]).toEqual([true, false, false]);
  });

  test('of the empty text is empty', () => {
    expect(Vocabulary.of('').size).toBe(0);
    expect(Vocabulary.of('').encode('').shape).toEqual([0]);
  });
});

describe('encode and decode', () => {
  test('turn a text to int32 ids and back', () => {
    const vocabulary = Vocabulary.of('hello');
    const ids = vocabulary.encode('hole');
    is<Tensor<[number]>>()(ids);
    expect(ids.dtype).toBe('int32');
    expect(ids.toArray()).toEqual([1, 3, 2, 0]);
    expect(vocabulary.decode(ids)).toBe('hole');
  });

  test('take an emoji for one character', () => {
    const vocabulary = Vocabulary.of('a😀b');
    expect(vocabulary.size).toBe(3);
    expect(vocabulary.encode('😀😀a').shape).toEqual([3]);
    expect(vocabulary.encode('😀😀a').data).toEqual(Int32Array.of(2, 2, 0));
  });

  test('are inverse for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const vocabulary = Vocabulary.of(text);
        expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
        expect(vocabulary.encode(text).size).toBe(Array.from(text).length);
      }),
      { seed: 1 },
    );
  });

  test('take ids as plain numbers, typed arrays, scalars and views', () => {
    const vocabulary = Vocabulary.of('abc');
    expect(vocabulary.decode([2, 1])).toBe('cb');
    expect(vocabulary.decode(Int32Array.of(0, 0))).toBe('aa');
    expect(vocabulary.decode(tensor(1, { dtype: 'int32' }))).toBe('b');
    expect(vocabulary.decode(vocabulary.encode('abcabc').slice(0, 1, undefined, 3))).toBe('bb');
    expect(vocabulary.decode([])).toBe('');
  });

  test('name an unknown character, its code point, its position and the size', () => {
    const vocabulary = Vocabulary.of('a😀');
    expect(() => vocabulary.encode('a😀é')).toThrow(
      new IndexError('encode: expected characters of a vocabulary of 2, got "é" (U+00E9) at position 2'),
    );
    expect(() => vocabulary.encode('🙂')).toThrow('got "🙂" (U+1F642) at position 0');
    expect(() => vocabulary.encode('\n')).toThrow('got "\\n" (U+000A) at position 0');
  });

  test('name an id that is out of range and its position', () => {
    const vocabulary = Vocabulary.of('abc');
    expect(() => vocabulary.decode([0, 3])).toThrow(
      new IndexError('decode: expected ids of a vocabulary of 3 characters, got 3 at position 1'),
    );
    for (const id of [-1, 0.5, Number.NaN, Infinity]) expect(() => vocabulary.decode([id])).toThrow(IndexError);
  });

  test('say that half of a surrogate pair is no character', () => {
    const half = '😀'.slice(0, 1);
    const message =
      'expected whole characters, got the lone surrogate U+D83D at position 2; ' +
      'the text was cut in the middle of a character';
    expect(() => Vocabulary.of('ab').encode(`ab${half}`)).toThrow(new FormatError(`encode: ${message}`));
    expect(() => new Vocabulary(['a', 'b', half])).toThrow(new FormatError(`Vocabulary: ${message}`));
    expect(() => Vocabulary.of(`b${half}a`)).toThrow(FormatError);
  });

  test('refuse ids that are no list of int32, and texts that are none', () => {
    const vocabulary = Vocabulary.of('abc');
    expect(() => vocabulary.decode(tensor([1, 2]))).toThrow(
      new DTypeError('decode: expected int32 ids, got dtype float32'),
    );
    expect(() => vocabulary.decode(tensor([[1, 2]], { dtype: 'int32' }))).toThrow(
      new ShapeError('decode: expected ids of shape [n], got [1, 2]; decode one row at a time'),
    );
    expect(() => vocabulary.encode(undefined as never)).toThrow('encode: expected a text, got undefined');
    expect(() => Vocabulary.of(5 as never)).toThrow('Vocabulary.of: expected a text, got number');
    expect(() => new Vocabulary(5 as never)).toThrow(
      new ArgumentError('Vocabulary: expected a text or a list of characters, got number'),
    );
    expect(() => vocabulary.decode(1 as never)).toThrow(
      new ArgumentError('decode: expected a tensor or a list of ids, got number'),
    );
  });
});

describe('JSON', () => {
  test('gives the same vocabulary back, whatever its order and characters', () => {
    const vocabulary = new Vocabulary(['z', '😀', '"', '\\', '\n', 'a']);
    const again = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
    expect(again.characters).toEqual(vocabulary.characters);
    expect(again.encode('a😀').toArray()).toEqual([5, 1]);
  });

  test('that is something else is refused', () => {
    for (const json of [null, 'abc', {}, 5, ['a', 'a'], ['ab'], [1]])
      expect(() => Vocabulary.fromJSON(json)).toThrow(FormatError);
    expect(() => Vocabulary.fromJSON(null)).toThrow('Vocabulary.fromJSON: expected a list of characters, got null');
    expect(() => Vocabulary.fromJSON(['a', 'a'])).toThrow('got "a" (U+0061) at positions 0 and 1');
  });
});
