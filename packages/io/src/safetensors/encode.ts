import type { Tensor } from '@tapegrad/autograd';
import { ArgumentError, type DType } from '@tapegrad/tensor';
import { type Elements, elementsOf } from '../elements/write.ts';
import { checkText, namedTensors } from '../tensors.ts';
import { kindOf, quote } from '../text.ts';
import { collect, type Writing } from '../writing.ts';
import { longestHeader, metadataKey, nameOf, prefixLength } from './format.ts';

/** What a safetensors file holds beside tensors. */
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
  return collect('encodeSafetensors', write('encodeSafetensors', tensors, options));
}

/** What `encodeSafetensors` makes, under the name that its errors begin with. */
export function write(
  op: string,
  tensors: Readonly<Record<string, Tensor>>,
  { metadata }: SafetensorsOptions = {},
): Writing {
  const entries = sorted(op, tensors);
  const header = headerBytes(op, entries, metadataText(op, metadata));
  function* chunks() {
    yield header;
    for (const { elements } of entries) yield* elements.pieces();
  }
  return { length: entries.reduce((sum, { elements }) => sum + elements.length, header.length), chunks: chunks() };
}

interface Entry {
  readonly name: string;
  readonly x: Tensor;
  readonly elements: Elements;
}

/** The order of the dtypes in a file: that of their alignment, the largest first. */
const rank: Readonly<Record<DType, number>> = { float64: 0, float32: 1, int32: 2, bool: 3 };

/**
 * The tensors by descending alignment of their dtypes, then by name, which keeps each of them aligned: the order of
 * `prepare` in the reference implementation, safetensors/src/tensor.rs (F64, F32, I32, BOOL; names by code point).
 */
function sorted(op: string, tensors: Readonly<Record<string, Tensor>>): Entry[] {
  const entries = namedTensors(op, tensors);
  if (entries.some(([name]) => name === metadataKey))
    throw new ArgumentError(
      `${op}: expected names of tensors, got ${metadataKey}, which the format keeps for metadata`,
    );
  return entries
    .sort(([a, x], [b, y]) => rank[x.dtype] - rank[y.dtype] || compareByCodePoint(a, b))
    .map(([name, x]) => ({ name, x, elements: elementsOf(`${op}: ${quote(name)}`, x) }));
}

/** The header, with its length before it. */
function headerBytes(op: string, entries: readonly Entry[], metadata: string): Uint8Array {
  const text = new TextEncoder().encode(headerText(entries, metadata));
  // Spaces at its end let the data begin at a multiple of 8 bytes, the largest alignment.
  const length = Math.ceil(text.length / 8) * 8;
  if (length > longestHeader)
    throw new ArgumentError(
      `${op}: expected names and metadata of at most ${longestHeader} bytes, got a header of ${length}`,
    );
  const bytes = new Uint8Array(prefixLength + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, prefixLength);
  bytes.set(text, prefixLength);
  return bytes;
}

/** Members are joined by hand: an object would put names that are whole numbers first, and lose `__proto__`. */
function headerText(entries: readonly Entry[], metadata: string): string {
  const members = metadata === '' ? [] : [metadata];
  let at = 0;
  for (const { name, x, elements } of entries) {
    const end = at + elements.length;
    const info = { dtype: nameOf[x.dtype], shape: x.shape, data_offsets: [at, end] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
    at = end;
  }
  return `{${members.join(',')}}`;
}

function metadataText(op: string, metadata: Readonly<Record<string, string>> | undefined): string {
  if (metadata === undefined) return '';
  if (typeof metadata !== 'object' || metadata === null)
    throw new ArgumentError(`${op}: expected metadata to be an object of strings, got ${kindOf(metadata)}`);
  const entries = Object.entries(metadata).sort(([a], [b]) => compareByCodePoint(a, b));
  for (const [key, value] of entries) {
    checkText(op, 'a metadata key', key);
    if (typeof value !== 'string')
      throw new ArgumentError(
        `${op}: expected metadata to be strings, got ${kindOf(value)} under ${JSON.stringify(key)}; JSON.stringify it`,
      );
    checkText(op, `metadata ${JSON.stringify(key)}`, value);
  }
  return `"${metadataKey}":{${entries.map(entry => entry.map(text => JSON.stringify(text)).join(':')).join(',')}}`;
}

function compareByCodePoint(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < x.length && i < y.length; i++)
    if (x[i] !== y[i]) return x[i].codePointAt(0)! - y[i].codePointAt(0)!;
  return x.length - y.length;
}
