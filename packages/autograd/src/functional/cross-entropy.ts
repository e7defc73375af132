import {
  ArgumentError,
  DTypeError,
  flatData,
  IndexError,
  isFloat,
  ShapeError,
  sameShape,
  showShape,
} from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { checkReduction, type LossOptions, minus, type Reduction, reduced } from './loss.ts';
import { checkOptions, checkTensor } from './operands.ts';

/** Options of `nllLoss`. */
export interface NllOptions extends LossOptions {
  /** A weight for each class, of shape [classes]; 'mean' then divides by the weights of the targets. */
  readonly weight?: Tensor | null;
  /** Targets of this id count nothing. Default -100. */
  readonly ignoreIndex?: number;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllOptions {
  /** s of the mixture of the targets and the uniform distribution, (1 - s) target + s / classes. Default 0. */
  readonly labelSmoothing?: number;
}

const toIds = "make ids with { dtype: 'int32' } or to('int32')";

/** -log p of the target class; classes are on dim 1 (dim 0 of an input without a batch). */
export function nllLoss(op: string, logProbabilities: Tensor, targets: Tensor, options: NllOptions): Tensor {
  const { reduction = 'mean', weight, ignoreIndex = -100 } = checkOptions(op, options);
  checkReduction(op, reduction);
  const x = logProbabilities;
  const dim = x.ndim === 1 ? 0 : 1;
  const { ids, mask } = checkTargets(op, x, targets, dim, ignoreIndex);
  checkWeight(op, weight, x.shape[dim]);
  const picked = x.gather(dim, ids.unsqueeze(dim)).squeeze(dim);
  const weights = weight?.take(ids);
  const values = weights === undefined ? picked : picked.mul(weights);
  return minus(reduceTargets(op, values, weights, mask, reduction));
}

/** The values of the targets, ignored ones left out, as one; the mean is that of the weights of those that count. */
function reduceTargets(
  op: string,
  values: Tensor,
  weights: Tensor | undefined,
  mask: Tensor | undefined,
  reduction: Reduction,
): Tensor {
  const counting = mask === undefined ? values : values.maskedFill(mask, 0);
  if (reduction !== 'mean' || (weights === undefined && mask === undefined)) return reduced(op, counting, reduction);
  const shares = weights ?? values.filled(values.shape, 1);
  return counting.sum().div((mask === undefined ? shares : shares.maskedFill(mask, 0)).sum());
}

function checkWeight(op: string, weight: Tensor | null | undefined, classes: number): void {
  if (weight === undefined || weight === null) return;
  checkTensor(op, 'weight', weight);
  if (weight.ndim !== 1 || weight.shape[0] !== classes)
    throw new ShapeError(
      `${op}: expected weight of shape [${classes}], one for each class, got ${showShape(weight.shape)}`,
    );
}

/** Class ids with the ignored ones made 0, and the mask of those, if there are any. */
function checkTargets(
  op: string,
  x: Tensor,
  targets: Tensor,
  dim: number,
  ignoreIndex: number,
): { ids: Tensor; mask?: Tensor } {
  checkTensor(op, 'the targets', targets);
  if (targets.dtype !== 'int32')
    throw new DTypeError(`${op}: expected int32 class ids as targets, got dtype ${targets.dtype}; ${toIds}`);
  const expected = x.shape.filter((_: number, d: number) => d !== dim);
  if (x.ndim === 0 || !sameShape(targets.shape, expected))
    throw new ShapeError(
      `${op}: expected targets of shape ${showShape(expected)} for an input of shape ${showShape(x.shape)} (classes on dim ${dim}), got ${showShape(targets.shape)}`,
    );
  const classes = x.shape[dim];
  const data = flatData(targets.value);
  // Whether a class is ignored is not left to these targets: other ones may be put in their place, and be in range.
  let ignores = ignoreIndex >= 0 && ignoreIndex < classes;
  for (let i = 0; i < data.length; i++) {
    if (data[i] === ignoreIndex) ignores = true;
    else if (data[i] < 0 || data[i] >= classes)
      throw new IndexError(
        `${op}: targets must lie in 0..${classes - 1} (the classes of shape ${showShape(x.shape)}), got ${data[i]}`,
      );
  }
  if (!ignores) return { ids: targets };
  const mask = targets.eq(ignoreIndex);
  return { ids: targets.maskedFill(mask, 0), mask };
}

/** -sum of target times log softmax, with targets given as ids or as probabilities. */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions): Tensor {
  const op = 'crossEntropy';
  const { reduction = 'mean', labelSmoothing = 0 } = checkOptions(op, options);
  checkReduction(op, reduction);
  checkTensor(op, 'the targets', targets);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ArgumentError(`${op}: expected labelSmoothing in [0, 1], got ${labelSmoothing}`);
  if (logits.ndim === 0) throw new ShapeError(`${op}: expected logits of shape [batch, classes, …], got a scalar`);
  const dim = logits.ndim === 1 ? 0 : 1;
  const logp = logits.logSoftmax(dim);
  if (isFloat(targets.dtype)) return softCrossEntropy(op, logp, targets, dim, options);
  const hard = nllLoss(op, logp, targets, options);
  if (labelSmoothing === 0) return hard;
  return hard.mul(1 - labelSmoothing).add(smoothLoss(op, logp, targets, dim, options).mul(labelSmoothing));
}

/** Cross entropy against the uniform distribution, with the weights and the ignored targets of `nllLoss`. */
function smoothLoss(op: string, logp: Tensor, targets: Tensor, dim: number, options: CrossEntropyOptions): Tensor {
  const { reduction = 'mean', weight, ignoreIndex = -100 } = options;
  const classes = logp.shape[dim];
  const { ids, mask } = checkTargets(op, logp, targets, dim, ignoreIndex);
  const sums = weighted(logp, weight, dim).sum(dim);
  return minus(reduceTargets(op, sums, weight?.take(ids), mask, reduction).div(classes));
}

/** x times a weight for each class along `dim`. */
function weighted(x: Tensor, weight: Tensor | null | undefined, dim: number): Tensor {
  if (weight === undefined || weight === null) return x;
  return x.mul(weight.reshape(x.shape.map((n: number, d: number) => (d === dim ? n : 1))));
}

function softCrossEntropy(
  op: string,
  logp: Tensor,
  targets: Tensor,
  dim: number,
  options: CrossEntropyOptions,
): Tensor {
  const { reduction = 'mean', weight, ignoreIndex = -100, labelSmoothing = 0 } = options;
  if (ignoreIndex >= 0)
    throw new ArgumentError(`${op}: expected class ids as targets where ignoreIndex is given, got probabilities`);
  if (!sameShape(logp.shape, targets.shape)) {
    const ids = logp.shape.filter((_: number, d: number) => d !== dim);
    const cure = sameShape(targets.shape, ids) ? `; ${toIds}` : '';
    throw new ShapeError(
      `${op}: expected targets that are int32 class ids of shape ${showShape(ids)}, or probabilities of the logits' shape ${showShape(logp.shape)}, got ${targets.dtype} of shape ${showShape(targets.shape)}${cure}`,
    );
  }
  checkWeight(op, weight, logp.shape[dim]);
  const classes = logp.shape[dim];
  const smooth = labelSmoothing === 0 ? targets : targets.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  return minus(reduced(op, weighted(logp.mul(smooth), weight, dim).sum(dim), reduction));
}
