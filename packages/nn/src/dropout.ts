import type { Tensor } from '@tapegrad/autograd';
import type { Generator } from '@tapegrad/tensor';
import { Elementwise } from './activation.ts';
import { optionsOf } from './checks.ts';
import { checkProbability } from './options.ts';

/**
 * In training each element is zero with probability p, and the others are divided by 1 - p; else everything passes
 * (Srivastava et al. 2014). p is 0.5 by default.
 *
 * @example
 * ```ts
 * const layer = new nn.Dropout(0.1);
 * layer.eval().forward(x); // x itself
 * ```
 */
export class Dropout extends Elementwise {
  /** The probability that an element is zero. */
  readonly p: number;
  /** Where the masks come from; undefined for the one that `manualSeed` seeds. */
  readonly generator: Generator | undefined;

  /**
   * p is 0.5 by default.
   * @throws ArgumentError for a p outside of [0, 1].
   */
  constructor(p = 0.5, options: { readonly generator?: Generator } = {}) {
    super();
    optionsOf('Dropout', options, ['generator']);
    checkProbability('Dropout', 'p', p);
    this.p = p;
    this.generator = options.generator;
  }

  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.dropout(this.p, { training: this.training, generator: this.generator });
  }

  override extraRepr(): string {
    return `p=${this.p}`;
  }
}
