import { noGrad, stack, type Tensor, zeros } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { listOf, type Parameters } from './parameters.ts';

/**
 * Scales the gradients of all parameters by min(1, max / (norm + 1e-6)), where norm is that of all of them as one vector;
 * `normType` is 2 by default, Infinity is the largest |g|. Each `grad` becomes a new tensor.
 *
 * @returns the norm before clipping, a 0-d tensor without a history (`item()` reads it); 0 where no parameter has a gradient.
 * @throws ArgumentError for a max that is negative or NaN, and a normType that is not positive.
 * @example
 * ```ts
 * loss.backward();
 * const norm = optim.clipGradNorm(model.parameters(), 1);
 * optimizer.step();
 * ```
 */
export function clipGradNorm(
  params: Parameters,
  max: number,
  options: { readonly normType?: number } = {},
): Tensor<[]> {
  const { normType = 2 } = options;
  const list = listOf('clipGradNorm', params);
  if (!(max >= 0)) throw new ArgumentError(`clipGradNorm: expected a max norm of 0 or more, got ${max}`);
  if (!(normType > 0)) throw new ArgumentError(`clipGradNorm: expected a normType above 0, got ${normType}`);
  return noGrad(() => {
    const norms: Tensor[] = [];
    for (const { grad } of list) if (grad !== null) norms.push(grad.norm(normType));
    if (norms.length === 0) return zeros([]);
    const total = stack(norms).norm(normType);
    const scale = total.add(1e-6).reciprocal().mul(max).clamp(undefined, 1);
    for (const p of list) if (p.grad !== null) p.grad = p.grad.mul(scale);
    return total;
  });
}

/**
 * Holds every element of the gradients of all parameters between -max and max. Each `grad` becomes a new tensor.
 *
 * @throws ArgumentError for a max that is negative or NaN.
 */
export function clipGradValue(params: Parameters, max: number): void {
  const list = listOf('clipGradValue', params);
  if (!(max >= 0)) throw new ArgumentError(`clipGradValue: expected a max of 0 or more, got ${max}`);
  noGrad(() => {
    for (const p of list) if (p.grad !== null) p.grad = p.grad.clamp(-max, max);
  });
}
