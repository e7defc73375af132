import { type Tensor, zerosLike } from '@tapegrad/autograd';
import { checkAtLeastZero } from './checks.ts';
import type { Fixed, InStep } from './group.ts';
import { Optimizer, type Rate, type Trainable } from './optimizer.ts';
import { blend, penalised } from './rules.ts';
import type { ParamState } from './state.ts';

/** The options of `RMSprop`. */
export interface RMSpropOptions {
  /** The learning rate. Default 1e-2. */
  readonly lr?: number;
  /** How much of the running mean of the squared gradient is kept. Default 0.99. */
  readonly alpha?: number;
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** How much of the parameter is added to its gradient (an L2 penalty). Default 0. */
  readonly weightDecay?: number;
  /** How much of the last direction is kept. Default 0. */
  readonly momentum?: number;
  /** Divide by an estimate of the variance instead of the mean square. Default false. */
  readonly centered?: boolean;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
}

type Settings = Required<RMSpropOptions>;

/**
 * RMSprop (Hinton 2012): the gradient divided by the root of the running mean of its square.
 *
 *     g = gradient + weightDecay p
 *     v = α v + (1 - α) g²
 *     b = momentum b + g / (√v + eps)
 *     p = p - lr b
 *
 * Centered (Graves 2013), with a = α a + (1 - α) g, it is v - a² that the root is taken of.
 */
export class RMSprop extends Optimizer<Settings> {
  /** @throws ArgumentError for a negative option and an empty list; GradError for a tensor that is not a leaf. */
  constructor(params: Trainable<Settings>, options: RMSpropOptions = {}) {
    super('RMSprop', params, options, {
      lr: 1e-2,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
      maximize: false,
    });
  }

  protected check(name: string, { alpha, eps, weightDecay, momentum }: Fixed<Settings>): void {
    checkAtLeastZero(name, { alpha, eps, weightDecay, momentum });
  }

  protected initialState(parameter: Tensor, { momentum, centered }: Fixed<Settings>): ParamState {
    return {
      squareAvg: zerosLike(parameter),
      ...(momentum === 0 ? {} : { momentumBuffer: zerosLike(parameter) }),
      ...(centered ? { gradAvg: zerosLike(parameter) } : {}),
    };
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const { alpha, eps, momentum, centered } = options;
    const { squareAvg, momentumBuffer, gradAvg } = state;
    const g = penalised(p, gradient, options);
    squareAvg.assign(blend(squareAvg, alpha, g.mul(g)));
    if (centered) gradAvg.assign(blend(gradAvg, alpha, g));
    const meanSquare = centered ? squareAvg.sub(gradAvg.mul(gradAvg)) : squareAvg;
    let direction = g.div(meanSquare.sqrt().add(eps));
    if (momentum !== 0) {
      momentumBuffer.assign(momentumBuffer.mul(momentum).add(direction));
      direction = momentumBuffer;
    }
    p.assign(p.sub(direction.mul(lr(p.dtype))));
  }
}
