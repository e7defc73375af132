import { fullLike, type Tensor, tensor } from '@tapegrad/autograd';
import { checkAtLeastZero } from './checks.ts';
import type { Fixed, InStep } from './group.ts';
import { Optimizer, type Rate, type Trainable } from './optimizer.ts';
import { penalised } from './rules.ts';
import type { ParamState } from './state.ts';

/** The options of `Adagrad`. */
export interface AdagradOptions {
  /** The learning rate. Default 1e-2. */
  readonly lr?: number;
  /** How fast the learning rate falls with the steps: see the class. Default 0. */
  readonly lrDecay?: number;
  /** How much of the parameter is added to its gradient (an L2 penalty). Default 0. */
  readonly weightDecay?: number;
  /** What the sum of squares starts from. Default 0. */
  readonly initialAccumulatorValue?: number;
  /** Added to the denominator. Default 1e-10. */
  readonly eps?: number;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
}

type Settings = Required<AdagradOptions>;

/**
 * Adagrad (Duchi et al. 2011): the gradient divided by the root of the sum of its squares so far.
 *
 *     g = gradient + weightDecay p
 *     s = s + g²
 *     p = p - lr / (1 + (t - 1) lrDecay) g / (√s + eps)
 */
export class Adagrad extends Optimizer<Settings> {
  /** @throws ArgumentError for a negative option and an empty list; GradError for a tensor that is not a leaf. */
  constructor(params: Trainable<Settings>, options: AdagradOptions = {}) {
    super('Adagrad', params, options, {
      lr: 1e-2,
      lrDecay: 0,
      weightDecay: 0,
      initialAccumulatorValue: 0,
      eps: 1e-10,
      maximize: false,
    });
  }

  protected check(name: string, options: Fixed<Settings>): void {
    const { lrDecay, weightDecay, initialAccumulatorValue, eps } = options;
    checkAtLeastZero(name, { lrDecay, weightDecay, initialAccumulatorValue, eps });
  }

  protected initialState(parameter: Tensor, { initialAccumulatorValue }: Fixed<Settings>): ParamState {
    return { step: tensor(0, { dtype: 'float64' }), sum: fullLike(parameter, initialAccumulatorValue) };
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const { lrDecay, eps } = options;
    const { step, sum } = state;
    const g = penalised(p, gradient, options);
    const rate = lrDecay === 0 ? lr(p.dtype) : lr('float64').div(step.mul(lrDecay).add(1));
    step.assign(step.add(1));
    sum.assign(sum.add(g.mul(g)));
    p.assign(p.sub(g.div(sum.sqrt().add(eps)).mul(rate)));
  }
}
