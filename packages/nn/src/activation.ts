import type { Tensor } from '@tapegrad/autograd';
import type { CheckDim, Chk, Fn, In } from '@tapegrad/tensor';
import { optionsOf } from './checks.ts';
import { Module } from './module.ts';

/** What a layer does to a shape that it keeps. @internal */
export interface SameFn extends Fn {
  out: In<this>;
}

/** A function of each element, as a layer. */
export abstract class Elementwise extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
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
  /** Whether Φ is exact or approximated. */
  readonly approximate: 'none' | 'tanh';

  /** Exact by default; `{ approximate: 'tanh' }` is faster. */
  constructor(options: { readonly approximate?: 'none' | 'tanh' } = {}) {
    super();
    optionsOf('GELU', options, ['approximate']);
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
  /** The slope of the negative part. */
  readonly slope: number;

  /** slope is 0.01 by default. */
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
  /** Minus the limit on the left. */
  readonly alpha: number;

  /** alpha is 1 by default. */
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
  /** How sharp the bend is. */
  readonly beta: number;

  /** beta is 1 by default. */
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
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': SoftmaxFn<D>;
  /** The dim whose elements sum to 1. */
  readonly dim: D;

  /** dim counts from the end when negative; it has no default. */
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
