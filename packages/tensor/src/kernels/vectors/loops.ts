import type { TypedArray } from '../../dtype.ts';
import type { BinaryLoop, UnaryLoop } from '../loops.ts';
import {
  chunk,
  fewPairs,
  leastElements,
  second,
  type VectorBinary,
  type VectorUnary,
  vectorKernels,
} from './kernels.ts';

/** From this length on the engine copies faster than a loop. */
const longCopy = 48;

/** Copies `n` elements to a place in the memory; what is left of the last vector there becomes zero. */
export function copyIn(floats: Float32Array, at: number, n: number, a: TypedArray, p: number, step: number): void {
  if (step === 1 && n >= longCopy) floats.set(a.subarray(p, p + n), at);
  else if (step === 0 && n >= longCopy) floats.fill(a[p], at, at + n);
  else for (let i = at; i < at + n; i++, p += step) floats[i] = a[p];
  for (let i = at + n; i < ((at + n + 3) & ~3); i++) floats[i] = 0;
}

/** Copies `n` elements from a place in the memory. */
export function copyOut(floats: Float32Array, at: number, n: number, out: TypedArray, o: number): void {
  if (n >= longCopy) out.set(floats.subarray(at, at + n), o);
  else for (let i = 0; i < n; i++) out[o + i] = floats[at + i];
}

/** The bytes of the vectors that hold `n` elements. */
const bytesOf = (n: number): number => (n * 4 + 15) & ~15;

/**
 * The loop of a function on float32 through the scratch memory, four elements at a time; few elements, and all of them
 * where there is no WebAssembly, are left to the plain loop.
 */
export function unaryThroughVectors(name: VectorUnary, plain: UnaryLoop): UnaryLoop {
  const least = leastElements(name);
  return (n, out, o, a, p, sa) => {
    const kernels = n < least ? null : vectorKernels();
    if (kernels === null) return plain(n, out, o, a, p, sa);
    for (let i = 0; i < n; i += chunk) {
      const length = Math.min(chunk, n - i);
      copyIn(kernels.floats, 0, length, a, p + i * sa, sa);
      kernels[name](bytesOf(length));
      copyOut(kernels.floats, 0, length, out, o + i);
    }
  };
}

/** The same for an operation of two operands. */
export function binaryThroughVectors(name: VectorBinary, plain: BinaryLoop): BinaryLoop {
  return (n, out, o, a, p, sa, b, q, sb) => {
    const kernels = n < fewPairs ? null : vectorKernels();
    if (kernels === null) return plain(n, out, o, a, p, sa, b, q, sb);
    for (let i = 0; i < n; i += chunk) {
      const length = Math.min(chunk, n - i);
      copyIn(kernels.floats, 0, length, a, p + i * sa, sa);
      // A scalar is there from the chunk before.
      if (sb !== 0 || i === 0) copyIn(kernels.floats, second, length, b, q + i * sb, sb);
      kernels[name](bytesOf(length));
      copyOut(kernels.floats, 0, length, out, o + i);
    }
  };
}

/**
 * Adds `n` neighbouring float32, or their squares, to a sum that is carried in float64; null for few, and where there is no
 * WebAssembly.
 */
export function sumThroughVectors(
  name: 'sum' | 'sumSquares',
  n: number,
  sum: number,
  a: Float32Array,
  p: number,
): number | null {
  const kernels = n < fewPairs ? null : vectorKernels();
  if (kernels === null) return null;
  for (let i = 0; i < n; i += chunk) {
    const length = Math.min(chunk, n - i);
    copyIn(kernels.floats, 0, length, a, p + i, 1);
    sum += kernels[name](bytesOf(length));
  }
  return sum;
}
