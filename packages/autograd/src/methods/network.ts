import { defaultGenerator, type Generator, type Shape } from '@tapegrad/tensor';
import * as network from '../functional/network.ts';
import type { Tensor } from '../tensor.ts';
import { Loss } from './loss.ts';

/** What networks are made of beyond products: normalisation and dropout. */
export abstract class Network<out S extends Shape = any> extends Loss<S> {
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
}
