import {
  ArgumentError,
  broadcastShapes,
  flatData,
  isFloat,
  normalizeDim,
  promote,
  type Shape,
  ShapeError,
  sameShape,
  showShape,
  tryBroadcast,
} from '@tapegrad/tensor';
import * as ops from '../primitives/reduction.ts';
import type { Tensor } from '../tensor.ts';
import { checkFloat, checkNumber, checkOptions, checkTensor } from './operands.ts';
import { reduce } from './reduction.ts';

/** How the losses of the elements become one: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of every loss. */
export interface LossOptions {
  /** Default 'mean'. */
  readonly reduction?: Reduction;
}

/** Options of the losses of probabilities. */
export interface WeightOptions extends LossOptions {
  /** What each element's loss is multiplied by; it broadcasts to the prediction's shape. */
  readonly weight?: Tensor | null;
}

/** Options of `binaryCrossEntropyWithLogits`. */
export interface LogisticOptions extends WeightOptions {
  /** What the losses of positive targets are multiplied by, one for each class: it broadcasts to the prediction's shape. */
  readonly posWeight?: Tensor | null;
}

/** Options of `klDiv`. */
export interface KlOptions {
  /** Default 'mean', over all elements; the divergence itself is 'batchmean', the sum divided by the size of dim 0. */
  readonly reduction?: Reduction | 'batchmean';
  /** Whether the target is given as log-probabilities too. Default false. */
  readonly logTarget?: boolean;
}

export function checkReduction(op: string, reduction: string, ...others: readonly string[]): void {
  const known = ['mean', ...others, 'sum'];
  if (!known.includes(reduction) && reduction !== 'none')
    throw new ArgumentError(
      `${op}: expected reduction to be ${known.map(name => `'${name}'`).join(', ')} or 'none', got ${JSON.stringify(reduction)}`,
    );
}

export function reduced(op: string, losses: Tensor, reduction: Reduction): Tensor {
  checkReduction(op, reduction);
  return reduction === 'mean' ? losses.mean() : reduction === 'sum' ? losses.sum() : losses;
}

/** 0 - x, so that the loss of a perfect prediction is 0 and not -0. */
export const minus = (x: Tensor): Tensor => x.filled([], 0).sub(x);

/** Throws unless prediction and target have one shape: broadcasting here is nearly always a mistake. */
function checkTarget(op: string, x: Tensor, target: unknown): asserts target is Tensor {
  checkTensor(op, 'the target', target);
  if (!sameShape(x.shape, target.shape))
    throw new ShapeError(
      `${op}: expected a target of the prediction's shape ${showShape(x.shape)}, got ${showShape(target.shape)}`,
    );
}

export function elementwiseLoss(
  op: string,
  x: Tensor,
  target: Tensor,
  loss: (x: Tensor, target: Tensor) => Tensor,
  options: LossOptions,
): Tensor {
  const { reduction = 'mean' } = checkOptions(op, options);
  checkReduction(op, reduction);
  checkTarget(op, x, target);
  return reduced(op, loss(x, target), reduction);
}

/** (x - target)², of which the sum, and so the mean, is one fold. */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions): Tensor {
  const { reduction = 'mean' } = checkOptions('mseLoss', options);
  checkReduction('mseLoss', reduction);
  checkTarget('mseLoss', x, target);
  const difference = x.sub(target);
  if (reduction === 'none') return difference.square();
  checkFloat('mseLoss', difference);
  const sum = reduce(ops.sumSquares, difference, undefined, false);
  return reduction === 'sum' ? sum : sum.div(difference.size);
}

export const absoluteError = (x: Tensor, target: Tensor): Tensor => x.sub(target).abs();

/** A parabola d²/2 up to delta, and a line of its slope from there (Huber 1964): c (d - c / 2), c being d held within ± delta. */
export const huber =
  (delta: number) =>
  (x: Tensor, target: Tensor): Tensor => {
    const d = x.sub(target);
    const held = d.clamp(-delta, delta);
    return held.mul(d.sub(held.mul(0.5)));
  };

/**
 * -t log(sigmoid x) - (1 - t) log(1 - sigmoid x), which is (1 - t) x + softplus(-x); with a weight w for what is positive
 * (1 - t) x + (1 + (w - 1) t) softplus(-x).
 */
export function binaryCrossEntropyWithLogits(x: Tensor, target: Tensor, options: LogisticOptions): Tensor {
  const op = 'binaryCrossEntropyWithLogits';
  const { weight, posWeight } = checkOptions(op, options);
  checkFits(op, 'weight', weight, x.shape);
  checkFits(op, 'posWeight', posWeight, x.shape);
  const loss = (x: Tensor, t: Tensor): Tensor => {
    const positive = x.neg().softplus();
    const scaled =
      posWeight === undefined || posWeight === null ? positive : positive.mul(t.mul(posWeight.sub(1)).add(1));
    return times(x.mul(opposite(t)).add(scaled), weight);
  };
  return elementwiseLoss(op, x, target, loss, options);
}

