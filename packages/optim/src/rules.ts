import type { Tensor } from '@tapegrad/autograd';
import type { Momentum } from './group.ts';
import type { Rate } from './optimizer.ts';

// What the updates of several optimisers have in common.

/** The gradient to go down along: with the L2 penalty, g + weightDecay p, where g is -gradient to go up. */
export function penalised(
  p: Tensor,
  gradient: Tensor,
  { weightDecay, maximize }: { readonly weightDecay: number; readonly maximize: boolean },
): Tensor {
  const g = maximize ? gradient.neg() : gradient;
  return weightDecay === 0 ? g : g.add(p.mul(weightDecay));
}

/** The parameter after a weight decay that leaves its gradient alone: (1 - lr weightDecay) p. */
export const decayed = (p: Tensor, lr: Rate, weightDecay: number): Tensor =>
  weightDecay === 0 ? p : p.mul(lr('float64').mul(-weightDecay).add(1));

/** beta mean + (1 - beta) x */
export const blend = (mean: Tensor, beta: Momentum, x: Tensor): Tensor =>
  mean.mul(beta).add(x.mul(typeof beta === 'number' ? 1 - beta : beta.neg().add(1)));

/** 1 - beta^step: what a running mean that started at 0 has to be divided by. */
export const missing = (beta: Momentum, step: Tensor): Tensor =>
  step
    .mul(typeof beta === 'number' ? Math.log(beta) : beta.log())
    .expm1()
    .neg();
