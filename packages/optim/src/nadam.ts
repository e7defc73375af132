import { ones, type Tensor, tensor, zerosLike } from '@tapegrad/autograd';
import { checkAtLeastZero, checkBetas } from './checks.ts';
import type { Fixed, InStep } from './group.ts';
import { Optimizer, type Rate, type Trainable } from './optimizer.ts';
import { blend, decayed, missing, penalised } from './rules.ts';
import type { ParamState } from './state.ts';

/** The options of `NAdam`. */
export interface NAdamOptions {
  /** The learning rate. Default 2e-3. */
  readonly lr?: number;
  /** How much of the running means of the gradient and of its square is kept. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** How strongly parameters are drawn to 0. Default 0. */
  readonly weightDecay?: number;
  /** How fast the momentum μ grows to β1: see the class. Default 4e-3. */
  readonly momentumDecay?: number;
  /** Let the weight decay act as AdamW's does, not by way of the gradient. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
}

type Settings = Required<NAdamOptions>;

/**
 * Adam with Nesterov's momentum (Dozat 2016):
 *
 *     g = gradient + weightDecay p
 *     m = β1 m + (1 - β1) g
 *     v = β2 v + (1 - β2) g²
 *     μ(t) = β1 (1 - 0.96^(t momentumDecay) / 2)
 *     d = μ(t+1) m / (1 - μ(1) … μ(t+1)) + (1 - μ(t)) g / (1 - μ(1) … μ(t))
 *     p = p - lr d / (√(v / (1 - β2^t)) + eps)
 *
 * With decoupledWeightDecay p = (1 - lr weightDecay) p comes first, and g is the gradient alone.
 */
export class NAdam extends Optimizer<Settings> {
  /**
   * @throws ArgumentError for a negative option, betas outside of [0, 1), and an empty list; GradError for a tensor that
   * is not a leaf.
   */
  constructor(params: Trainable<Settings>, options: NAdamOptions = {}) {
    super('NAdam', params, options, {
      lr: 2e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      decoupledWeightDecay: false,
      maximize: false,
    });
  }

  protected check(name: string, { betas, eps, weightDecay, momentumDecay }: Fixed<Settings>): void {
    checkAtLeastZero(name, { eps, weightDecay, momentumDecay });
    checkBetas(name, betas);
  }

  protected initialState(parameter: Tensor): ParamState {
    return {
      step: tensor(0, { dtype: 'float64' }),
      muProduct: ones([], { dtype: 'float64' }),
      expAvg: zerosLike(parameter),
      expAvgSq: zerosLike(parameter),
    };
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const { weightDecay, maximize, decoupledWeightDecay, momentumDecay, eps } = options;
    const [beta1, beta2] = options.betas;
    const { step, muProduct, expAvg, expAvgSq } = state;
    const coupled = decoupledWeightDecay ? 0 : weightDecay;
    const g = penalised(p, gradient, { weightDecay: coupled, maximize });
    const start = decoupledWeightDecay ? decayed(p, lr, weightDecay) : p;

    step.assign(step.add(1));
    const mu = momentumAt(step, beta1, momentumDecay);
    const nextMu = momentumAt(step.add(1), beta1, momentumDecay);
    muProduct.assign(muProduct.mul(mu));
    expAvg.assign(blend(expAvg, beta1, g));
    expAvgSq.assign(blend(expAvgSq, beta2, g.mul(g)));

    const denominator = expAvgSq.sqrt().div(missing(beta2, step).sqrt()).add(eps);
    const ofGradient = lr('float64').mul(rest(mu)).div(rest(muProduct));
    const ofMean = lr('float64')
      .mul(nextMu)
      .div(rest(muProduct.mul(nextMu)));
    p.assign(start.sub(g.mul(ofGradient).add(expAvg.mul(ofMean)).div(denominator)));
  }
}

/** β1 (1 - 0.96^(t momentumDecay) / 2) */
const momentumAt = (t: Tensor, beta1: number | Tensor, momentumDecay: number): Tensor =>
  t
    .mul(momentumDecay * Math.log(0.96))
    .exp()
    .mul(-0.5)
    .add(1)
    .mul(beta1);

/** 1 - x */
const rest = (x: Tensor): Tensor => x.neg().add(1);
