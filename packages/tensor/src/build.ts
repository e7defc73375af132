import { allocate, type DType, type NumericArray, type TypedArray } from './dtype.ts';
import { ArgumentError, DTypeError, ShapeError } from './errors.ts';
import { contiguous } from './kernels/copy.ts';
import { NdArray } from './ndarray.ts';
import { type Data, shapeOfData } from './shape/data.ts';
import { type Shape, showShape, sizeOf } from './shape/shape.ts';

/** The kinds of typed arrays that no dtype has: their elements are taken as JavaScript's numbers are. */
const numbers = [Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Uint32Array] as const;

/**
 * The dtype that a typed array's elements make unless another is given, or undefined for arrays that hold no numbers.
 */
export function dtypeOfArray(array: unknown): DType | undefined {
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Float64Array) return 'float64';
  if (array instanceof Int32Array) return 'int32';
  if (array instanceof Uint8Array) return 'bool';
  return numbers.some(kind => array instanceof kind) ? 'float32' : undefined;
}

/**
 * An array of its own from a number, a boolean, nested arrays of them or a typed array. Numbers are float32 (also where
 * booleans are among them) and booleans bool unless `dtype` says otherwise; typed arrays keep their kind, a Uint8Array
 * is bool, and those of other kinds are numbers.
 *
 * @throws ArgumentError for a Uint8Array without a dtype that holds more than 0 and 1: bytes of a picture, say.
 */
export function arrayFrom(data: Data | NumericArray, dtype?: DType, shape?: Shape): NdArray {
  const flat = ArrayBuffer.isView(data) ? data : undefined;
  if (flat !== undefined && dtypeOfArray(flat) === undefined)
    throw new DTypeError(
      `tensor: expected a typed array of numbers, such as a Float32Array, got ${(flat as object).constructor.name}`,
    );
  const own = flat !== undefined ? [flat.length] : shapeOfData(data as Data);
  const out = shape ?? own;
  if (sizeOf(out) !== sizeOf(own))
    throw new ShapeError(`tensor: shape ${showShape(out)} has ${sizeOf(out)} elements, the data has ${sizeOf(own)}`);
  if (dtype === undefined && flat instanceof Uint8Array) checkBools(flat);
  const type = dtype ?? dtypeOfArray(flat) ?? (holdsBooleans(data as Data) ? 'bool' : 'float32');
  const buffer = allocate(type, sizeOf(out));
  if (flat === undefined) fillNested(buffer, 0, data as Data, type === 'bool');
  else if (type === 'bool') for (let i = 0; i < flat.length; i++) buffer[i] = flat[i] !== 0 ? 1 : 0;
  else buffer.set(flat);
  return new NdArray(type, out.slice(), buffer);
}

function checkBools(bytes: Uint8Array): void {
  const at = bytes.findIndex(byte => byte > 1);
  if (at >= 0)
    throw new ArgumentError(
      `tensor: expected a Uint8Array of bools, 0 or 1, got ${bytes[at]} at ${at}; pass { dtype } to take it as numbers`,
    );
}

/** True when all elements are booleans, of which there is one at least. */
function holdsBooleans(data: Data): boolean {
  if (!Array.isArray(data)) return typeof data === 'boolean';
  return data.length > 0 && data.every(holdsBooleans);
}

function fillNested(buffer: TypedArray, at: number, data: Data, asTruth: boolean): number {
  if (Array.isArray(data)) for (const part of data) at = fillNested(buffer, at, part, asTruth);
  else buffer[at++] = asTruth ? Number(Number(data) !== 0) : Number(data);
  return at;
}

/**
 * The elements in row-major order: the buffer's own when the array covers it, else a view or a copy of exactly `size`.
 */
export function flatData(a: NdArray): TypedArray {
  if (!a.contiguous) return contiguous(a).buffer;
  return a.size === a.buffer.length ? a.buffer : a.buffer.subarray(a.offset, a.offset + a.size);
}

/** Nested plain arrays; a number or boolean for a scalar. */
export type Nested = number | boolean | Nested[];

export function toNested(a: NdArray): Nested {
  const flat = flatData(a);
  let at = 0;
  const build = (d: number): Nested => {
    if (d === a.ndim) return a.dtype === 'bool' ? flat[at++] !== 0 : flat[at++];
    return Array.from({ length: a.shape[d] }, () => build(d + 1));
  };
  return build(0);
}
