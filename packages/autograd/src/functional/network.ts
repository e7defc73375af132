import {
  ArgumentError,
  emptyArray,
  type Generator,
  type Shape,
  ShapeError,
  sameShape,
  showShape,
  type TypedArray,
} from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { checkFloat, checkList, checkNumber, checkTensor } from './operands.ts';

/** (x - mean) / sqrt(variance + eps) over the last dims, of `normalizedShape`, then times weight plus bias. */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
  eps: number,
): Tensor {
  checkFloat('layerNorm', x);
  const dims = lastDims('layerNorm', x, normalizedShape);
  checkAffine('layerNorm', 'weight', weight, x, dims);
  checkAffine('layerNorm', 'bias', bias, x, dims);
  const centered = x.sub(x.mean(dims, { keepdim: true }));
  const scale = centered.square().mean(dims, { keepdim: true }).add(eps).rsqrt();
  return affine(centered.mul(scale), weight, bias);
}

/** Throws unless a weight or bias is left out or has the shape of the normalised dims. */
function checkAffine(op: string, name: string, value: Tensor | null | undefined, x: Tensor, dims: number[]): void {
  if (value === null || value === undefined) return;
  checkTensor(op, name, value);
  const expected = dims.map(d => x.shape[d]);
  if (!sameShape(value.shape, expected))
    throw new ShapeError(`${op}: expected ${name} of shape ${showShape(expected)}, got ${showShape(value.shape)}`);
}

function affine(x: Tensor, weight: Tensor | null | undefined, bias: Tensor | null | undefined): Tensor {
  const scaled = weight === null || weight === undefined ? x : x.mul(weight);
  return bias === null || bias === undefined ? scaled : scaled.add(bias);
}

/** The dims that `normalizedShape` stands for: the last ones of x, which must have just these sizes. */
function lastDims(op: string, x: Tensor, normalizedShape: number | Shape): number[] {
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  checkList(op, 'the normalized shape', shape);
  const lead = x.ndim - shape.length;
  if (shape.length === 0 || lead < 0 || shape.some((n, d) => n !== x.shape[lead + d]))
    throw new ShapeError(
      `${op}: expected an input whose last dims are ${showShape(shape)}, got shape ${showShape(x.shape)}`,
    );
  return shape.map((_, d) => lead + d);
}

/**
 * Each element is zero with probability p, and the others are divided by 1 - p, so that the mean stays (Srivastava et
 * al. 2014). The mask is drawn from `generator`, one uniform number an element.
 */
export function dropout(x: Tensor, p: number, training: boolean, generator: Generator): Tensor {
  checkNumber('dropout', 'p', p);
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`dropout: expected a probability p in [0, 1], got ${p}`);
  if (!training || p === 0) return x;
  checkFloat('dropout', x);
  const scale = p === 1 ? 0 : 1 / (1 - p);
  const mask = emptyArray(x.shape, x.dtype);
  drawMask(mask.buffer, p, scale, generator);
  return x.mul(x.fresh(mask, data => drawMask(data, p, scale, generator)));
}

function drawMask(data: TypedArray, p: number, scale: number, generator: Generator): void {
  for (let i = 0; i < data.length; i++) data[i] = generator.uniform() < p ? 0 : scale;
}
