import { Tensor } from '@tapegrad/autograd';
import { FormatError, NdArray } from '@tapegrad/tensor';
import { readElements } from '../elements/read.ts';
import { byteLength, showByteLength, showSizes } from '../elements/size.ts';
import { isStorageName, storages } from '../elements/storage.ts';
import { type Reading, readBytes } from '../reading.ts';
import { type ReadOptions, wanted } from '../tensors.ts';
import { quote } from '../text.ts';
import { readHeader, type TensorInfo } from './header.ts';

/** What is in a safetensors file. The objects have no prototype, so that every name is safe. */
export interface Safetensors {
  /** The tensors by name. */
  readonly tensors: Record<string, Tensor>;
  /** Empty when the file has none. */
  readonly metadata: Record<string, string>;
}

/**
 * The tensors of a safetensors file by name: F64, F32, I32 and BOOL bit for bit, F16 and BF16 widened to float32, the
 * integers of other widths, signed or not, as int32. They share no memory with `bytes`.
 *
 * @param options.only - the names of the tensors that are wanted, instead of all.
 * @throws FormatError for bytes that are no such file, and for an integer beyond int32; it says what is wrong, and
 * where. ArgumentError for a name in `only` that is not in the file.
 */
export function decodeSafetensors(bytes: Uint8Array, options: ReadOptions = {}): Record<string, Tensor> {
  return readBytes('decodeSafetensors', bytes, size => read('decodeSafetensors', size, options)).tensors;
}

/** The tensors as `decodeSafetensors` gives them, and the metadata: `{ tensors, metadata }`. */
export function readSafetensors(bytes: Uint8Array, options: ReadOptions = {}): Safetensors {
  return readBytes('readSafetensors', bytes, size => read('readSafetensors', size, options));
}

/** Reads a file of `size` bytes; its errors begin with `op`. */
export function* read(op: string, size: number, { only }: ReadOptions = {}): Reading<Safetensors> {
  const { tensors: infos, metadata, dataStart } = yield* readHeader(op, size);
  checkLayout(op, infos, size - dataStart);
  const names = infos.map(({ name }) => name);
  const chosen = wanted(op, names, only);
  const found = new Map<string, Tensor>();
  // In the order of the data, from front to back, and then in that of the header.
  for (const info of infos.toSorted(byPlace))
    if (chosen.has(info.name)) found.set(info.name, yield* readTensor(op, info, dataStart));
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const name of names) if (chosen.has(name)) tensors[name] = found.get(name)!;
  return { tensors, metadata };
}

const byPlace = (a: TensorInfo, b: TensorInfo): number => a.begin - b.begin || a.end - b.end;

/** Throws unless the tensors cover the data, each byte once. */
function checkLayout(op: string, infos: readonly TensorInfo[], dataLength: number): void {
  for (const { name, end } of infos)
    if (end > dataLength)
      throw new FormatError(
        `${op}: tensor ${quote(name)}: expected it to end within the ${dataLength} bytes of data, got ${end}`,
      );
  let covered = 0;
  for (const { name, begin, end } of infos.toSorted(byPlace)) {
    if (begin !== covered)
      throw new FormatError(
        `${op}: tensor ${quote(name)}: expected it to begin at byte ${covered} of the data, ` +
          `where the one before it ends, got ${begin}, which leaves ${begin > covered ? 'a gap' : 'an overlap'}`,
      );
    covered = end;
  }
  if (covered !== dataLength)
    throw new FormatError(
      `${op}: expected the tensors to cover the ${dataLength} bytes of data, ` +
        `got ${dataLength - covered} left over from byte ${covered}`,
    );
}

/** Reads one tensor, unless its dtype is unknown or its shape does not have the length of its data. */
function* readTensor(
  op: string,
  { name, dtype: type, shape, begin, end }: TensorInfo,
  dataStart: number,
): Reading<Tensor> {
  const where = `${op}: tensor ${quote(name)}`;
  if (!isStorageName(type))
    throw new FormatError(`${where}: expected a dtype among ${Object.keys(storages).join(' ')}, got ${quote(type)}`);
  const storage = storages[type];
  const bytes = byteLength(shape, storage.width);
  if (bytes !== end - begin)
    throw new FormatError(
      `${where}: expected ${showByteLength(bytes)} for ${type} of shape ${showSizes(shape)}, ` +
        `got data_offsets [${begin}, ${end}] of ${end - begin} bytes`,
    );
  const stored = { type, storage, littleEndian: true };
  const elements = yield* readElements(where, stored, bytes / storage.width, dataStart + begin);
  return new Tensor(new NdArray(storage.dtype, shape, elements));
}
