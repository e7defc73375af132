import { type Tensor, tensor, zerosLike } from '@tapegrad/autograd';
import { checkAtLeastZero, checkBetas } from './checks.ts';
import type { Fixed, InStep } from './group.ts';
import { Optimizer, type Rate, type Trainable } from './optimizer.ts';
import { blend, decayed, missing, penalised } from './rules.ts';
import type { ParamState } from './state.ts';

/** The options of `Adam` and `AdamW`. */
export interface AdamOptions {
  /** The learning rate. Default 1e-3. */
  readonly lr?: number;
  /** How much of the running means of the gradient and of its square is kept. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** How strongly parameters are drawn to 0: see the class. Default 0 for Adam, 0.01 for AdamW. */
  readonly weightDecay?: number;
  /** Divide by the largest mean square so far instead of the current one (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
}

type Settings = Required<AdamOptions>;

const defaults: Settings = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** What Adam and AdamW share: they differ in what weightDecay is added to. */
abstract class AdaptiveMoments extends Optimizer<Settings> {
  protected check(name: string, { betas, eps, weightDecay }: Fixed<Settings>): void {
    checkAtLeastZero(name, { eps, weightDecay });
    checkBetas(name, betas);
  }

  protected initialState(parameter: Tensor, { amsgrad }: Fixed<Settings>): ParamState {
    const step = tensor(0, { dtype: 'float64' });
    const means = { expAvg: zerosLike(parameter), expAvgSq: zerosLike(parameter) };
    return amsgrad ? { step, ...means, maxExpAvgSq: zerosLike(parameter) } : { step, ...means };
  }

  /** `p` is the parameter as the move starts from it, `g` its gradient; what is overwritten is `target`. */
  protected move(target: Tensor, p: Tensor, g: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const [beta1, beta2] = options.betas;
    const { step, expAvg, expAvgSq, maxExpAvgSq } = state;
    step.assign(step.add(1));
    expAvg.assign(blend(expAvg, beta1, g));
    expAvgSq.assign(blend(expAvgSq, beta2, g.mul(g)));
    if (options.amsgrad) maxExpAvgSq.assign(maxExpAvgSq.maximum(expAvgSq));
    const meanSquare = options.amsgrad ? maxExpAvgSq : expAvgSq;
    const denominator = meanSquare.sqrt().div(missing(beta2, step).sqrt()).add(options.eps);
    target.assign(p.sub(expAvg.div(denominator).mul(lr('float64').div(missing(beta1, step)))));
  }
}

/**
 * Adam (Kingma and Ba 2014): steps along the running mean of the gradient, divided by the root of that of its square.
 *
 *     g = gradient + weightDecay p
 *     m = β1 m + (1 - β1) g
 *     v = β2 v + (1 - β2) g²
 *     p = p - lr (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + eps)
 *
 * @example
 * ```ts
 * const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
 * const groups = new optim.Adam([{ params: encoder.parameters(), lr: 1e-4 }, { params: head.parameters() }]);
 * ```
 */
export class Adam extends AdaptiveMoments {
  /**
   * @throws ArgumentError for a negative option, betas outside of [0, 1), and an empty list; GradError for a tensor that
   * is not a leaf.
   */
  constructor(params: Trainable<Settings>, options: AdamOptions = {}) {
    super('Adam', params, options, defaults);
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    this.move(p, p, penalised(p, gradient, options), state, lr, options);
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2017): p = (1 - lr weightDecay) p comes first, and the gradient
 * is left alone.
 */
export class AdamW extends AdaptiveMoments {
  /**
   * @throws ArgumentError for a negative option, betas outside of [0, 1), and an empty list; GradError for a tensor that
   * is not a leaf.
   */
  constructor(params: Trainable<Settings>, options: AdamOptions = {}) {
    super('AdamW', params, options, { ...defaults, weightDecay: 0.01 });
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const g = options.maximize ? gradient.neg() : gradient;
    this.move(p, decayed(p, lr, options.weightDecay), g, state, lr, options);
  }
}
