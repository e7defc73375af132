import { noGrad, type Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import type { Parameters } from './parameters.ts';

/** All options of an optimiser, the defaults included. */
export interface Settings {
  readonly lr: number;
}

/** Those that do not change from step to step. */
export type Fixed<S extends Settings> = Omit<S, 'lr'>;

/** Parameters with options of their own; what is left out is as for the whole optimiser. */
export type GroupOf<S extends Settings> = Partial<S> & { readonly params: Parameters };

/** Throws unless lr is a learning rate. */
export function checkLr(optimizer: string, lr: number): void {
  if (!(typeof lr === 'number' && lr >= 0 && lr < Infinity))
    throw new ArgumentError(`${optimizer}: expected a learning rate lr of 0 or more, got ${lr}`);
}

/**
 * Parameters that are trained with the same options.
 *
 * The learning rate lives in a 0-d float64 tensor, so that a recorded training step sees it change; the other options
 * are fixed when a step is recorded.
 */
export class ParamGroup<S extends Settings = Settings> {
  readonly params: readonly Tensor[];
  /** All options but lr. */
  options: Readonly<Fixed<S>>;
  /** The learning rate that schedules started from, once there are any. */
  initialLr: number | undefined;
  /** The learning rate as the updates see it: a 0-d float64 tensor. */
  readonly lrTensor: Tensor<[]>;
  readonly #optimizer: string;

  constructor(optimizer: string, params: readonly Tensor[], { lr, ...options }: S) {
    checkLr(optimizer, lr);
    this.#optimizer = optimizer;
    this.params = params;
    this.options = options;
    this.lrTensor = tensor(lr, { dtype: 'float64' });
  }

  /**
   * The learning rate.
   *
   * @throws ArgumentError when it is set to something negative, infinite or NaN.
   */
  get lr(): number {
    return this.lrTensor.item();
  }

  set lr(lr: number) {
    checkLr(this.#optimizer, lr);
    noGrad(() => this.lrTensor.assign(lr));
  }
}
