import { ArgumentError, broadcastAll, dtypeOfNumber, isFloat, promoteWeak } from '@tapegrad/tensor';
import * as ops from '../primitives/elementwise.ts';
import { apply } from '../tape/apply.ts';
import { type Computed, none } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import { checkNumber, checkTensor, floating, operand } from './operands.ts';

// With the constants of PyTorch.

export const softsign = (x: Tensor): Tensor => x.div(x.abs().add(1));

export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => withParameter(ops.leakyRelu, x, 'the slope', slope);

export const elu = (x: Tensor, alpha = 1): Tensor => withParameter(ops.elu, x, 'alpha', alpha);

/** A function with a number that its formula has, which is a scalar of the dtype of x; integers and bools are taken as float32. */
function withParameter(op: Computed<undefined>, x: Tensor, name: string, parameter: number): Tensor {
  checkNumber(op.name, name, parameter);
  const y = floating(x);
  return apply(op, [y, y.filled([], parameter)], none);
}

/** Klambauer et al. 2017, "Self-Normalizing Neural Networks". */
export const selu = (x: Tensor): Tensor => elu(x, 1.6732632423543772).mul(1.0507009873554805);

/** Hendrycks and Gimpel 2016: x times the normal distribution function, or its approximation by tanh. */
export function gelu(x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor {
  if (approximate === 'none') return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
  if (approximate !== 'tanh')
    throw new ArgumentError(`gelu: expected approximate to be 'none' or 'tanh', got ${JSON.stringify(approximate)}`);
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
}

export const silu = (x: Tensor): Tensor => x.mul(x.sigmoid());

/** Misra 2019: x tanh(softplus(x)). */
export const mish = (x: Tensor): Tensor => x.mul(x.softplus().tanh());

export const hardsigmoid = (x: Tensor): Tensor => apply(ops.hardsigmoid, [floating(x)], none);

export const hardswish = (x: Tensor): Tensor => apply(ops.hardswish, [floating(x)], none);

export const hardtanh = (x: Tensor, min = -1, max = 1): Tensor => held('hardtanh', x, min, max, false);

/**
 * The gradient passes where min <= x <= max, the bounds included, as in PyTorch. NaN stays NaN, and has gradient 0. Bounds that
 * are tensors have the gradient of the elements that they stand in for.
 */
export function clamp(x: Tensor, min?: Tensor | number, max?: Tensor | number): Tensor {
  if (min === undefined && max === undefined) throw new ArgumentError('clamp: expected min or max, got neither');
  if (typeof min !== 'object' && typeof max !== 'object') return held('clamp', x, min, max, true);
  for (const [name, bound] of Object.entries({ min, max }))
    if (bound !== undefined && typeof bound !== 'number') checkTensor('clamp', name, bound, 'a tensor or a number');
  const low = min === undefined ? undefined : operand('clamp', x, min);
  const high = max === undefined ? undefined : operand('clamp', x, max);
  broadcastAll('clamp', [x.shape, low?.shape ?? [], high?.shape ?? []]);
  const raised = low === undefined ? apart(x) : within(apart(x), low, x.lt(low));
  return high === undefined ? raised : within(raised, high, raised.gt(high));
}

/** x, or the bound where x is beyond it, and where the bound is NaN. */
const within = (x: Tensor, bound: Tensor, beyond: Tensor): Tensor =>
  isFloat(bound.dtype) ? beyond.logicalOr(bound.isNaN()).choose(apart(bound), x) : beyond.choose(bound, x);

/** x without a gradient where it is NaN. */
const apart = (x: Tensor): Tensor => (isFloat(x.dtype) ? x.maskedFill(x.isNaN(), Number.NaN) : x);

function held(
  op: string,
  x: Tensor,
  min: number | undefined,
  max: number | undefined,
  passesAtBounds: boolean,
): Tensor {
  if (min !== undefined) checkNumber(op, 'min', min);
  if (max !== undefined) checkNumber(op, 'max', max);
  const given = [min, max].filter(bound => bound !== undefined);
  const dtype = given.map(dtypeOfNumber).reduce(promoteWeak, x.dtype);
  const [least, most] = dtype === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : [-Infinity, Infinity];
  const y = x.to(dtype);
  return apply(ops.clamp, [y, y.filled([], min ?? least), y.filled([], max ?? most)], { passesAtBounds });
}
