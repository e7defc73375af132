/** The inflate and the CRC-32 for archives, held to those of node:zlib. */
import { constants, deflateRawSync, gzipSync, inflateRawSync } from 'node:zlib';
import { FormatError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../packages/io/src/npz/crc32.ts';
import { inflate } from '../../packages/io/src/npz/inflate.ts';
import { readBytes } from '../../packages/io/src/reading.ts';

/** What comes out of deflated bytes, of which `size` are expected. */
function inflated(bytes: Uint8Array, size: number): Buffer {
  const pieces: Uint8Array[] = [];
  readBytes('op', bytes, length => inflate('op', { at: 0, length }, size, piece => pieces.push(piece.slice())));
  return Buffer.concat(pieces);
}

const refuses = (bytes: ArrayLike<number>, size: number, message: string) =>
  expect(() => inflated(Uint8Array.from(bytes), size)).toThrow(new FormatError(`op: ${message}`));

/** Pseudo-random bytes, of which each is one of `kinds`. */
function noise(length: number, kinds: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % kinds;
  });
}

/** Bytes that deflate well and not so well: words from a few, and noise. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.record({ byte: fc.nat(3), times: fc.nat(700) }).map(({ byte, times }) => new Uint8Array(times).fill(byte)),
      fc.constantFrom('weight', 'bias', 'a').map(word => Buffer.from(word)),
    ),
    { maxLength: 60 },
  )
  .map(parts => Buffer.concat(parts));

const options = fc.record({
  level: fc.constantFrom(0, 1, 6, 9),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED),
  memLevel: fc.constantFrom(1, 9),
  windowBits: fc.constantFrom(9, 15),
});

describe('inflate', () => {
  test('undoes what zlib deflates, at every level and in every strategy', () => {
    fc.assert(
      fc.property(content, options, (bytes, how) => {
        expect(inflated(deflateRawSync(bytes, how), bytes.length).equals(bytes)).toBe(true);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('goes on from piece to piece of its input and its output, at every level', () => {
    const large = Buffer.concat([noise(1_500_000, 256), noise(1_500_000, 3), new Uint8Array(1_000_000)]);
    for (const level of [0, 1, 6]) {
      const bytes = deflateRawSync(large, { level });
      expect(bytes.length).toBeGreaterThan(1 << 20);
      expect(inflated(bytes, large.length).equals(large)).toBe(true);
    }
  });

  test('refuses what zlib refuses, and takes what it takes, when bytes are put in the place of others', () => {
    const files = [1, 6, 9].flatMap(level =>
      [constants.Z_FIXED, constants.Z_DEFAULT_STRATEGY].map(strategy =>
        deflateRawSync(Buffer.concat([Buffer.from('weight bias weight bias'), noise(300, 40), noise(300, 4)]), {
          level,
          strategy,
        }),
      ),
    );
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 2 }),
        fc.nat(),
        (file, changes, cut) => {
          let mutant = Uint8Array.from(file);
          for (const [at, byte] of changes) mutant[at % mutant.length] = byte;
          if (cut % 8 === 0) mutant = mutant.slice(0, cut % mutant.length);
          const expected = byZlib(mutant);
          if (expected === undefined) {
            refused++;
            for (const size of [0, 623, 100_000]) expect(() => inflated(mutant, size)).toThrow(FormatError);
          } else {
            taken++;
            expect(inflated(mutant, expected.length).equals(expected)).toBe(true);
            expect(() => inflated(mutant, expected.length + 1)).toThrow(FormatError);
          }
        },
      ),
      { seed: 1, numRuns: 4000 },
    );
    expect(taken).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(500);
  });

  /** What zlib makes of bytes that are one deflated stream and nothing else. */
  function byZlib(bytes: Uint8Array): Buffer | undefined {
    try {
      const result: unknown = inflateRawSync(bytes, { info: true, maxOutputLength: 1 << 20 });
      const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
      return engine.bytesWritten === bytes.length ? buffer : undefined;
    } catch {
      return undefined;
    }
  }

  test('stops at the size that is declared, whatever is still to come', () => {
    const bomb = deflateRawSync(new Uint8Array(50_000_000));
    let taken = 0;
    expect(() =>
      readBytes('op', bomb, length =>
        inflate('op', { at: 0, length }, 1000, piece => {
          taken += piece.length;
        }),
      ),
    ).toThrow(new FormatError('op: expected as many inflated bytes as are declared, got more'));
    expect(taken).toBeLessThanOrEqual(1000);
  });

  test('says what is wrong', () => {
    refuses([], 0, 'expected the last deflated block, got the end of the bytes');
    refuses([0x07], 0, 'expected a deflated block of kind 0, 1 or 2, got 3');
    refuses([0x01, 1, 0, 1, 0, 7], 1, 'expected the length of a stored block and its complement, got 1 and 1');
    refuses([0x01, 2, 0, 0xfd, 0xff, 7], 2, 'expected the last deflated block, got the end of the bytes');
    refuses([0x01, 0, 0, 0xff, 0xff], 3, 'expected as many inflated bytes as are declared, got 3 fewer');
    refuses([0x01, 0, 0, 0xff, 0xff, 9, 9], 0, 'expected nothing after the deflated bytes, got 2 more');
    // Fixed codes: a copy of length 3 with nothing before it, and symbol 286.
    refuses([0x03, 0x02, 0x00], 3, 'expected a copy of what came before, got one from 1 bytes back');
    refuses([0x1b, 0x03, 0x00], 3, 'expected a length and a distance, got other bits');
    refuses([0xfd, 0xff, 0xff], 3, 'expected the number of symbols of a deflated block to be a code, got none');
    // A code of distances of one bit, 0 alone, of which the other is used.
    refuses(oneDistance(1), 4, 'expected a length and a distance, got other bits');
    expect([...inflated(oneDistance(0), 4)]).toEqual([0, 0, 0, 0]);
    refuses([0x05, 0, 0, 0], 3, 'expected the lengths of lengths of a deflated block to be a code, got none');
  });
});

