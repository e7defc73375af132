import type { NdArray } from '../../ndarray.ts';
import { contiguous } from '../copy.ts';
import { fastest } from '../matmul.ts';
import type { Multiply } from '../products.ts';
import { plainConv, plainConvTranspose, plainConvWeight } from './plain.ts';
import type { Convolution } from './sizes.ts';
import { stagedConv, stagedConvTranspose, stagedConvWeight } from './staged.ts';

export type { Convolution } from './sizes.ts';

// A convolution is a product of matrices: the weights of a group, [out, in · kernel], times what its windows see, the columns
// [in · kernel, positions]. The columns are made for a tile of positions at a time, which the caches hold: of float32 in
// WebAssembly, otherwise, or where a way to multiply is given, in plain loops.

/** y[n, o, i] = Σ weight[o, c, k] x[n, c, i stride - padding + k dilation]. `y` is contiguous. */
export function convInto(
  y: NdArray,
  input: NdArray,
  kernels: NdArray,
  convolution: Convolution,
  multiply?: Multiply,
): void {
  const [x, weight] = [contiguous(input), contiguous(kernels)];
  if (multiply === undefined && stagedConv(y, x, weight, convolution)) return;
  plainConv(y, x, weight, convolution, multiply ?? fastest(y, x, weight));
}

/** The adjoint of `convInto` in x: x[n, c, i stride - padding + k dilation] = Σ weight[o, c, k] y[n, o, i]. */
export function convTransposeInto(
  x: NdArray,
  output: NdArray,
  kernels: NdArray,
  convolution: Convolution,
  multiply?: Multiply,
): void {
  const [y, weight] = [contiguous(output), contiguous(kernels)];
  if (multiply === undefined && stagedConvTranspose(x, y, weight, convolution)) return;
  plainConvTranspose(x, y, weight, convolution, multiply ?? fastest(x, y, weight));
}

/** The adjoint of `convInto` in the weight: weight[o, c, k] = Σ y[n, o, i] x[n, c, i stride - padding + k dilation]. */
export function convWeightInto(
  weight: NdArray,
  input: NdArray,
  output: NdArray,
  convolution: Convolution,
  multiply?: Multiply,
): void {
  const [x, y] = [contiguous(input), contiguous(output)];
  if (multiply === undefined && stagedConvWeight(weight, x, y, convolution)) return;
  plainConvWeight(weight, x, y, convolution, multiply ?? fastest(weight, x, y));
}
