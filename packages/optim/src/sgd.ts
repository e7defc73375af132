import { type Tensor, tensor, zerosLike } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { checkAtLeastZero } from './checks.ts';
import type { Fixed, InStep } from './group.ts';
import { Optimizer, type Rate, type Trainable } from './optimizer.ts';
import { penalised } from './rules.ts';
import type { ParamState } from './state.ts';

/** The options of `SGD`. */
export interface SGDOptions {
  /** The learning rate. Default 1e-3. */
  readonly lr?: number;
  /** How much of the last direction is kept. Default 0. */
  readonly momentum?: number;
  /** How much of the gradient is left out of the momentum, from the second step on. Default 0. */
  readonly dampening?: number;
  /** How much of the parameter is added to its gradient (an L2 penalty). Default 0. */
  readonly weightDecay?: number;
  /** Look ahead along the momentum, as Nesterov's method does. Default false. */
  readonly nesterov?: boolean;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
}

type Settings = Required<SGDOptions>;

/**
 * Stochastic gradient descent, with momentum as in Sutskever et al. 2013:
 *
 *     g = gradient + weightDecay p
 *     b = momentum b + (1 - dampening) g, where the first b is g
 *     p = p - lr b, or p - lr (g + momentum b) for nesterov
 *
 * @example
 * ```ts
 * const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 * for (const [x, y] of loader) {
 *   optimizer.zeroGrad();
 *   model.forward(x).mseLoss(y).backward();
 *   optimizer.step();
 * }
 * ```
 */
export class SGD extends Optimizer<Settings> {
  /**
   * @throws ArgumentError for a negative option, for nesterov without momentum or with dampening, and for an empty list;
   * GradError for a tensor that is not a leaf.
   */
  constructor(params: Trainable<Settings>, options: SGDOptions = {}) {
    super('SGD', params, options, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
    });
  }

  protected check(name: string, { momentum, dampening, weightDecay, nesterov }: Fixed<Settings>): void {
    checkAtLeastZero(name, { momentum, weightDecay });
    if (!Number.isFinite(dampening)) throw new ArgumentError(`${name}: expected a finite dampening, got ${dampening}`);
    if (nesterov && (momentum === 0 || dampening !== 0))
      throw new ArgumentError(
        `${name}: expected nesterov to come with momentum and without dampening, got momentum ${momentum}, dampening ${dampening}`,
      );
  }

  protected initialState(parameter: Tensor, { momentum, dampening }: Fixed<Settings>): ParamState {
    if (momentum === 0) return {};
    const momentumBuffer = zerosLike(parameter);
    return dampening === 0 ? { momentumBuffer } : { momentumBuffer, step: tensor(0, { dtype: 'float64' }) };
  }

  protected update(p: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<Settings>): void {
    const { momentum, dampening, nesterov } = options;
    let g = penalised(p, gradient, options);
    if (momentum !== 0) {
      const { momentumBuffer: buffer, step } = state;
      const added = dampening === 0 ? g : g.mul(undamped(step, dampening));
      buffer.assign(buffer.mul(momentum).add(added));
      g = nesterov ? g.add(buffer.mul(momentum)) : buffer;
    }
    p.assign(p.sub(g.mul(lr(p.dtype))));
  }
}

/** 1 at the first step, 1 - dampening from then on; counts the step. */
function undamped(step: Tensor, dampening: number): Tensor {
  const scale = step.gt(0).to(step.dtype).mul(-dampening).add(1);
  step.assign(step.add(1));
  return scale;
}