/** A block of a literal 0 and a copy of length 3, whose distance is one bit: RFC 1951, 3.2.7. */
function oneDistance(bit: number): Uint8Array {
  const bits: number[] = [];
  const number = (value: number, n: number) => {
    for (let k = 0; k < n; k++) bits.push((value >> k) & 1);
  };
  number(1 + 2 * 2, 3);
  for (const [value, n] of [
    [1, 5],
    [0, 5],
    [14, 4],
  ])
    number(value, n);
  // Codes for 18 (0), 1 (10) and 2 (11) and no others, in the order 16, 17, 18, 0, 8 … 3, 13, 2, 14, 1.
  for (let k = 0; k < 18; k++) number(k === 2 ? 1 : k === 15 || k === 17 ? 2 : 0, 3);
  const repeatZero = (times: number) => {
    number(0, 1);
    number(times - 11, 7);
  };
  const one = () => bits.push(1, 0);
  const two = () => bits.push(1, 1);
  // Lengths of the codes: 1 for 0, 2 for 256 and 257, 1 for distance 0.
  one();
  repeatZero(138);
  repeatZero(117);
  two();
  two();
  one();
  bits.push(0); // literal 0
  bits.push(1, 1, bit); // length 3, a distance
  bits.push(1, 0); // the end
  return Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, k) =>
    bits.slice(8 * k, 8 * k + 8).reduce((byte, b, i) => byte | (b << i), 0),
  );
}

test('the CRC-32 is that of gzip, in one piece or in several', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const zipped = gzipSync(bytes);
      expect(crc32(bytes)).toBe(zipped.readUInt32LE(zipped.length - 8));
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
    }),
    { seed: 1, numRuns: 200 },
  );
});
