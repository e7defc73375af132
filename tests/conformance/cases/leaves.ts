import type { Tensor } from 'tapegrad';
import { type Case, program } from '../case.ts';

/** A program that closes over one leaf [4, 3] and one [3], and takes a tensor [5, 4]. */
export const onLeaves = (
  name: string,
  fn: (x: Tensor, w: Tensor, b: Tensor) => any,
  before?: (call: number, w: Tensor, b: Tensor) => void,
): Case =>
  program(name, draw => {
    const [w, b] = [draw.leaf(4, 3), draw.leaf(3)];
    return {
      fn: (x: Tensor) => fn(x, w, b),
      inputs: d => [d.normal(5, 4)],
      before: call => before?.(call, w, b),
      state: [w, b],
    };
  });

export const lossOf = (x: Tensor, w: Tensor, b: Tensor): Tensor => x.matmul(w).add(b).tanh().square().mean();

export const zeroGrads = (_call: number, ...leaves: Tensor[]): void => {
  for (const each of leaves) each.zeroGrad();
};
