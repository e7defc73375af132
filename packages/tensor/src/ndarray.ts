import { allocate, type DType, type TypedArray } from './dtype.ts';
import { ArgumentError } from './errors.ts';
import { rowMajorStrides, type Shape, showShape, sizeOf } from './shape/shape.ts';

/**
 * A typed array seen through a shape and strides.
 *
 * Element `[i, j, …]` lies at `offset + i * strides[0] + j * strides[1] + …` of `buffer`. A view shares the buffer of
 * its `base`, so that an assignment to one shows in the other. Shapes and strides are never changed after construction.
 */
export class NdArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly size: number;
  readonly offset: number;
  /** True when the elements lie in row-major order without gaps. */
  readonly contiguous: boolean;
  /** The array that owns the buffer: itself, unless this is a view. */
  readonly base: NdArray;
  /** When the buffer was last overwritten, on the tape's clock; 0 for never. Kept by the base. */
  overwrittenAt = 0;
  /** True while the one who owns this array lets an operation write its result into it. */
  spare = false;
  #buffer: TypedArray;
  #strides: readonly number[] | undefined;

  constructor(dtype: DType, shape: Shape, buffer: TypedArray, base?: NdArray, strides?: readonly number[], offset = 0) {
    this.dtype = dtype;
    this.shape = shape;
    this.size = base === undefined ? buffer.length : sizeOf(shape);
    this.offset = offset;
    this.base = base ?? this;
    this.#buffer = buffer;
    this.#strides = strides;
    this.contiguous = strides === undefined || isRowMajor(shape, strides);
  }

  get buffer(): TypedArray {
    return this.base.#buffer;
  }

  get strides(): readonly number[] {
    return (this.#strides ??= rowMajorStrides(this.shape));
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** The same buffer under another shape and strides (in elements), starting at `offset`. */
  view(shape: Shape, strides: readonly number[] | undefined, offset = this.offset): NdArray {
    return new NdArray(this.dtype, shape, this.buffer, this.base, strides, offset);
  }

  /**
   * Copies the elements into `buffer`, which from then on is the buffer of this array and of all views of it.
   *
   * @throws ArgumentError on a view, and for a buffer of another kind or length; then nothing has changed.
   */
  moveTo(buffer: TypedArray): void {
    const own = this.#buffer;
    if (this.base !== this)
      throw new ArgumentError(
        `moveTo: expected an array with a buffer of its own, got a view, of shape ${showShape(this.shape)}`,
      );
    if (buffer.constructor !== own.constructor || buffer.length !== own.length)
      throw new ArgumentError(
        `moveTo: expected a ${own.constructor.name} of ${own.length} elements, got a ${buffer.constructor.name} of ${buffer.length}`,
      );
    buffer.set(own);
    this.#buffer = buffer;
  }
}

/** An array of zeros. */
export function emptyArray(shape: Shape, dtype: DType = 'float32'): NdArray {
  return new NdArray(dtype, shape, allocate(dtype, sizeOf(shape)));
}

function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const n = shape[d];
    if (n === 0) return true;
    if (n !== 1 && strides[d] !== expected) return false;
    expected *= n;
  }
  return true;
}
