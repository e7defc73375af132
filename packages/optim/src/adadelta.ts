import { type Tensor, zerosLike } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { checkAtLeastZero } from './checks.ts';
import type { Fixed, InStep } from './group.ts';
import { Optimizer, type Rate, type Trainable } from './optimizer.ts';
import { blend, penalised } from './rules.ts';
import type { ParamState } from './state.ts';

/** The options of `Adadelta`. */
export interface AdadeltaOptions {
  /** What the step is multiplied by. Default 1. */
  readonly lr?: number;
  /** How much of the running means of the squares of gradient and step is kept. Default 0.9. */
  readonly rho?: number;
  /** Added to both mean squares. Default 1e-6. */
  readonly eps?: number;
  /** How much of the parameter is added to its gradient (an L2 penalty). Default 0. */
  readonly weightDecay?: number;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
}

type Settings = Required<AdadeltaOptions>;

/**
 * Adadelta (Zeiler 2012): the gradient times the size that steps have had, over the size that gradients have had.
 *
 *     g = gradient + weightDecay p
 *     v = ρ v + (1 - ρ) g²
 *     d = √(u + eps) / √(v + eps) g
 *     u = ρ u + (1 - ρ) d²
 *     p = p - lr d
 */
export class Adadelta extends Optimizer<Settings> {
  /**
   * @throws ArgumentError for a negative option, rho above 1, and an empty list; GradError for a tensor that is not a
   * leaf.
   */
  constructor(params: Trainable<Settings>, options: AdadeltaOptions = {}) {
    super('Adadelta', params, options, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false });
  }

  protected check(name: string, { rho, eps, weightDecay }: Fixed<Settings>): void {
    if (!(typeof rho === 'number' && rho >= 0 && rho <= 1))
      throw new ArgumentError(`${name}: expected rho in [0, 1], got ${rho}`);
    checkAtLeastZero(name, { eps, weightDecay });
  }

  protected initialState(parameter: Tensor): ParamState {
    return { squareAvg: zerosLike(parameter), accDelta: zerosLike(parameter) };
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const { rho, eps } = options;
    const { squareAvg, accDelta } = state;
    const g = penalised(p, gradient, options);
    squareAvg.assign(blend(squareAvg, rho, g.mul(g)));
    const d = accDelta.add(eps).sqrt().div(squareAvg.add(eps).sqrt()).mul(g);
    accDelta.assign(blend(accDelta, rho, d.mul(d)));
    p.assign(p.sub(d.mul(lr(p.dtype))));
  }
}