/** 1 - t. */
const opposite = (t: Tensor): Tensor => t.mul(-1).add(1);

const times = (x: Tensor, weight: Tensor | null | undefined): Tensor =>
  weight === undefined || weight === null ? x : x.mul(weight);

/** Throws unless a weight is left out or broadcasts to a shape. */
function checkFits(op: string, name: string, weight: Tensor | null | undefined, shape: Shape): void {
  if (weight === undefined || weight === null) return;
  checkTensor(op, name, weight);
  const out = tryBroadcast(weight.shape, shape);
  if (out === undefined || !sameShape(out, shape))
    throw new ShapeError(
      `${op}: expected ${name} to broadcast to the prediction's shape ${showShape(shape)}, got ${showShape(weight.shape)}`,
    );
}

export function binaryCrossEntropy(p: Tensor, target: Tensor, options: WeightOptions): Tensor {
  const op = 'binaryCrossEntropy';
  const { weight } = checkOptions(op, options);
  checkFloat(op, p);
  checkFits(op, 'weight', weight, p.shape);
  checkTarget(op, p, target);
  checkProbabilities(op, p);
  return elementwiseLoss(op, p, target, (p, t) => times(bernoulliLoss(p, t), weight), options);
}

function checkProbabilities(op: string, p: Tensor): void {
  const data = flatData(p.value);
  for (let i = 0; i < data.length; i++)
    if (!(data[i] >= 0 && data[i] <= 1))
      throw new ArgumentError(
        `${op}: expected probabilities in [0, 1], got ${data[i]}; use sigmoid(), or binaryCrossEntropyWithLogits`,
      );
}

/**
 * -t log p - (1 - t) log(1 - p), the logarithms not below -100. The slope is (p - t) / max(p (1 - p), 1e-12) as in PyTorch:
 * near 0 and 1, where the logarithms have none that is of use, that of a parabola stands in for it.
 */
function bernoulliLoss(p: Tensor, t: Tensor): Tensor {
  const loss = (logP: Tensor, logQ: Tensor): Tensor => minus(t.mul(logP).add(opposite(t).mul(logQ)));
  const held: Tensor = p.detach();
  const values = loss(held.log().clamp(-100), held.neg().log1p().clamp(-100));
  if (!p.requiresGrad) return values;
  const edge = held.mul(opposite(held)).lt(1e-12);
  const parabola = p.mul(p.mul(0.5).sub(t.detach()));
  const inner = p.maskedFill(edge, 0.5);
  return edge.choose(values.add(parabola.sub(parabola.detach()).mul(1e12)), loss(inner.log(), inner.neg().log1p()));
}

/** t (log t - x), or e^t (t - x) of a target of logarithms; 0 where t is 0. */
export function klDiv(x: Tensor, target: Tensor, options: KlOptions): Tensor {
  const op = 'klDiv';
  const { reduction = 'mean', logTarget = false } = checkOptions(op, options);
  checkReduction(op, reduction, 'batchmean');
  if (typeof logTarget !== 'boolean')
    throw new ArgumentError(`${op}: expected logTarget to be true or false, got ${String(logTarget)}`);
  const loss = (x: Tensor, t: Tensor): Tensor =>
    logTarget ? t.exp().mul(t.sub(x)) : t.mul(t.maskedFill(t.eq(0), 1).log()).sub(t.mul(x));
  if (reduction !== 'batchmean') return elementwiseLoss(op, x, target, loss, { reduction });
  const sum = elementwiseLoss(op, x, target, loss, { reduction: 'sum' });
  return x.ndim === 0 ? sum : sum.div(x.shape[0]);
}

/** x · y / (max(|x|, eps) max(|y|, eps)) along `dim`, where the gradient sees through the maxima. */
export function cosineSimilarity(x: Tensor, y: Tensor, dim: number, eps: number): Tensor {
  const op = 'cosineSimilarity';
  checkTensor(op, 'the other operand', y);
  checkNumber(op, 'eps', eps);
  if (!isFloat(promote(x.dtype, y.dtype))) checkFloat(op, x);
  const shape = broadcastShapes(op, x.shape, y.shape);
  normalizeDim(op, dim, shape.length, shape);
  const direction = (v: Tensor): Tensor => {
    const squares = reduce(ops.sumSquares, v, dim, true);
    const missing = squares
      .detach()
      .neg()
      .add(eps * eps)
      .clamp(0);
    return v.div(squares.add(missing).sqrt());
  };
  return direction(x.expand(shape))
    .mul(direction(y.expand(shape)))
    .sum(dim);
}

export function checkPositive(op: string, name: string, value: number): void {
  if (!(value > 0)) throw new ArgumentError(`${op}: expected ${name} > 0, got ${value}`);
}
