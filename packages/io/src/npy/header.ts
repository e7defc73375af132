import { type DType, FormatError } from '@tapegrad/tensor';
import type { Reading } from '../reading.ts';
import { descrOf } from './descr.ts';
import { type Description, parseDescription } from './literal.ts';

/** \x93NUMPY */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Longer ones are written by nobody: NumPy itself reads no more than 10000 bytes. */
const longestHeader = 1 << 20;

/** The data begin at a multiple of this. */
const alignment = 64;

/**
 * The header of an .npy file as NumPy writes it, byte for byte: \x93NUMPY, the version, the length of what follows (2
 * bytes little-endian, from version 2.0 on 4), and a Python dictionary that is filled up with spaces and ends a line.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function writeHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  // Room for the first size to grow to 21 digits in place.
  const room = shape.length === 0 ? 0 : 21 - `${shape[0]}`.length;
  const text = `{'descr': '${descrOf[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }${' '.repeat(room)}`;
  const short = lengthWithin(text, 10) <= 0xffff;
  const prefixLength = short ? 10 : 12;
  const length = lengthWithin(text, prefixLength);
  const bytes = new Uint8Array(prefixLength + length).fill(0x20);
  bytes.set([...magic, short ? 1 : 2, 0]);
  const view = new DataView(bytes.buffer);
  if (short) view.setUint16(8, length, true);
  else view.setUint32(8, length, true);
  bytes.set(new TextEncoder().encode(text), prefixLength);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

/** The length of a header with its new line and at least one space, aligned. */
const lengthWithin = (text: string, prefixLength: number): number => {
  const end = prefixLength + text.length + 1;
  return end + alignment - (end % alignment) - prefixLength;
};

export interface Header extends Description {
  /** Where the data begin, in bytes from the start of the file. */
  readonly dataStart: number;
}

/** The header of a file of `size` bytes that are not trusted. */
export function* readHeader(where: string, size: number): Reading<Header> {
  if (size < 10) throw new FormatError(`${where}: expected an .npy file of at least 10 bytes, got ${size}`);
  const start = yield { at: 0, length: 10 };
  if (magic.some((byte, i) => start[i] !== byte))
    throw new FormatError(`${where}: expected an .npy file, which begins with \\x93NUMPY, got other bytes`);
  const [major, minor] = start.subarray(6);
  if (major < 1 || major > 3 || minor !== 0)
    throw new FormatError(`${where}: expected version 1.0, 2.0 or 3.0 of .npy, got ${major}.${minor}`);
  let length = start[8] | (start[9] << 8);
  let headerStart = 10;
  if (major > 1) {
    if (size < 12) throw new FormatError(`${where}: expected an .npy file of at least 12 bytes, got ${size}`);
    const rest = yield { at: 10, length: 2 };
    length += rest[0] * 2 ** 16 + rest[1] * 2 ** 24;
    headerStart = 12;
  }
  if (length > longestHeader)
    throw new FormatError(`${where}: expected a header of at most ${longestHeader} bytes, got one of ${length}`);
  if (length > size - headerStart)
    throw new FormatError(
      `${where}: expected a header within the ${size} bytes there are, got one of ${length} from byte ${headerStart}`,
    );
  const text = asciiOf(yield { at: headerStart, length });
  return { ...parseDescription(where, text), dataStart: headerStart + length };
}

/** Bytes as characters: what is no ASCII has no place in a header that is accepted, whatever its version. */
function asciiOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
