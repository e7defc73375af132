import type { Shape } from '@tapegrad/tensor';
import * as activation from '../functional/activation.ts';
import { binary, choose, maskedFill } from '../functional/operands.ts';
import * as ops from '../primitives/elementwise.ts';
import type { Tensor } from '../tensor.ts';
import type { Bounded, BroadcastArg, BroadcastResult } from '../types.ts';
import { Elementwise } from './elementwise.ts';

/** Activation functions, and choices between values; all element by element. */
export abstract class Activation<out S extends Shape = any> extends Elementwise<S> {
  /** x / (1 + |x|). */
  softsign<X extends Tensor>(this: X): Tensor<X['shape']> {
    return activation.softsign(this);
  }

  /** x where positive, else slope · x; slope is 0.01 by default. */
  leakyRelu<X extends Tensor>(this: X, slope?: number): Tensor<X['shape']> {
    return activation.leakyRelu(this, slope);
  }

  /** x where positive, else alpha · (e^x - 1); alpha is 1 by default. Clevert et al. 2015. */
  elu<X extends Tensor>(this: X, alpha?: number): Tensor<X['shape']> {
    return activation.elu(this, alpha);
  }

  /** elu with the constants that keep mean 0 and variance 1. Klambauer et al. 2017. */
  selu<X extends Tensor>(this: X): Tensor<X['shape']> {
    return activation.selu(this);
  }

  /**
   * x · Φ(x) with the normal distribution function Φ, exactly or by its approximation with tanh. Hendrycks, Gimpel
   * 2016.
   */
  gelu<X extends Tensor>(this: X, options: { readonly approximate?: 'none' | 'tanh' } = {}): Tensor<X['shape']> {
    return activation.gelu(this, options.approximate);
  }

  /** x · sigmoid(x). */
  silu<X extends Tensor>(this: X): Tensor<X['shape']> {
    return activation.silu(this);
  }

  /** x · tanh(softplus(x)). Misra 2019. */
  mish<X extends Tensor>(this: X): Tensor<X['shape']> {
    return activation.mish(this);
  }

  /** x held between min (-1 by default) and max (1); no gradient at the bounds or beyond. */
  hardtanh<X extends Tensor>(this: X, min?: number, max?: number): Tensor<X['shape']> {
    return activation.hardtanh(this, min, max);
  }

  /** hardtanh(x + 3, 0, 6) / 6. */
  hardsigmoid<X extends Tensor>(this: X): Tensor<X['shape']> {
    return activation.hardsigmoid(this);
  }

  /** x · hardsigmoid(x). */
  hardswish<X extends Tensor>(this: X): Tensor<X['shape']> {
    return activation.hardswish(this);
  }

  /** x held between min and max, either of which may be left out; tensors as bounds broadcast. Where they cross, max. */
  clamp<
    X extends Tensor,
    A extends Tensor | number | undefined = undefined,
    B extends Tensor | number | undefined = undefined,
  >(
    this: X,
    min?: BroadcastArg<X, A>,
    max?: BroadcastArg<Tensor<Bounded<X, A>>, B>,
  ): Tensor<Bounded<Tensor<Bounded<X, A>>, B>> {
    return activation.clamp(this, min, max);
  }

  /** Whether an element is NaN, as bool. */
  isNaN<X extends Tensor>(this: X): Tensor<X['shape']> {
    return binary(ops.ne, this, this);
  }

  /** Whether an element is neither NaN nor infinite, as bool. */
  isFinite<X extends Tensor>(this: X): Tensor<X['shape']> {
    return binary(ops.lt, this.abs(), Infinity);
  }

  /** Whether an element is Infinity or -Infinity, as bool. */
  isInf<X extends Tensor>(this: X): Tensor<X['shape']> {
    return binary(ops.eq, this.abs(), Infinity);
  }

  /** `value` where the mask, a bool tensor, is true; the two broadcast. No gradient goes back from there. */
  maskedFill<X extends Tensor, M extends Tensor>(
    this: X,
    mask: BroadcastArg<X, M>,
    value: number,
  ): Tensor<BroadcastResult<X, M>> {
    return maskedFill(this, mask, value);
  }

  /** This bool condition ? a : b: `where` as the rules reach it. @internal */
  choose(this: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
    return choose(this, a, b);
  }
}
