import { ArgumentError, type Shape, ShapeError, sameShape, showShape, sizeOf } from '@tapegrad/tensor';
import { assign } from '../tape/assign.ts';
import { noGrad } from '../tape/mode.ts';
import type { Tensor } from '../tensor.ts';
import { checkFloat, checkList, checkNumber, checkTensor } from './operands.ts';
import { meanSquare } from './reduction.ts';

type Optional = Tensor | null | undefined;

/** The options of layer, RMS and group normalisation. */
export interface NormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

/** The options of batch normalisation. */
export interface BatchNormOptions extends NormOptions {
  /** Whether the statistics are those of the batch, which the running ones then move towards. Default false. */
  readonly training?: boolean;
  /** The share of the new statistics in the running ones: a number, or a tensor of no dims. Default 0.1. */
  readonly momentum?: number | Tensor;
}

/** The option eps; a bare number in the place of the options would else be passed over in silence. */
export function epsOf(op: string, options: NormOptions, otherwise: number): number {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`${op}: expected options such as { eps: ${otherwise} }, got ${String(options)}`);
  const eps = options.eps ?? otherwise;
  checkNumber(op, 'eps', eps);
  return eps;
}

/** (x - mean) / sqrt(variance + eps) over the last dims, of `normalizedShape`, then times weight plus bias. */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight: Optional,
  bias: Optional,
  eps: number,
): Tensor {
  const dims = lastDims('layerNorm', x, normalizedShape);
  const sizes = dims.map(d => x.shape[d]);
  checkAffine('layerNorm', 'weight', weight, sizes);
  checkAffine('layerNorm', 'bias', bias, sizes);
  const centered = x.sub(x.mean(dims, { keepdim: true }));
  return affine(centered.mul(reciprocalRoot(centered, dims, eps)), weight, bias);
}

/** The distance from 1 to the next number of a float dtype. */
export const epsilonOf = (x: Tensor): number => (x.dtype === 'float64' ? Number.EPSILON : 2 ** -23);

/** x / sqrt(mean(x²) + eps) over the last dims, of `normalizedShape`, then times weight. */
export function rmsNorm(x: Tensor, normalizedShape: number | Shape, weight: Optional, eps: number): Tensor {
  const dims = lastDims('rmsNorm', x, normalizedShape);
  checkAffine(
    'rmsNorm',
    'weight',
    weight,
    dims.map(d => x.shape[d]),
  );
  return affine(x.mul(reciprocalRoot(x, dims, eps)), weight, null);
}

/** 1 / sqrt(mean(x²) + eps) over dims, which stay with size 1. */
const reciprocalRoot = (x: Tensor, dims: number[], eps: number): Tensor => meanSquare(x, dims, true).add(eps).rsqrt();

/** As layerNorm over each of the groups that the channels of x [batch, channels, …] are split into. */
export function groupNorm(x: Tensor, groups: number, weight: Optional, bias: Optional, eps: number): Tensor {
  checkChannels('groupNorm', x, weight, bias);
  const [batch, channels, ...rest]: Shape = x.shape;
  checkGroups(x.shape, groups);
  const sizes = [groups, channels / groups, sizeOf(rest)];
  const inner = [...sizes.slice(0, 2), 1];
  const grouped: Tensor = x.reshape([batch, ...sizes]);
  const centered = grouped.sub(grouped.mean([2, 3], { keepdim: true }));
  const scale = affine(reciprocalRoot(centered, [2, 3], eps), weight?.reshape(inner), null);
  return affine(centered.mul(scale), null, bias?.reshape(inner)).reshape(x.shape);
}

function checkGroups(shape: Shape, groups: number): void {
  if (!Number.isInteger(groups) || groups < 1)
    throw new ArgumentError(`groupNorm: expected groups to be a whole number of 1 or more, got ${String(groups)}`);
  if (shape[1] % groups !== 0)
    throw new ShapeError(
      `groupNorm: expected channels that ${groups} divides, got ${shape[1]}, in ${showShape(shape)}`,
    );
  // As in PyTorch, which lets a group of one element pass where the batch has more than one.
  if (sizeOf(shape) / groups === 1)
    throw new ShapeError(`groupNorm: expected more than 1 value per group, got shape ${showShape(shape)}`);
}

/**
 * (x - mean) / sqrt(variance + eps) for each channel of x [batch, channels, …], then times weight plus bias: with the
 * statistics of the batch in training, else with the running ones.
 */
