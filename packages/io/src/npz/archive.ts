import type { Writing } from '../writing.ts';
import { crc32 } from './crc32.ts';
import { elsewhere16, elsewhere32, extra64, signatures, stored, utf8Flag } from './records.ts';

/** A file that goes into an archive; its chunks may be asked for more than once. */
export interface Member {
  readonly name: string;
  readonly content: Writing;
}

/** From here on numbers are written as 64 bits, as Python does: some programs take those of 32 bits for signed ones. */
const largest32 = 2 ** 31 - 1;
const largestCount = 2 ** 16 - 1;

/**
 * A ZIP file of members that are stored as they are, byte for byte as Python's zipfile writes it for `numpy.savez`: with
 * sizes of 64 bits in the local headers, whatever the size, and dated 1980, so that the same tensors make the same bytes.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function archive(members: readonly Member[]): Writing {
  const files = place(members);
  const directoryStart = files.reduce((end, file) => end + lengthOf(file), 0);
  function* chunks() {
    for (const file of files) {
      for (const chunk of file.content.chunks) file.crc = crc32(chunk, file.crc);
      yield localHeader(file);
      yield* file.content.chunks;
    }
    yield directory(files, directoryStart);
  }
  return { length: directoryStart + directory(files, directoryStart).length, chunks: chunks() };
}

/** A member with its place in the archive, and the CRC-32 that is known once it has been gone through. */
export interface PlacedFile {
  readonly name: Uint8Array;
  readonly content: Writing;
  readonly begin: number;
  crc: number;
}

function place(members: readonly Member[]): PlacedFile[] {
  let begin = 0;
  return members.map(({ name, content }) => {
    const file = { name: new TextEncoder().encode(name), content, begin, crc: 0 };
    begin += lengthOf(file);
    return file;
  });
}

const lengthOf = (file: PlacedFile): number => localHeader(file).length + file.content.length;

const date = (1 << 5) | 1; // 1980-01-01, at 0:00
const version = 45; // of ZIP: the first with numbers of 64 bits
const unix = 3;
const permissions = 0o600 * 2 ** 16;

const flagsOf = (name: Uint8Array): number => (name.some(byte => byte >= 128) ? utf8Flag : 0);

function localHeader({ name, content: { length }, crc }: PlacedFile): Uint8Array {
  const extra = pack('HHQQ', extra64, 16, length, length);
  const sizes = [elsewhere32, elsewhere32, name.length, extra.length];
  const header = pack('IHHHHHIIIHH', signatures.local, version, flagsOf(name), stored, 0, date, crc, ...sizes);
  return join([header, name, extra]);
}

/** The entry of a file in the directory. */
function directoryEntry({ name, content: { length }, crc, begin }: PlacedFile): Uint8Array {
  const wide: number[] = [];
  if (length > largest32) wide.push(length, length);
  if (begin > largest32) wide.push(begin);
  const extra = wide.length === 0 ? pack('') : pack(`HH${'Q'.repeat(wide.length)}`, extra64, 8 * wide.length, ...wide);
  const size = length > largest32 ? elsewhere32 : length;
  const how = [version | (unix << 8), version, flagsOf(name), stored, 0, date];
  const sizes = [size, size, name.length, extra.length];
  const rest = [0, 0, 0, permissions, begin > largest32 ? elsewhere32 : begin];
  return join([pack('IHHHHHHIIIHHHHHII', signatures.entry, ...how, crc, ...sizes, ...rest), name, extra]);
}

/** The directory of an archive, and the records at its end that say where it is. */
export function directory(files: readonly PlacedFile[], begin: number): Uint8Array {
  const entries = join(files.map(directoryEntry));
  const [count, length] = [files.length, entries.length];
  const parts = [entries];
  if (count > largestCount || begin > largest32 || length > largest32) {
    parts.push(pack('IQHHIIQQQQ', signatures.end64, 44, version, version, 0, 0, count, count, length, begin));
    parts.push(pack('IIQI', signatures.locator64, 0, begin + length, 1));
  }
  const few = Math.min(count, elsewhere16);
  const place = [Math.min(length, elsewhere32), Math.min(begin, elsewhere32)];
  parts.push(pack('IHHHHIIH', signatures.end, 0, 0, few, few, ...place, 0));
  return join(parts);
}

const widths: Readonly<Record<string, number>> = { H: 2, I: 4, Q: 8 };

/** Whole numbers as bytes, little-endian: H of 16 bits, I of 32, Q of 64. */
function pack(form: string, ...numbers: number[]): Uint8Array {
  const bytes = new Uint8Array([...form].reduce((length, letter) => length + widths[letter], 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [k, letter] of [...form].entries()) {
    if (letter === 'H') view.setUint16(at, numbers[k], true);
    else if (letter === 'I') view.setUint32(at, numbers[k], true);
    else view.setBigUint64(at, BigInt(numbers[k]), true);
    at += widths[letter];
  }
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
