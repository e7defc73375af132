import { Tensor } from '@tapegrad/autograd';
import {
  ArgumentError,
  allocate,
  bytesPerElement,
  type DType,
  FormatError,
  NdArray,
  showShape,
} from '@tapegrad/tensor';
import { bytesOf, type FileDType, swapToFileOrder } from './format.ts';
import { quote, readHeader, type TensorInfo } from './header.ts';

/** What is in a safetensors file. The objects have no prototype, so that every name is safe. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  /** Empty when the file has none. */
  readonly metadata: Record<string, string>;
}

/**
 * The tensors of a safetensors file by name: F64, F32, I32 and BOOL bit for bit, F16 and BF16 widened to float32, I64,
 * I16, I8 and U8 as int32. They share no memory with `bytes`.
 *
 * @throws FormatError for bytes that are no such file, and for an I64 beyond int32; it says what is wrong, and where.
 */
export function decodeSafetensors(bytes: Uint8Array): Record<string, Tensor> {
  return decode('decodeSafetensors', bytes).tensors;
}

/** The tensors as `decodeSafetensors` gives them, and the metadata: `{ tensors, metadata }`. */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  return decode('readSafetensors', bytes);
}

/** `readSafetensors` under the name that its errors begin with. */
export function decode(op: string, bytes: Uint8Array): Safetensors {
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError(`${op}: expected a Uint8Array, got ${bytes === null ? 'null' : typeof bytes}`);
  const { tensors: infos, metadata, dataStart } = readHeader(op, bytes);
  checkLayout(op, infos, bytes.length - dataStart);
  const data = new DataView(bytes.buffer, bytes.byteOffset + dataStart, bytes.length - dataStart);
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const info of infos) tensors[info.name] = readTensor(op, info, data);
  return { tensors, metadata };
}

/** How an element is stored, and what it becomes; without `read` the bytes are those of the dtype. */
interface Storage {
  readonly width: number;
  readonly dtype: DType;
  /** An element as a number, or undefined where the dtype has no such value. For float32, its bits. */
  readonly read?: (data: DataView, at: number) => number | undefined;
}

const storages: Readonly<Record<FileDType, Storage>> = {
  F64: { width: 8, dtype: 'float64' },
  F32: { width: 4, dtype: 'float32' },
  I32: { width: 4, dtype: 'int32' },
  BOOL: {
    width: 1,
    dtype: 'bool',
    read: (data, at) => (data.getUint8(at) <= 1 ? data.getUint8(at) : undefined),
  },
  F16: { width: 2, dtype: 'float32', read: (data, at) => widenHalf(data.getUint16(at, true)) },
  BF16: { width: 2, dtype: 'float32', read: (data, at) => data.getUint16(at, true) << 16 },
  I64: {
    width: 8,
    dtype: 'int32',
    read: (data, at) => {
      const low = data.getInt32(at, true);
      return data.getInt32(at + 4, true) === low >> 31 ? low : undefined;
    },
  },
  I16: { width: 2, dtype: 'int32', read: (data, at) => data.getInt16(at, true) },
  I8: { width: 1, dtype: 'int32', read: (data, at) => data.getInt8(at) },
  U8: { width: 1, dtype: 'int32', read: (data, at) => data.getUint8(at) },
};

/**
 * The float32 bits of a half: sign 1, exponent 5 (bias 15), fraction 10 bits become sign 1, exponent 8 (bias 127),
 * fraction 23 bits. Every half is a float32, and the bits of a NaN are kept.
 */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal, fraction · 2^-24: the leading one of the fraction becomes the hidden one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/** Throws unless the tensors cover the data, each byte once, and have the lengths that their shapes say. */
function checkLayout(op: string, infos: readonly TensorInfo[], dataLength: number): void {
  for (const { name, dtype, shape, begin, end } of infos) {
    const where = `${op}: tensor ${quote(name)}:`;
    if (!Object.hasOwn(storages, dtype))
      throw new FormatError(`${where} expected a dtype among ${Object.keys(storages).join(' ')}, got ${quote(dtype)}`);
    if (end > dataLength)
      throw new FormatError(`${where} expected it to end within the ${dataLength} bytes of data, got ${end}`);
    const bytes = byteLength(shape, storages[dtype as FileDType].width);
    if (bytes !== end - begin)
      throw new FormatError(
        `${where} expected ${Number.isNaN(bytes) ? 'a shape that fits in memory' : `${bytes} bytes`} for ${dtype} ` +
          `of shape ${showSizes(shape)}, got data_offsets [${begin}, ${end}] of ${end - begin} bytes`,
      );
  }
  let covered = 0;
  for (const { name, begin, end } of infos.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
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

/** The bytes of a shape, or NaN where no number holds them, were it only on the way to a size of 0. */
function byteLength(shape: readonly number[], width: number): number {
  let bytes = width;
  for (const size of shape) {
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) return Number.NaN;
  }
  return bytes;
}

const showSizes = (shape: readonly number[]): string =>
  shape.length > 8 ? `[${shape.slice(0, 8).join(', ')}, … ${shape.length} dims]` : showShape(shape);

function readTensor(op: string, { name, dtype: stored, shape, begin, end }: TensorInfo, data: DataView): Tensor {
  const { width, dtype, read } = storages[stored as FileDType];
  const size = (end - begin) / width;
  const array = allocate(dtype, size);
  if (read === undefined) {
    const bytes = bytesOf(array);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset + begin, bytes.length));
    swapToFileOrder(bytes, bytesPerElement[dtype]);
  } else {
    // As bits: a float32 that passes through a JavaScript number may lose those of a NaN.
    const target = array instanceof Float32Array ? new Int32Array(array.buffer, array.byteOffset, size) : array;
    for (let i = 0; i < size; i++) {
      const element = read(data, begin + i * width);
      if (element === undefined) throw outOfRange(op, name, stored, i, data, begin + i * width);
      target[i] = element;
    }
  }
  return new Tensor(new NdArray(dtype, shape, array));
}

function outOfRange(op: string, name: string, stored: string, i: number, data: DataView, at: number): FormatError {
  const [expected, got] =
    stored === 'BOOL' ? ['0 or 1', data.getUint8(at)] : ['numbers that int32 holds', data.getBigInt64(at, true)];
  return new FormatError(
    `${op}: tensor ${quote(name)}: expected ${stored} to be ${expected}, got ${got} at element ${i}`,
  );
}
