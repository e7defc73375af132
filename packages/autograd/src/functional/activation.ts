import { ArgumentError } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';

// Each is a composition of primitives, with the constants of PyTorch.

export const softsign = (x: Tensor): Tensor => x.div(x.abs().add(1));

export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => x.gt(0).choose(x, x.mul(slope));

/** The exponential sees only what is not positive, so that it cannot overflow into the gradient. */
export const elu = (x: Tensor, alpha = 1): Tensor => x.gt(0).choose(x, x.minimum(0).expm1().mul(alpha));

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
    .gt(min)
    .logicalAnd(x.lt(max))
    .choose(x, clamp(x.detach(), min, max));

export const hardsigmoid = (x: Tensor): Tensor => hardtanh(x.add(3), 0, 6).div(6);

export const hardswish = (x: Tensor): Tensor => x.mul(hardsigmoid(x));

/** The gradient passes where min <= x <= max, the bounds included, as in PyTorch. NaN stays NaN. */
export function clamp(x: Tensor, min?: number, max?: number): Tensor {
  if (min === undefined && max === undefined) throw new ArgumentError('clamp: expected min or max, got neither');
  let y = x;
  if (min !== undefined) y = y.lt(min).choose(min, y);
  if (max !== undefined) y = y.gt(max).choose(max, y);
  return y;
}
