import type { NdArray, Shape } from '@tapegrad/tensor';
import { Network } from './methods/network.ts';

/**
 * A multidimensional array of numbers with a history, through which gradients flow back.
 *
 * Tensors are values: no operation changes its inputs, `assign` on a leaf excepted. `S` is the shape as the compiler knows
 * it, `[14, 3]` or `[number, 3]`; plain `Tensor` is one of which nothing is known, and goes everywhere.
 */
export class Tensor<out S extends Shape = any> extends Network<S> {
  /** @internal */
  override derive(value: NdArray): Tensor {
    return new Tensor(value);
  }
}
