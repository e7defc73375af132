import { showShape } from '@tapegrad/tensor';

/** The bytes of a shape, or NaN where no number holds them, were it only on the way to a size of 0. */
export function byteLength(shape: readonly number[], width: number): number {
  let bytes = width;
  for (const size of shape) {
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) return Number.NaN;
  }
  return bytes;
}

/** `byteLength` in an error message. */
export const showByteLength = (bytes: number): string =>
  Number.isNaN(bytes) ? 'a shape that fits in memory' : `${bytes} bytes`;

/** A shape from a file, which may be long, in an error message. */
export const showSizes = (shape: readonly number[]): string =>
  shape.length > 8 ? `[${shape.slice(0, 8).join(', ')}, … ${shape.length} dims]` : showShape(shape);
