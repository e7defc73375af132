import type { Tensor } from '@tapegrad/autograd';
import type { CheckDim, Chk, Fn, In } from '@tapegrad/tensor';
import { Module } from './module.ts';

/** A layer that keeps the shape. */
export interface SameFn extends Fn {
  out: In<this>;
}

/** A function of each element, as a layer. */
export abstract class Elementwise extends Module {
  declare readonly '~fn': SameFn;

  abstract override forward<X extends Tensor>(x: X): Tensor<X['shape']>;
}

/** What comes in goes out. */
export class Identity extends Elementwise {
  override forward<X extends Tensor>(x: X): X {
    return x;
  }
}

/** max(x, 0). */
export class ReLU extends Elementwise {
  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.relu();
  }
}

/** tanh x. */
export class Tanh extends Elementwise {
  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.tanh();
  }
}

/** 1 / (1 + e^-x). */
export class Sigmoid extends Elementwise {
  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.sigmoid();
  }
}

/** x · sigmoid(x). */
export class SiLU extends Elementwise {
  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.silu();
  }
}

/** x · Φ(x) with the normal distribution function Φ, exactly or by the usual approximation with tanh. */
export class GELU extends Elementwise {
  readonly approximate: 'none' | 'tanh';

  constructor(options: { readonly approximate?: 'none' | 'tanh' } = {}) {
    super();
    this.approximate = options.approximate ?? 'none';
  }

  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.gelu({ approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate=${this.approximate}`;
  }
}

/** x where positive, else slope · x; slope is 0.01 by default. */
export class LeakyReLU extends Elementwise {
  readonly slope: number;

  constructor(slope = 0.01) {
    super();
    this.slope = slope;
  }

  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.leakyRelu(this.slope);
  }

  override extraRepr(): string {
    return `slope=${this.slope}`;
  }
}

/** x where positive, else alpha · (e^x - 1); alpha is 1 by default. */
export class ELU extends Elementwise {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    return x.elu(this.alpha);
  }

  override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }
}

/** log(1 + e^(beta · x)) / beta; beta is 1 by default. */
export class Softplus extends Elementwise {
  readonly beta: number;

  constructor(beta = 1) {
    super();
    this.beta = beta;
  }

  override forward<X extends Tensor>(x: X): Tensor<X['shape']> {
    const input: Tensor = x;
    return this.beta === 1 ? input.softplus() : input.mul(this.beta).softplus().div(this.beta);
  }

  override extraRepr(): string {
    return `beta=${this.beta}`;
  }
}

interface SoftmaxFn<D extends number> extends Fn {
  out: CheckDim<'softmax', In<this>, D>;
}

/** e^x divided by its sum along `dim`. */
export class Softmax<D extends number = any> extends Module {
  declare readonly '~fn': SoftmaxFn<D>;
  readonly dim: D;

  constructor(dim: D) {
    super();
    this.dim = dim;
  }

  forward<X extends Tensor>(x: Chk<CheckDim<'softmax', X['shape'], D>, X>): Tensor<X['shape']> {
    const input: Tensor = x as Tensor;
    return input.softmax(this.dim as number);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
