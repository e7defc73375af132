import { Tensor } from '@tapegrad/autograd';
import { ArgumentError, bytesPerElement, type DType } from '@tapegrad/tensor';
import { bytesOf, longestHeader, metadataKey, nameOf, prefixLength, swapToFileOrder } from './format.ts';

export interface SafetensorsOptions {
  /** Texts to go with the tensors, such as a vocabulary as JSON. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A safetensors file of tensors by name, a state dict for instance, that `decodeSafetensors` and PyTorch read.
 *
 * The same tensors make the same bytes, in whatever order they are given. The gradients and histories are not in it.
 *
 * @throws ArgumentError for values that are no tensors, metadata that are no strings, names that are not well-formed
 * text, and the name `__metadata__`, which the format keeps for itself.
 * @see https://huggingface.co/docs/safetensors
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsOptions = {},
): Uint8Array {
  return encode('encodeSafetensors', tensors, options);
}

/** `encodeSafetensors` under the name that its errors begin with. */
export function encode(
  op: string,
  tensors: Readonly<Record<string, Tensor>>,
  { metadata }: SafetensorsOptions = {},
): Uint8Array {
  const entries = sorted(op, tensors);
  const header = new TextEncoder().encode(headerText(entries, metadataText(op, metadata)));
  // Spaces at its end let the data begin at a multiple of 8 bytes, the largest alignment.
  const headerLength = Math.ceil(header.length / 8) * 8;
  if (headerLength > longestHeader)
    throw new ArgumentError(
      `${op}: expected names and metadata of at most ${longestHeader} bytes, got a header of ${headerLength}`,
    );
  const total = entries.reduce((bytes, [, x]) => bytes + byteLength(x), 0);
  const out = new Uint8Array(prefixLength + headerLength + total);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.set(header, prefixLength);
  out.fill(0x20, prefixLength + header.length, prefixLength + headerLength);
  let at = prefixLength + headerLength;
  for (const [, x] of entries) {
    const end = at + byteLength(x);
    out.set(bytesOf(x.data), at);
    swapToFileOrder(out.subarray(at, end), bytesPerElement[x.dtype]);
    at = end;
  }
  return out;
}

type Entry = readonly [name: string, x: Tensor];

const byteLength = (x: Tensor): number => x.size * bytesPerElement[x.dtype];

/** The order of the dtypes in a file: that of their alignment, the largest first. */
const rank: Readonly<Record<DType, number>> = { float64: 0, float32: 1, int32: 2, bool: 3 };

/**
 * The tensors by descending alignment of their dtypes, then by name, which keeps each of them aligned: the order of
 * `prepare` in the reference implementation, safetensors/src/tensor.rs (F64, F32, I32, BOOL; names by code point).
 */
function sorted(op: string, tensors: Readonly<Record<string, Tensor>>): Entry[] {
  if (typeof tensors !== 'object' || tensors === null || tensors instanceof Tensor)
    throw new ArgumentError(`${op}: expected an object of tensors by name, got ${kind(tensors)}`);
  const entries = Object.entries(tensors);
  for (const [name, x] of entries) {
    checkText(op, 'a name', name);
    if (name === metadataKey)
      throw new ArgumentError(
        `${op}: expected names of tensors, got ${metadataKey}, which the format keeps for metadata`,
      );
    if (!(x instanceof Tensor))
      throw new ArgumentError(`${op}: expected a tensor under ${JSON.stringify(name)}, got ${kind(x)}`);
  }
  return entries.sort(([a, x], [b, y]) => rank[x.dtype] - rank[y.dtype] || compareByCodePoint(a, b));
}

/** Members are joined by hand: an object would put names that are whole numbers first, and lose `__proto__`. */
function headerText(entries: readonly Entry[], metadata: string): string {
  const members = metadata === '' ? [] : [metadata];
  let at = 0;
  for (const [name, x] of entries) {
    const end = at + byteLength(x);
    const info = { dtype: nameOf[x.dtype], shape: x.shape, data_offsets: [at, end] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
    at = end;
  }
  return `{${members.join(',')}}`;
}

function metadataText(op: string, metadata: Readonly<Record<string, string>> | undefined): string {
  if (metadata === undefined) return '';
  if (typeof metadata !== 'object' || metadata === null)
    throw new ArgumentError(`${op}: expected metadata to be an object of strings, got ${kind(metadata)}`);
  const entries = Object.entries(metadata).sort(([a], [b]) => compareByCodePoint(a, b));
  for (const [key, value] of entries) {
    checkText(op, 'a metadata key', key);
    if (typeof value !== 'string')
      throw new ArgumentError(
        `${op}: expected metadata to be strings, got ${kind(value)} under ${JSON.stringify(key)}; JSON.stringify it`,
      );
    checkText(op, `metadata ${JSON.stringify(key)}`, value);
  }
  return `"${metadataKey}":{${entries.map(entry => entry.map(text => JSON.stringify(text)).join(':')).join(',')}}`;
}

/** A file is UTF-8, which half of a surrogate pair cannot be written in. */
function checkText(op: string, what: string, text: string): void {
  if (/\p{Surrogate}/u.test(text))
    throw new ArgumentError(
      `${op}: expected ${what} of well-formed text, got a lone surrogate in ${JSON.stringify(text)}`,
    );
}

function compareByCodePoint(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < x.length && i < y.length; i++)
    if (x[i] !== y[i]) return x[i].codePointAt(0)! - y[i].codePointAt(0)!;
  return x.length - y.length;
}

const kind = (value: unknown): string =>
  value === null ? 'null' : value instanceof Tensor ? 'a tensor' : Array.isArray(value) ? 'an array' : typeof value;
