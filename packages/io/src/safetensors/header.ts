import { FormatError } from '@tapegrad/tensor';
import type { Reading } from '../reading.ts';
import { clip, quote } from '../text.ts';
import { longestHeader, metadataKey, prefixLength } from './format.ts';

/** What a header says of one tensor; nothing of it has been checked against the data yet. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly tensors: TensorInfo[];
  readonly metadata: Record<string, string>;
  /** Where the data begin, in bytes from the start of the file. */
  readonly dataStart: number;
}

/** The header of a file of `size` bytes that are not trusted: all that can be said without a look at the data. */
export function* readHeader(op: string, size: number): Reading<Header> {
  if (size < prefixLength)
    throw new FormatError(`${op}: expected at least ${prefixLength} bytes, the header's length, got ${size}`);
  const length = headerLength(op, yield { at: 0, length: prefixLength }, size);
  const json = parseHeader(op, yield { at: prefixLength, length });
  const tensors: TensorInfo[] = [];
  let metadata: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(json))
    if (name === metadataKey) metadata = readMetadata(op, value);
    else tensors.push(readInfo(op, name, value));
  return { tensors, metadata, dataStart: prefixLength + length };
}

function headerLength(op: string, prefix: Uint8Array, size: number): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(longestHeader))
    throw new FormatError(
      `${op}: expected a header of at most ${longestHeader} bytes, got one of ${length}; this seems to be no safetensors file`,
    );
  if (Number(length) > size - prefixLength)
    throw new FormatError(
      `${op}: expected a header within the ${size} bytes there are, got one of ${length} from byte ${prefixLength}`,
    );
  return Number(length);
}

function parseHeader(op: string, bytes: Uint8Array): object {
  if (bytes[0] !== 0x7b)
    throw new FormatError(
      `${op}: expected the header, from byte ${prefixLength}, to begin with {; this seems to be no safetensors file`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${op}: expected a header of UTF-8 text, got bytes that are none`, { cause });
  }
  let json: object;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${op}: expected a header of JSON: ${clip(String(Object(cause).message))}`, { cause });
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    throw new FormatError(`${op}: expected every key of the header once, got ${quote(repeated)} twice`);
  return json;
}

/** The first key that an object of a valid JSON text has twice: `JSON.parse` would keep the last without a word. */
function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '{') open.push(new Set());
    else if (c === '[') open.push(null);
    else if (c === '}' || c === ']') open.pop();
    else if (c === '"') {
      const start = at;
      for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
      const keys = open[open.length - 1];
      if (keys == null || !isKey(text, at + 1)) continue;
      const key: string = JSON.parse(text.slice(start, at + 1));
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Whether what follows a string, after white space, makes it a key. */
function isKey(text: string, at: number): boolean {
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

function readMetadata(op: string, value: unknown): Record<string, string> {
  if (!isObject(value)) throw new FormatError(`${op}: expected ${metadataKey} to be an object, got ${show(value)}`);
  const metadata: Record<string, string> = Object.create(null);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw new FormatError(`${op}: expected ${metadataKey} to hold strings, got ${show(text)} under ${quote(key)}`);
    metadata[key] = text;
  }
  return metadata;
}

function readInfo(op: string, name: string, value: unknown): TensorInfo {
  const where = `${op}: tensor ${quote(name)}:`;
  if (!isObject(value))
    throw new FormatError(`${where} expected an object of dtype, shape and data_offsets, got ${show(value)}`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw new FormatError(`${where} expected dtype to be a string, got ${show(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw new FormatError(`${where} expected shape to be a list of whole numbers from 0, got ${show(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1])
    throw new FormatError(
      `${where} expected data_offsets to be two whole numbers [begin, end], 0 <= begin <= end, got ${show(offsets)}`,
    );
  return { name, dtype, shape, begin: offsets[0], end: offsets[1] };
}

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && !Object.is(value, -0);

/** A value of the header in an error message, cut short. Nesting may be deeper than `JSON.stringify` could follow. */
function show(value: unknown): string {
  if (value === undefined) return 'none';
  if (!Array.isArray(value)) return isObject(value) ? 'an object' : clip(showScalar(value));
  return clip(`[${value.slice(0, 40).map(v => (typeof v === 'object' && v !== null ? '…' : showScalar(v)))}]`);
}

/** As the file may have it: -0 and numbers that are beyond all others are not JSON.stringify's. */
const showScalar = (value: unknown): string =>
  typeof value !== 'number' ? JSON.stringify(value) : Object.is(value, -0) ? '-0' : String(value);
