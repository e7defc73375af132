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
import * as network from '../functional/network.ts';
import type { Tensor } from '../tensor.ts';
import { Normalization } from './normalization.ts';

/** What networks are made of beyond products, losses and normalisation: attention and dropout. */
export abstract class Network<out S extends Shape = any> extends Normalization<S> {
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
}
