import { type Tensor, zerosLike } from '@tapegrad/autograd';
import { checkAtLeastZero, checkBetas } from './checks.ts';
import type { Fixed, InStep } from './group.ts';
import { Optimizer, type Rate, type Trainable } from './optimizer.ts';
import { blend, decayed } from './rules.ts';
import type { ParamState } from './state.ts';

/** The options of `Lion`. */
export interface LionOptions {
  /** The learning rate: how far every element moves. Default 1e-4. */
  readonly lr?: number;
  /** How much of the running mean of the gradient is kept, in the direction and in the mean itself. Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** How strongly parameters are drawn to 0, apart from the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
}

type Settings = Required<LionOptions>;

/**
 * Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2): only the sign of a momentum
 * counts, so that every element moves equally far.
 *
 *     p = (1 - lr weightDecay) p - lr sign(β1 m + (1 - β1) g)
 *     m = β2 m + (1 - β2) g
 */
export class Lion extends Optimizer<Settings> {
  /**
   * @throws ArgumentError for a negative option, betas outside of [0, 1), and an empty list; GradError for a tensor that
   * is not a leaf.
   */
  constructor(params: Trainable<Settings>, options: LionOptions = {}) {
    super('Lion', params, options, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false });
  }

  protected check(name: string, { betas, weightDecay }: Fixed<Settings>): void {
    checkAtLeastZero(name, { weightDecay });
    checkBetas(name, betas);
  }

  protected initialState(parameter: Tensor): ParamState {
    return { expAvg: zerosLike(parameter) };
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const [beta1, beta2] = options.betas;
    const { expAvg } = state;
    const g = options.maximize ? gradient.neg() : gradient;
    const direction = blend(expAvg, beta1, g).sign();
    p.assign(decayed(p, lr, options.weightDecay).sub(direction.mul(lr(p.dtype))));
    expAvg.assign(blend(expAvg, beta2, g));
  }
}
