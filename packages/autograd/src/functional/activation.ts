import { ArgumentError } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { checkNumber } from './operands.ts';

// Each is a composition of primitives, with the constants of PyTorch.

export const softsign = (x: Tensor): Tensor => x.div(x.abs().add(1));

export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => x.gt(0).choose(x, x.mul(slope));

/** The exponential sees only what is not positive, so that it cannot overflow into the gradient. */
export const elu = (x: Tensor, alpha = 1): Tensor => x.le(0).choose(clamp(x, undefined, 0).expm1().mul(alpha), x);

/** Klambauer et al. 2017, "Self-Normalizing Neural Networks". */
export const selu = (x: Tensor): Tensor => elu(x, 1.6732632423543772).mul(1.0507009873554805);

/** Hendrycks and Gimpel 2016: x times the normal distribution function, or its approximation by tanh. */
export function gelu(x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor {
  if (approximate === 'none') return x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5);
  if (approximate !== 'tanh')
    throw new ArgumentError(`gelu: expected approximate to be 'none' or 'tanh', got ${JSON.stringify(approximate)}`);
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().add(1)).mul(0.5);
}

export const silu = (x: Tensor): Tensor => x.mul(x.sigmoid());

/** Misra 2019: x tanh(softplus(x)). */
export const mish = (x: Tensor): Tensor => x.mul(x.softplus().tanh());

export const hardtanh = (x: Tensor, min = -1, max = 1): Tensor =>
  x
    .le(min)
    .logicalOr(x.ge(max))
    .choose(clamp(x.detach(), min, max), x);

/** No gradient at the bounds or beyond, nor at NaN. */
export const hardsigmoid = (x: Tensor): Tensor =>
  x
    .gt(-3)
    .logicalAnd(x.lt(3))
    .choose(x, clamp(x.detach(), -3, 3))
    .add(3)
    .div(6);

/** x (x + 3) / 6 between -3 and 3; at -3 the gradient is that of the parabola, at 3 that of x, as in PyTorch. */
export function hardswish(x: Tensor): Tensor {
  const inner = clamp(x, -3, 3);
  return x.ge(3).choose(x, inner.mul(inner.add(3)).div(6));
}

/** The gradient passes where min <= x <= max, the bounds included, as in PyTorch. NaN stays NaN, and has gradient 0. */
export function clamp(x: Tensor, min?: number, max?: number): Tensor {
  if (min === undefined && max === undefined) throw new ArgumentError('clamp: expected min or max, got neither');
  if (min !== undefined) checkNumber('clamp', 'min', min);
  if (max !== undefined) checkNumber('clamp', 'max', max);
  let held: Tensor = x.detach();
  if (min !== undefined) held = held.maximum(min);
  if (max !== undefined) held = held.minimum(max);
  if (!x.requiresGrad) return held;
  const within = [min === undefined ? null : x.ge(min), max === undefined ? null : x.le(max)];
  return within
    .filter(side => side !== null)
    .reduce((a, b) => a.logicalAnd(b))
    .choose(x, held);
}
