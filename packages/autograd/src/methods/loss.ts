import type { Chk, Reduce, Sh, Shape } from '@tapegrad/tensor';
import * as entropy from '../functional/cross-entropy.ts';
import * as loss from '../functional/loss.ts';
import { checkOptions } from '../functional/operands.ts';
import type { Tensor } from '../tensor.ts';
import type { BroadcastArg, BroadcastResult } from '../types.ts';
import { Convolution } from './convolution.ts';

/** How far predictions are from what they should be. */
export abstract class Loss<out S extends Shape = any> extends Convolution<S> {
  /**
   * Cross entropy of logits [batch, classes, …] (or [classes]) with targets: int32 class ids [batch, …], or
   * probabilities of the logits' shape. It is -log softmax(logits) at the target; 'none' keeps [batch, …].
   *
   * @throws IndexError where a target is no class; ShapeError, DTypeError where the targets do not fit.
   * @example
   * ```ts
   * const logits = model.forward(x); // [batch, classes]
   * logits.crossEntropy(ids); // int32 ids [batch]; the mean over the batch
   * logits.crossEntropy(ids, { labelSmoothing: 0.1, ignoreIndex: 0, reduction: 'none' }); // [batch]
   * ```
   */
  crossEntropy(this: Tensor, targets: Tensor, options: entropy.CrossEntropyOptions = {}): Tensor {
    return entropy.crossEntropy(this, targets, options);
  }

  /**
   * Minus the log-probability of each target: log-probabilities [batch, classes, …], int32 class ids [batch, …].
   *
   * @throws IndexError where a target is no class; ShapeError, DTypeError where the targets do not fit.
   */
  nllLoss(this: Tensor, targets: Tensor, options: entropy.NllOptions = {}): Tensor {
    return entropy.nllLoss('nllLoss', this, targets, options);
  }

  /**
   * (x - target)², of which the mean is taken; `{ reduction: 'sum' }` or `'none'` says otherwise. The target has the
   * shape of x: it does not broadcast.
   *
   * @throws ShapeError for a target of another shape; ArgumentError for another reduction.
   */
  mseLoss(this: Tensor, target: Tensor, options: loss.LossOptions = {}): Tensor {
    return loss.mseLoss(this, target, options);
  }

  /**
   * |x - target|, of which the mean is taken; `{ reduction: 'sum' }` or `'none'` says otherwise.
   *
   * @throws ShapeError for a target of another shape; ArgumentError for another reduction.
   */
  l1Loss(this: Tensor, target: Tensor, options: loss.LossOptions = {}): Tensor {
    return loss.elementwiseLoss('l1Loss', this, target, loss.absoluteError, options);
  }

  /**
   * With d = x - target: d² / (2 beta) where |d| < beta, |d| - beta / 2 beyond; the mean of them unless `reduction`
   * says otherwise. beta is 1 by default.
   *
   * @throws ShapeError for a target of another shape; ArgumentError for another reduction.
   */
  smoothL1Loss(this: Tensor, target: Tensor, options: loss.LossOptions & { readonly beta?: number } = {}): Tensor {
    const { beta = 1 } = checkOptions('smoothL1Loss', options);
    if (beta === 0) return loss.elementwiseLoss('smoothL1Loss', this, target, loss.absoluteError, options);
    loss.checkPositive('smoothL1Loss', 'beta', beta);
    return loss.elementwiseLoss('smoothL1Loss', this, target, (x, t) => loss.huber(beta)(x, t).div(beta), options);
  }

  /**
   * With d = x - target: d² / 2 where |d| < delta, delta · (|d| - delta / 2) beyond; the mean of them unless
   * `reduction` says otherwise. delta is 1 by default. Huber 1964.
   *
   * @throws ShapeError for a target of another shape; ArgumentError for a delta that is not above 0, and for another
   * reduction.
   */
  huberLoss(this: Tensor, target: Tensor, options: loss.LossOptions & { readonly delta?: number } = {}): Tensor {
    const { delta = 1 } = checkOptions('huberLoss', options);
    loss.checkPositive('huberLoss', 'delta', delta);
    return loss.elementwiseLoss('huberLoss', this, target, loss.huber(delta), options);
  }

  /**
   * Binary cross entropy of probabilities: -target·log x - (1 - target)·log(1 - x), the logarithms not below -100. In a
   * compiled function only the first call looks at the probabilities; later ones outside of [0, 1] make the loss NaN.
   *
   * @throws ArgumentError where an element is no probability; ShapeError where target or weight do not fit.
   */
  binaryCrossEntropy(this: Tensor, target: Tensor, options: loss.WeightOptions = {}): Tensor {
    return loss.binaryCrossEntropy(this, target, options);
  }

  /**
   * Binary cross entropy of logits: (1 - target)·x + softplus(-x), which does not overflow; `posWeight` multiplies
   * the loss of positive targets. The mean unless `reduction` says otherwise.
   *
   * @throws ShapeError for a target of another shape; ArgumentError for another reduction.
   */
  binaryCrossEntropyWithLogits(this: Tensor, target: Tensor, options: loss.LogisticOptions = {}): Tensor {
    return loss.binaryCrossEntropyWithLogits(this, target, options);
  }

  /**
   * Kullback-Leibler divergence of log-probabilities from a target of probabilities: target·(log target - x), 0 where the
   * target is 0. As in PyTorch 'mean' divides by all elements; 'batchmean' is the divergence itself.
   */
  klDiv(this: Tensor, target: Tensor, options: loss.KlOptions = {}): Tensor {
    return loss.klDiv(this, target, options);
  }

  /**
   * The cosine of the angle between vectors along `dim` (1 by default): x · y / (max(|x|, eps) · max(|y|, eps)). The
   * operands broadcast; eps is 1e-8 by default.
   */
  cosineSimilarity<X extends Tensor, Y extends Tensor, D extends number = 1>(
    this: X,
    other: BroadcastArg<X, Y>,
    dim?: Chk<Reduce<'cosineSimilarity', BroadcastResult<X, Y>, NoInfer<D>, false>, D>,
    options: { readonly eps?: number } = {},
  ): Tensor<Sh<Reduce<'cosineSimilarity', BroadcastResult<X, Y>, D, false>>> {
    const { eps = 1e-8 } = checkOptions('cosineSimilarity', options);
    return loss.cosineSimilarity(this, other as Tensor, (dim as number | undefined) ?? 1, eps);
  }
}
