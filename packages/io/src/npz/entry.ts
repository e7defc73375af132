import type { Tensor } from '@tapegrad/autograd';
import { FormatError } from '@tapegrad/tensor';
import { read } from '../npy/decode.ts';
import { pieceLength, type Reading } from '../reading.ts';
import { quote } from '../text.ts';
import { crc32 } from './crc32.ts';
import type { Entry } from './directory.ts';
import { Feed } from './feed.ts';
import { inflate, mostPerByte } from './inflate.ts';
import { deflated, recordLength, signatures, stored } from './records.ts';

/** Encrypted, a patch, strongly encrypted: the flags of an entry whose bytes are not its content. */
const unreadable = 0x61;

/** The tensor of an entry that is an .npy file, whose bytes are checked against their CRC-32. */
export function* readEntry(op: string, entry: Entry): Reading<Tensor> {
  const where = `${op}: entry ${quote(entry.name)}`;
  const at = yield* findContent(where, entry);
  checkSizes(where, entry);
  const { compressedSize: length, size } = entry;
  const feed = new Feed(read(where, size));
  let crc = 0;
  const take = (piece: Uint8Array) => {
    crc = crc32(piece, crc);
    feed.push(piece);
  };
  if (entry.method === deflated) yield* inflate(where, { at, length }, size, take);
  else for (let k = 0; k < size; k += pieceLength) take(yield { at: at + k, length: Math.min(pieceLength, size - k) });
  if (crc !== entry.crc)
    throw new FormatError(`${where}: expected content of CRC-32 ${hex(entry.crc)}, got ${hex(crc)}`);
  return feed.result!;
}

/** Where the content of an entry begins: after a local header, which has to be that of the entry in the directory. */
function* findContent(where: string, { nameBytes, flags, method, begin, end, compressedSize }: Entry): Reading<number> {
  if ((flags & unreadable) !== 0)
    throw new FormatError(`${where}: expected an entry that is not encrypted, got one that is`);
  if (method !== stored && method !== deflated)
    throw new FormatError(`${where}: expected it to be stored or deflated, method 0 or 8, got method ${method}`);
  const length = recordLength.local + nameBytes.length;
  const bytes = yield { at: begin, length };
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const same =
    view.getUint32(0, true) === signatures.local &&
    view.getUint16(8, true) === method &&
    view.getUint16(26, true) === nameBytes.length &&
    nameBytes.every((byte, k) => bytes[recordLength.local + k] === byte);
  if (!same) throw new FormatError(`${where}: expected its header at byte ${begin}, got other bytes`);
  const at = begin + length + view.getUint16(28, true);
  if (at + compressedSize > end)
    throw new FormatError(`${where}: expected it to end at byte ${end} at the latest, got ${at + compressedSize}`);
  return at;
}

/** Throws for sizes that cannot be, before anything is made of such a size. */
function checkSizes(where: string, { method, compressedSize, size }: Entry): void {
  const most = method === stored ? compressedSize : mostPerByte * compressedSize;
  if (size > most || (method === stored && size < most))
    throw new FormatError(
      `${where}: expected ${method === stored ? '' : 'at most '}${most} bytes from ${compressedSize} that are ` +
        `${method === stored ? 'stored' : 'deflated'}, got ${size} declared`,
    );
}

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');
