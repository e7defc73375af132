import {
  type Attention,
  type Chk,
  defaultGenerator,
  type Generator,
  type Scores,
  type Sh,
  type Shape,
} from '@tapegrad/tensor';
import { type AttentionOptions, attention } from '../functional/attention.ts';
import * as loss from '../functional/loss.ts';
import * as network from '../functional/network.ts';
import type { Tensor } from '../tensor.ts';
import { Linear } from './linear.ts';

/** What networks are made of beyond matmul: normalisation, dropout and losses. */
export abstract class Network<out S extends Shape = any> extends Linear<S> {
  /**
   * (x - mean) / sqrt(variance + eps) over the last dims, whose sizes are `normalizedShape`; then times `weight` plus
   * `bias`, both of that shape. Ba, Kiros and Hinton 2016. eps is 1e-5 by default.
   */
  layerNorm<X extends Tensor>(
    this: X,
    normalizedShape: number | Shape,
    weight?: Tensor | null,
    bias?: Tensor | null,
    options: { readonly eps?: number } = {},
  ): Tensor<X['shape']> {
    return network.layerNorm(this, normalizedShape, weight, bias, options.eps ?? 1e-5);
  }

  /**
   * Zeros with probability p, the other elements divided by 1 - p; x itself when not training. p is 0.5 by default.
   * Srivastava et al. 2014.
   */
  dropout<X extends Tensor>(
    this: X,
    p = 0.5,
    options: { readonly training?: boolean; readonly generator?: Generator } = {},
  ): Tensor<X['shape']> {
    return network.dropout(this, p, options.training ?? true, options.generator ?? defaultGenerator());
  }

  /**
   * softmax(q k^T / √E + mask) v, with this tensor as the queries q [..., L, E], keys [..., S, E] and values [..., S, Ev]:
   * [..., L, Ev], of leading dims that broadcast. Vaswani et al. 2017.
   *
   * A bool `mask` is true where a query may look, a float one is added; `causal` lets query i see keys 0..i alone. A query
   * that the mask hides every key from gives zeros, and gets no gradient.
   *
   * @throws ShapeError where the shapes do not fit; DTypeError for q, k and v that are not of one float dtype.
   */
  scaledDotProductAttention<X extends Tensor, K extends Tensor, V extends Tensor>(
    this: X,
    k: Chk<Scores<X['shape'], K['shape']>, K>,
    v: Chk<Attention<X['shape'], K['shape'], V['shape']>, V>,
    options: AttentionOptions = {},
  ): Tensor<Sh<Attention<X['shape'], K['shape'], V['shape']>>> {
    return attention(this, k as Tensor, v as Tensor, options);
  }

  /**
   * Cross entropy of logits [batch, classes, …] (or [classes]) with targets: int32 class ids [batch, …], or
   * probabilities of the logits' shape. It is -log softmax(logits) at the target; 'none' keeps [batch, …].
   *
   * @throws IndexError where a target is no class; ShapeError, DTypeError where the targets do not fit.
   */
  crossEntropy(this: Tensor, targets: Tensor, options: loss.CrossEntropyOptions = {}): Tensor {
    return loss.crossEntropy(this, targets, options);
  }

  /**
   * Minus the log-probability of each target: log-probabilities [batch, classes, …], int32 class ids [batch, …].
   *
   * @throws IndexError where a target is no class; ShapeError, DTypeError where the targets do not fit.
   */
  nllLoss(this: Tensor, targets: Tensor, options: loss.NllOptions = {}): Tensor {
    return loss.nllLoss('nllLoss', this, targets, options);
  }

  /** The mean of (x - target)². */
  mseLoss(this: Tensor, target: Tensor, options: loss.LossOptions = {}): Tensor {
    return loss.elementwiseLoss('mseLoss', this, target, loss.squaredError, options);
  }

  /** The mean of |x - target|. */
  l1Loss(this: Tensor, target: Tensor, options: loss.LossOptions = {}): Tensor {
    return loss.elementwiseLoss('l1Loss', this, target, loss.absoluteError, options);
  }

  /**
   * Half the square of the difference, divided by beta, up to beta, |difference| - beta / 2 beyond it. beta is 1 by
   * default.
   */
  smoothL1Loss(this: Tensor, target: Tensor, options: loss.LossOptions & { readonly beta?: number } = {}): Tensor {
    const { beta = 1 } = options;
    if (beta === 0) return loss.elementwiseLoss('smoothL1Loss', this, target, loss.absoluteError, options);
    loss.checkPositive('smoothL1Loss', 'beta', beta);
    return loss.elementwiseLoss('smoothL1Loss', this, target, (x, t) => loss.huber(beta)(x, t).div(beta), options);
  }

  /**
   * Half the square of the difference up to delta, delta · (|difference| - delta / 2) beyond it. delta is 1 by default.
   * Huber 1964.
   */
  huberLoss(this: Tensor, target: Tensor, options: loss.LossOptions & { readonly delta?: number } = {}): Tensor {
    const { delta = 1 } = options;
    loss.checkPositive('huberLoss', 'delta', delta);
    return loss.elementwiseLoss('huberLoss', this, target, loss.huber(delta), options);
  }

  /** Binary cross entropy of logits: x - x·target + softplus(-x), which does not overflow. */
  binaryCrossEntropyWithLogits(this: Tensor, target: Tensor, options: loss.LossOptions = {}): Tensor {
    return loss.elementwiseLoss('binaryCrossEntropyWithLogits', this, target, loss.logisticLoss, options);
  }
}
