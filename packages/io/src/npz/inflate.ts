import { FormatError } from '@tapegrad/tensor';
import { type ByteRange, pieceLength, type Reading } from '../reading.ts';
import { Bits } from './bits.ts';
import { type Code, makeCode } from './huffman.ts';

/** How far back a copy may reach. */
const history = 1 << 15;
/** The longest copy. */
const longestCopy = 258;
/** More than a block's header takes: 3 + 14 + 19 · 3 + (286 + 30) · 14 bits. */
const longestHeader = 1 << 10;
/** More than a symbol takes with all that belongs to it: 15 + 5 + 15 + 13 bits. */
const longestSymbol = 8;
/** No byte of deflate stands for more: a copy of 258 bytes takes two bits at least. */
export const mostPerByte = 1032;

/**
 * Inflates the deflated bytes of a range (RFC 1951) and gives `take` what comes out, piece by piece; a piece is good
 * until `take` returns.
 *
 * @throws FormatError when the bytes are not just one deflated stream, or not one of `size` bytes: `take` is never
 * given more.
 */
export function* inflate(
  where: string,
  { at, length }: ByteRange,
  size: number,
  take: (piece: Uint8Array) => void,
): Reading<void> {
  const bits = new Bits();
  const out = new Output(where, size, take);
  const end = at + length;
  function* fill(): Reading<void> {
    if (bits.left >= longestHeader || at === end) return;
    bits.release();
    at -= bits.left;
    bits.enter(yield { at, length: Math.min(pieceLength, end - at) });
    at += bits.left;
  }
  for (let last = false; !last; ) {
    yield* fill();
    last = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 3) throw new FormatError(`${where}: expected a deflated block of kind 0, 1 or 2, got 3`);
    if (kind === 0) {
      for (let left = storedLength(where, bits); left > 0; ) {
        yield* fill();
        left -= out.write(bits.bytes(Math.min(left, history)));
        checkThere(where, bits, left === 0 || bits.left > 0 || at < end);
      }
    } else {
      const codes = kind === 1 ? fixedCodes : readCodes(where, bits);
      while (!runBlock(where, bits, codes, out, at < end ? longestSymbol : -2)) {
        checkThere(where, bits);
        out.flush();
        yield* fill();
      }
    }
    checkThere(where, bits);
  }
  out.finish();
  bits.align();
  const rest = end - at + bits.left;
  if (rest > 0) throw new FormatError(`${where}: expected nothing after the deflated bytes, got ${rest} more`);
}

function checkThere(where: string, bits: Bits, there = true): void {
  if (bits.overrun || !there)
    throw new FormatError(`${where}: expected the last deflated block, got the end of the bytes`);
}

/** The length of a stored block. */
function storedLength(where: string, bits: Bits): number {
  bits.align();
  const length = bits.take(16);
  const complement = bits.take(16);
  checkThere(where, bits);
  if ((length ^ complement) !== 0xffff)
    throw new FormatError(
      `${where}: expected the length of a stored block and its complement, got ${length} and ${complement}`,
    );
  return length;
}

interface Codes {
  readonly literals: Code;
  readonly distances: Code;
}

const fixedCodes: Codes = {
  literals: makeCode(
    Uint8Array.from({ length: 288 }, (_, k) => (k < 144 ? 8 : k < 256 ? 9 : k < 280 ? 7 : 8)),
    false,
  )!,
  distances: makeCode(new Uint8Array(32).fill(5), false)!,
};

/** The order in which the lengths of the codes for lengths come. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function readCodes(where: string, bits: Bits): Codes {
  const literalCount = bits.take(5) + 257;
  const distanceCount = bits.take(5) + 1;
  const lengthCount = bits.take(4) + 4;
  const wrong = (what: string) =>
    new FormatError(`${where}: expected ${what} of a deflated block to be a code, got none`);
  if (literalCount > 286 || distanceCount > 30) throw wrong('the number of symbols');
  const lengths = new Uint8Array(19);
  for (let k = 0; k < lengthCount; k++) lengths[lengthOrder[k]] = bits.take(3);
  const code = makeCode(lengths, false);
  if (code === undefined) throw wrong('the lengths of lengths');
  const all = readLengths(bits, code, literalCount + distanceCount);
  const literals = all && all[256] > 0 ? makeCode(all.subarray(0, literalCount), true) : undefined;
  const distances = all && makeCode(all.subarray(literalCount), true);
  if (literals === undefined || distances === undefined) throw wrong('the lengths');
  return { literals, distances };
}

/** The lengths of `count` codes: 16, 17 and 18 say how often the last one or 0 is repeated. */
function readLengths(bits: Bits, code: Code, count: number): Uint8Array | undefined {
  const lengths = new Uint8Array(count);
  for (let k = 0; k < count; ) {
    const symbol = bits.symbol(code);
    if (symbol < 0 || (symbol === 16 && k === 0)) return undefined;
    const value = symbol < 16 ? symbol : symbol === 16 ? lengths[k - 1] : 0;
    const times =
      symbol < 16 ? 1 : symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (k + times > count) return undefined;
    lengths.fill(value, k, k + times);
    k += times;
  }
  return lengths;
}

