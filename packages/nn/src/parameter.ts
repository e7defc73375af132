import { Tensor } from '@tapegrad/autograd';
import type { Shape } from '@tapegrad/tensor';
import { optionsOf } from './checks.ts';

/**
 * A tensor that a module trains: `parameters()` finds it because it is a field, and gradients flow to it.
 *
 * It shares the array of the tensor it is made from. Operations on it give plain tensors.
 *
 * @throws DTypeError for a tensor that is not float, unless `requiresGrad` is false.
 */
export class Parameter<out S extends Shape = any> extends Tensor<S> {
  /** Tells the compiler that a plain tensor is not a parameter: one in a field would not be found. @internal */
  declare readonly '~parameter': true;

  /**
   * Of the array of `tensor`, not a copy of it.
   * @throws DTypeError for a tensor that is not float, unless `requiresGrad` is false.
   */
  constructor(tensor: Tensor<S>, options: { readonly requiresGrad?: boolean } = {}) {
    super(tensor.value);
    optionsOf('Parameter', options, ['requiresGrad']);
    this.requiresGrad = options.requiresGrad ?? true;
  }
}

/**
 * A tensor that belongs to a module and is saved with it, but is not trained: running statistics, masks, tables.
 *
 * It shares the array of the tensor it is made from. Operations on it give plain tensors.
 */
export class Buffer<out S extends Shape = any> extends Tensor<S> {
  /** Tells the compiler that a plain tensor is not a buffer. @internal */
  declare readonly '~buffer': true;

  /** Of the array of `tensor`, not a copy of it. */
  constructor(tensor: Tensor<S>) {
    super(tensor.value);
  }
}