export function batchNorm(
  x: Tensor,
  runningMean: Optional,
  runningVar: Optional,
  weight: Optional,
  bias: Optional,
  eps: number,
  { training = false, momentum = 0.1 }: BatchNormOptions,
): Tensor {
  checkChannels('batchNorm', x, weight, bias);
  checkRunning('running mean', runningMean, x, training);
  checkRunning('running variance', runningVar, x, training);
  checkMomentum(momentum);
  if (!training) {
    const [mean, variance] = [required('running mean', runningMean), required('running variance', runningVar)];
    const scale = scaleOf(variance, eps, weight);
    const shift = affine(mean.mul(scale).neg(), null, bias);
    return affine(x, perChannel(x, scale), perChannel(x, shift));
  }
  const count = valuesPerChannel(x);
  if (count === 0) return affine(x.clone(), perChannel(x, weight), perChannel(x, bias));
  const dims = x.shape.map((_: number, d: number) => d).filter((d: number) => d !== 1);
  const mean: Tensor = x.mean(dims);
  const centered = x.sub(perChannel(x, mean)!);
  const variance: Tensor = meanSquare(centered, dims, false);
  noGrad(() => {
    moveTowards(runningMean, mean, momentum);
    moveTowards(runningVar, variance.mul(count / (count - 1)), momentum);
  });
  return affine(centered, perChannel(x, scaleOf(variance, eps, weight)), perChannel(x, bias));
}

/** weight / sqrt(variance + eps). */
const scaleOf = (variance: Tensor, eps: number, weight: Optional): Tensor =>
  affine(variance.add(eps).rsqrt(), weight, null);

/** A vector with an element for each channel of x, as a view that broadcasts to it. */
const perChannel = (x: Tensor, vector: Optional): Optional =>
  vector?.reshape([x.shape[1], ...x.shape.slice(2).fill(1)]);

/** running := (1 - momentum) running + momentum value. */
function moveTowards(running: Optional, value: Tensor, momentum: number | Tensor): void {
  if (running === null || running === undefined) return;
  const rest = typeof momentum === 'number' ? 1 - momentum : momentum.neg().add(1);
  running.assign(running.mul(rest).add(value.mul(momentum)));
}

function valuesPerChannel(x: Tensor): number {
  const count = sizeOf(x.shape.filter((_: number, d: number) => d !== 1));
  if (count === 1)
    throw new ShapeError(
      `batchNorm: expected more than 1 value per channel when training, got shape ${showShape(x.shape)}`,
    );
  return count;
}

function checkMomentum(momentum: unknown): void {
  if (typeof momentum === 'number') return;
  checkTensor('batchNorm', 'momentum', momentum, 'a number or a tensor of no dims');
  if (momentum.ndim > 0)
    throw new ShapeError(`batchNorm: expected momentum of shape [], got ${showShape(momentum.shape)}`);
}

/** Throws unless a running statistic is left out, or has a float for each channel; and can be overwritten in training. */
function checkRunning(name: string, value: Optional, x: Tensor, training: boolean): void {
  checkAffine('batchNorm', name, value, [x.shape[1]]);
  if (value === null || value === undefined) return;
  checkFloat(`batchNorm: ${name}`, value);
  if (!training) return;
  if (!value.isLeaf)
    throw new ArgumentError(`batchNorm: expected a ${name} that is a leaf in training, got the result of an operation`);
  assign.shape([value.value, value.value], undefined); // Throws for an expanded view.
}

/** A running statistic, without which nothing can be normalised outside of training. */
function required(name: string, value: Optional): Tensor {
  if (value === null || value === undefined)
    throw new ArgumentError(`batchNorm: expected a ${name} outside of training, got ${value}`);
  return value;
}

/** Throws unless x is float of shape [batch, channels, …] and weight and bias have an element for each channel. */
function checkChannels(op: string, x: Tensor, weight: Optional, bias: Optional): void {
  checkFloat(op, x);
  if (x.ndim < 2)
    throw new ShapeError(`${op}: expected an input of shape [batch, channels, ...], got ${showShape(x.shape)}`);
  checkAffine(op, 'weight', weight, [x.shape[1]]);
  checkAffine(op, 'bias', bias, [x.shape[1]]);
}

/** Throws unless a weight or bias is left out or has the shape that is expected. */
function checkAffine(op: string, name: string, value: Optional, expected: Shape): void {
  if (value === null || value === undefined) return;
  checkTensor(op, name, value);
  if (!sameShape(value.shape, expected))
    throw new ShapeError(`${op}: expected ${name} of shape ${showShape(expected)}, got ${showShape(value.shape)}`);
}

function affine(x: Tensor, weight: Optional, bias: Optional): Tensor {
  const scaled = weight === null || weight === undefined ? x : x.mul(weight);
  return bias === null || bias === undefined ? scaled : scaled.add(bias);
}

/** The dims that `normalizedShape` stands for: the last ones of x, which must have just these sizes. */
function lastDims(op: string, x: Tensor, normalizedShape: number | Shape): number[] {
  checkFloat(op, x);
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  checkList(op, 'the normalized shape', shape);
  const lead = x.ndim - shape.length;
  if (shape.length === 0 || lead < 0 || shape.some((n, d) => n !== x.shape[lead + d]))
    throw new ShapeError(
      `${op}: expected an input whose last dims are ${showShape(shape)}, got shape ${showShape(x.shape)}`,
    );
  return shape.map((_, d) => lead + d);
}
