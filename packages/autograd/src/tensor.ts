import type { NdArray, Shape } from '@tapegrad/tensor';
import { Network } from './methods/network.ts';

/**
 * A multidimensional array of numbers with a history, through which gradients flow back.
 *
 * Tensors are values: no operation changes its inputs, `assign` on a leaf excepted. `S` is the shape as the compiler
 * knows it, `[14, 3]` or `[number, 3]`; plain `Tensor` is one of which nothing is known, and goes everywhere. Make one
 * by `tensor`, `zeros`, `randn` and their like; the class is there for types and `instanceof`.
 *
 * @example
 * ```ts
 * const w = tensor([[1, 2], [3, 4]], { requiresGrad: true }); // Tensor<[2, 2]>
 * const loss = w.matmul(tensor([1, -1])).square().sum(); // Tensor<[]>
 * loss.backward();
 * w.grad; // tensor([[-2,  2], [-2,  2]])
 * ```
 */
export class Tensor<out S extends Shape = any> extends Network<S> {
  /** @internal */
  override derive(value: NdArray): Tensor {
    return new Tensor(value);
  }
}
