import type { Tensor } from '@tapegrad/autograd';
import type { Chk, Fn, In, LastDim, Sh } from '@tapegrad/tensor';
import { checkTensor, optionsOf } from './checks.ts';
import { uniform } from './init.ts';
import { Module } from './module.ts';
import { checkSize, type LayerOptions, layerOptions, parameter } from './options.ts';
import type { Parameter } from './parameter.ts';

interface LinearFn<I extends number, O extends number> extends Fn {
  out: LastDim<'linear', In<this>, I, O>;
}

/** The options of `Linear`. */
export interface LinearOptions<Bias extends boolean = boolean> extends LayerOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: Bias;
}

/**
 * x @ weight^T + bias over the last dim: [..., in] becomes [..., out].
 *
 * weight is [out, in] and bias [out], both uniform in ± 1 / √in at first.
 *
 * @example
 * ```ts
 * const layer = new nn.Linear(3, 4);
 * layer.forward(zeros([5, 3])).shape; // [5, 4]
 * layer.weight.shape; // [4, 3]
 * ```
 */
export class Linear<I extends number = any, O extends number = any, const Bias extends boolean = true> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': LinearFn<I, O>;
  /** The size of the last dim of x. */
  readonly inFeatures: I;
  /** The size of the last dim of the result. */
  readonly outFeatures: O;
  /** [out, in] */
  weight: Parameter<[O, I]>;
  /** [out], or null without one. */
  bias: Bias extends true ? Parameter<[O]> : null;

  /**
   * A layer from `inFeatures` to `outFeatures`.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(inFeatures: I, outFeatures: O, options: LinearOptions<Bias> = {}) {
    super();
    optionsOf('Linear', options, ['bias', ...layerOptions]);
    checkSize('Linear', 'inFeatures', inFeatures, 0);
    checkSize('Linear', 'outFeatures', outFeatures, 0);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    this.weight = uniform(parameter([outFeatures, inFeatures], options), -bound, bound, options);
    const bias = (options.bias ?? true) ? uniform(parameter([outFeatures], options), -bound, bound, options) : null;
    this.bias = bias as typeof this.bias;
  }

  forward<X extends Tensor>(
    x: Chk<LastDim<'linear', X['shape'], I, O>, X>,
  ): Tensor<Sh<LastDim<'linear', X['shape'], I, O>>> {
    checkTensor('Linear', x);
    const input: Tensor = x as Tensor;
    const weight: Tensor = this.weight;
    return input.linear(weight, this.bias);
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
