import type { nn, optim, Tensor } from 'tapegrad';
import type { Workload } from './workload.ts';

/** One training step of a classifier: cross entropy of its logits with the ids y, backward, and the optimiser's step. */
export function training(
  model: nn.Module,
  optimizer: optim.Optimizer,
  inputs: readonly [x: Tensor, y: Tensor],
): Workload {
  const step = (x: Tensor, y: Tensor): Tensor => {
    const loss: Tensor = model.forward(x).crossEntropy(y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { step, inputs, weights: Object.fromEntries(model.namedParameters()) };
}
