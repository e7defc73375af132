import { Generator, rand, type Tensor, valueAndGrad } from 'tapegrad';
import type { Workload } from './workload.ts';

const activate = (x: Tensor, a: Tensor, b: Tensor): Tensor => a.mul(x).add(b).tanh();

/** Three vectors of n numbers in [0, 1). */
function vectors(n: number): Tensor[] {
  const generator = new Generator(1);
  return Array.from({ length: 3 }, () => rand([n], { generator }));
}

/** tanh(a x + b), elementwise over three vectors of n. */
export const chain = (n: number): Workload => ({ step: activate, inputs: vectors(n), weights: {} });

/** The sum of tanh(a x + b) over three vectors of n, and its gradient with respect to a and b. */
export function chainGradient(n: number): Workload {
  const step = (x: Tensor, a: Tensor, b: Tensor): Tensor[] => {
    const [value, gradients] = valueAndGrad((a: Tensor, b: Tensor) => activate(x, a, b).sum())(a, b);
    return [value, ...gradients];
  };
  return { step, inputs: vectors(n), weights: {} };
}
