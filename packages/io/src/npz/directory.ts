import { FormatError } from '@tapegrad/tensor';
import type { Reading } from '../reading.ts';
import { quote } from '../text.ts';
import { elsewhere16, elsewhere32, extra64, recordLength, signatures, utf8Flag } from './records.ts';

/** What the directory of a ZIP file says of an entry. */
export interface Entry {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly begin: number;
  /** Where the entry after it, or the directory, begins. */
  readonly end: number;
}

/** The entries of a ZIP file of `size` bytes that are not trusted, in the order of its directory; none overlap. */
export function* readDirectory(op: string, size: number): Reading<Entry[]> {
  const { count, begin, length } = yield* findDirectory(op, size);
  const bytes = (yield { at: begin, length }).slice();
  const entries: Omit<Entry, 'end'>[] = [];
  let at = 0;
  for (let k = 0; k < count; k++) {
    const [entry, next] = readEntry(op, bytes, at, k);
    entries.push(entry);
    at = next;
  }
  if (at !== length)
    throw new FormatError(`${op}: expected ${count} entries in the ZIP directory, got ${length - at} more bytes`);
  return withEnds(op, entries, begin);
}

interface Place {
  readonly count: number;
  readonly begin: number;
  readonly length: number;
  /** Where the record that says so begins. */
  readonly record: number;
}

/** Where the directory is: the record at the end of the file says so, after which there may be a comment. */
function* findDirectory(op: string, size: number): Reading<Place> {
  const length = Math.min(size, recordLength.end + 0xffff);
  const tail = viewOf((yield { at: size - length, length }).slice());
  let at = length - recordLength.end;
  while (
    at >= 0 &&
    !(tail.getUint32(at, true) === signatures.end && tail.getUint16(at + 20, true) === length - at - 22)
  )
    at--;
  if (at < 0) throw new FormatError(`${op}: expected a ZIP file, which ends in a record of its directory, got none`);
  const disks = [tail.getUint16(at + 4, true), tail.getUint16(at + 6, true)];
  const here = tail.getUint16(at + 8, true);
  let place: Place = {
    count: tail.getUint16(at + 10, true),
    length: tail.getUint32(at + 12, true),
    begin: tail.getUint32(at + 16, true),
    record: size - length + at,
  };
  if (disks.some(disk => disk !== 0 && disk !== elsewhere16) || here !== place.count)
    throw new FormatError(`${op}: expected a ZIP file in one part, got one of several`);
  if (place.count === elsewhere16 || place.length === elsewhere32 || place.begin === elsewhere32)
    place = (yield* findDirectory64(op, place.record)) ?? place;
  if (place.begin + place.length !== place.record)
    throw new FormatError(
      `${op}: expected the ZIP directory to end at byte ${place.record}, where its record begins, ` +
        `got ${place.length} bytes from ${place.begin}`,
    );
  return place;
}

/** The same of a file with numbers of 64 bits, whose record is found by another before the one at the end. */
function* findDirectory64(op: string, end: number): Reading<Place | undefined> {
  const at = end - recordLength.locator64;
  if (at < 0) return undefined;
  const locator = viewOf(yield { at, length: recordLength.locator64 });
  if (locator.getUint32(0, true) !== signatures.locator64) return undefined;
  const record = numberAt(locator, 8);
  if (!(record + recordLength.end64 <= at))
    throw new FormatError(`${op}: expected the ZIP64 record before byte ${at}, got it at ${record}`);
  const view = viewOf(yield { at: record, length: recordLength.end64 });
  if (view.getUint32(0, true) !== signatures.end64)
    throw new FormatError(`${op}: expected a ZIP64 record at byte ${record}, got other bytes`);
  return { count: numberAt(view, 32), length: numberAt(view, 40), begin: numberAt(view, 48), record };
}

function readEntry(op: string, bytes: Uint8Array, at: number, k: number): [Omit<Entry, 'end'>, next: number] {
  const cut = () => new FormatError(`${op}: expected entry ${k} of the ZIP directory, got other bytes`);
  if (at + recordLength.entry > bytes.length) throw cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map(field => view.getUint16(field, true));
  const nameEnd = recordLength.entry + nameLength;
  const next = at + nameEnd + extraLength + commentLength;
  if (view.getUint32(0, true) !== signatures.entry || next > bytes.length) throw cut();
  const flags = view.getUint16(8, true);
  const nameBytes = bytes.subarray(at + recordLength.entry, at + nameEnd);
  const name = readName(op, nameBytes, flags);
  const extra = new DataView(view.buffer, view.byteOffset + nameEnd, extraLength);
  const [size, compressedSize, begin] = wideNumbers(
    `${op}: entry ${quote(name)}`,
    [24, 20, 42].map(field => view.getUint32(field, true)),
    extra,
  );
  const [method, crc] = [view.getUint16(10, true), view.getUint32(16, true)];
  return [{ name, nameBytes, flags, method, crc, compressedSize, size, begin }, next];
}

/** Numbers of 32 bits, of which those that are `elsewhere32` stand in an extra field as 64 bits, one after the other. */
function wideNumbers(where: string, numbers: number[], extra: DataView): number[] {
  if (!numbers.includes(elsewhere32)) return numbers;
  let at = 0;
  while (at + 4 <= extra.byteLength && extra.getUint16(at, true) !== extra64) at += 4 + extra.getUint16(at + 2, true);
  const end = at + 4 <= extra.byteLength ? at + 4 + extra.getUint16(at + 2, true) : 0;
  at += 4;
  return numbers.map(number => {
    if (number !== elsewhere32) return number;
    if (at + 8 > Math.min(end, extra.byteLength))
      throw new FormatError(`${where}: expected its sizes as numbers of 64 bits, got none`);
    at += 8;
    return numberAt(extra, at - 8);
  });
}

/** The characters of code page 437 from 128 on. */
const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0';

function readName(op: string, bytes: Uint8Array, flags: number): string {
  if ((flags & utf8Flag) === 0)
    return Array.from(bytes, byte => (byte < 128 ? String.fromCharCode(byte) : codePage437[byte - 128])).join('');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${op}: expected names of entries in UTF-8, got bytes that are none`, { cause });
  }
}

/** Entries with where each has to end, of which none reaches into the next one or the directory. */
function withEnds(op: string, entries: readonly Omit<Entry, 'end'>[], directory: number): Entry[] {
  const order = entries.toSorted((a, b) => a.begin - b.begin);
  const ends = new Map(order.map((entry, k) => [entry, k + 1 < order.length ? order[k + 1].begin : directory]));
  return entries.map(entry => {
    const end = ends.get(entry)!;
    const least = entry.begin + recordLength.local + entry.nameBytes.length + entry.compressedSize;
    if (!(least <= end))
      throw new FormatError(
        `${op}: entry ${quote(entry.name)}: expected it to end before the next one or the directory, at byte ${end}, ` +
          `got ${entry.compressedSize} bytes and their header from byte ${entry.begin}`,
      );
    return { ...entry, end };
  });
}

/** A number of 64 bits; beyond 2^53 it is none of which there could be as many bytes, and not exact. */
const numberAt = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
