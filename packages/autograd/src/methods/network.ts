import { defaultGenerator, type Generator, type Shape } from '@tapegrad/tensor';
import * as network from '../functional/network.ts';
import type { Tensor } from '../tensor.ts';
import { Normalization } from './normalization.ts';

/** What networks are made of beyond products, losses and normalisation. */
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
}
