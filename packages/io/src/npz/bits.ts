import { type Code, tableBits } from './huffman.ts';

/**
 * Bits of a piece of input, the lowest of a byte first. Beyond the end of the piece they are 0, and `overrun` tells.
 */
export class Bits {
  #input: Uint8Array = new Uint8Array(0);
  #next = 0;
  #held = 0;
  #count = 0;

  /** Gives back the whole bytes that are held. */
  release(): void {
    this.#next -= this.#count >> 3;
    this.#count &= 7;
    this.#held &= (1 << this.#count) - 1;
  }

  /** Goes on in another piece, which begins with what was left of the one before, after `release`. */
  enter(input: Uint8Array): void {
    this.#input = input;
    this.#next = 0;
  }

  /** How many bytes of the piece have not been taken up yet. */
  get left(): number {
    return this.#input.length - this.#next;
  }

  /** Whether bits beyond the end of the piece were taken. */
  get overrun(): boolean {
    return this.#next - this.#input.length > this.#count >> 3;
  }

  /** The next `n` bits, at most 16, as a number. */
  take(n: number): number {
    this.#hold(n);
    const bits = this.#held & ((1 << n) - 1);
    this.#drop(n);
    return bits;
  }

  /** The symbol that the next bits stand for in `code`, or -1 for none. */
  symbol(code: Code): number {
    this.#hold(15);
    const entry = code.table[this.#held & ((1 << tableBits) - 1)];
    if (entry === 0) return this.#longSymbol(code);
    this.#drop(entry & 15);
    return entry >> 4;
  }

  /** Codes of one length are consecutive numbers, and the first of them is that after the last shorter one, doubled. */
  #longSymbol({ counts, symbols }: Code): number {
    let first = 0;
    let before = 0;
    for (let length = 1, code = 0; length <= 15; length++) {
      code |= (this.#held >> (length - 1)) & 1;
      if (code - first < counts[length]) {
        this.#drop(length);
        return symbols[before + code - first];
      }
      before += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
    return -1;
  }

  /** Leaves out the rest of a byte. */
  align(): void {
    this.release();
    this.#drop(this.#count);
  }

  /** Up to `n` bytes, after `align`. */
  bytes(n: number): Uint8Array {
    const bytes = this.#input.subarray(this.#next, this.#next + n);
    this.#next += bytes.length;
    return bytes;
  }

  #hold(n: number): void {
    while (this.#count < n) {
      this.#held |= (this.#next < this.#input.length ? this.#input[this.#next] : 0) << this.#count;
      this.#next++;
      this.#count += 8;
    }
  }

  #drop(n: number): void {
    this.#held >>>= n;
    this.#count -= n;
  }
}
