/** The longest code there is, in bits. */
const longestCode = 15;
/** Codes of up to this many bits are found in a table at once, longer ones bit by bit. */
export const tableBits = 9;

/** A Huffman code of deflate: which symbol a sequence of bits stands for. */
export interface Code {
  /** By the next `tableBits` bits: the symbol · 16 + the length of its code, or 0 where that is longer. */
  readonly table: Uint16Array;
  /** How many codes there are of each length. */
  readonly counts: Uint16Array;
  /** The symbols in the order of their codes. */
  readonly symbols: Uint16Array;
}

/**
 * The code in which symbol k has `lengths[k]` bits, 0 for none: shorter codes come first, then lower symbols (RFC 1951,
 * 3.2.2). Undefined where there are more codes than bits allow, and where bits are left over; but one code of one bit,
 * and none at all, are allowed where `partial` is.
 */
export function makeCode(lengths: Uint8Array, partial: boolean): Code | undefined {
  const counts = new Uint16Array(longestCode + 1);
  for (const length of lengths) counts[length]++;
  const used = lengths.length - counts[0];
  counts[0] = 0;
  const first = new Uint16Array(longestCode + 2);
  let free = 1;
  for (let length = 1; length <= longestCode; length++) {
    free = 2 * free - counts[length];
    if (free < 0) return undefined;
    first[length + 1] = first[length] + counts[length];
  }
  if (free > 0 && !(partial && used === counts[1])) return undefined;
  const symbols = new Uint16Array(used);
  for (let symbol = 0; symbol < lengths.length; symbol++)
    if (lengths[symbol] > 0) symbols[first[lengths[symbol]]++] = symbol;
  return { table: makeTable(counts, symbols), counts, symbols };
}

function makeTable(counts: Uint16Array, symbols: Uint16Array): Uint16Array {
  const table = new Uint16Array(1 << tableBits);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= tableBits; length++) {
    for (let k = 0; k < counts[length]; k++, code++) {
      const entry = (symbols[next++] << 4) | length;
      for (let at = reverse(code, length); at < table.length; at += 1 << length) table[at] = entry;
    }
    code <<= 1;
  }
  return table;
}

/** A code begins with its highest bit, and the bits of a byte with the lowest. */
function reverse(code: number, length: number): number {
  let reversed = 0;
  for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
  return reversed;
}