/** By symbol - 257: the shortest copy, and the bits that are added to its length. */
const copyBits = Uint8Array.from({ length: 29 }, (_, k) => (k < 8 || k === 28 ? 0 : (k - 4) >> 2));
const copyBase = Uint16Array.from({ length: 29 }, (_, k) =>
  k < 8 ? 3 + k : k === 28 ? longestCopy : 3 + ((4 + (k & 3)) << copyBits[k]),
);
/** By symbol: the least distance, and the bits that are added to it. */
const distanceBits = Uint8Array.from({ length: 30 }, (_, k) => (k < 4 ? 0 : (k - 2) >> 1));
const distanceBase = Uint16Array.from({ length: 30 }, (_, k) =>
  k < 4 ? 1 + k : 1 + ((2 + (k & 1)) << distanceBits[k]),
);

/** Goes on with a block while more than `reserve` bytes of input and room are left; true when it has ended. */
function runBlock(where: string, bits: Bits, { literals, distances }: Codes, out: Output, reserve: number): boolean {
  const { buffer } = out;
  const most = buffer.length - longestCopy;
  let at = out.at;
  let ended = false;
  while (!ended && at <= most && bits.left >= reserve) {
    const symbol = bits.symbol(literals);
    if (symbol < 256) {
      if (symbol < 0) throw new FormatError(`${where}: expected a code of the deflated block, got other bits`);
      buffer[at++] = symbol;
    } else if (symbol > 256) {
      const length = symbol < 286 ? copyBase[symbol - 257] + bits.take(copyBits[symbol - 257]) : 0;
      const far = length > 0 ? bits.symbol(distances) : -1;
      const distance = far >= 0 && far < 30 ? distanceBase[far] + bits.take(distanceBits[far]) : 0;
      if (distance === 0) throw new FormatError(`${where}: expected a length and a distance, got other bits`);
      if (distance > at)
        throw new FormatError(`${where}: expected a copy of what came before, got one from ${distance} bytes back`);
      for (const end = at + length; at < end; at++) buffer[at] = buffer[at - distance];
    } else ended = true;
  }
  out.at = at;
  return ended;
}

/** What has come out: as much of it as copies may reach back to, and what has not been taken yet. */
class Output {
  readonly buffer: Uint8Array;
  at = 0;
  readonly #where: string;
  readonly #take: (piece: Uint8Array) => void;
  #taken = 0;
  #left: number;

  constructor(where: string, size: number, take: (piece: Uint8Array) => void) {
    this.buffer = new Uint8Array(Math.min(8 * history, size + history + longestCopy));
    this.#where = where;
    this.#take = take;
    this.#left = size;
  }

  /** Adds up to `history` bytes as they are, and says how many. */
  write(bytes: Uint8Array): number {
    if (this.at + bytes.length > this.buffer.length) this.flush();
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
    return bytes.length;
  }

  flush(): void {
    const length = this.at - this.#taken;
    if (length > this.#left)
      throw new FormatError(`${this.#where}: expected as many inflated bytes as are declared, got more`);
    this.#left -= length;
    this.#take(this.buffer.subarray(this.#taken, this.at));
    if (this.at > history) {
      this.buffer.copyWithin(0, this.at - history, this.at);
      this.at = history;
    }
    this.#taken = this.at;
  }

  finish(): void {
    this.flush();
    if (this.#left > 0)
      throw new FormatError(`${this.#where}: expected as many inflated bytes as are declared, got ${this.#left} fewer`);
  }
}
