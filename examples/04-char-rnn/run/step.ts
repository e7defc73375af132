import { type Compiled, compile, noGrad, optim, type Tensor } from 'tapegrad';
import type { CharRNN } from './model.ts';

/** What a step tells of itself: 0-d tensors. */
export interface StepResult {
  /** The mean cross entropy of the batch, before the update. */
  readonly loss: Tensor;
  /** The norm of all gradients together, before clipping. */
  readonly gradientNorm: Tensor;
}

/** Moves the weights by one update, from the ids of windows [batch, time] and the ids that follow each. */
export type Step = (inputs: Tensor, targets: Tensor) => StepResult;

/** What a step trains. */
export interface Trained {
  readonly model: CharRNN;
  readonly optimizer: optim.Optimizer;
}

/** Gradients are clipped to this norm. */
export const maximumNorm = 5;

/** The step as it is written, one operation after the other: forward, backward, clipping, and the optimiser's update. */
export const eagerStep =
  ({ model, optimizer }: Trained): Step =>
  (inputs, targets) => {
    const loss = lossOf(model, inputs, targets);
    model.zeroGrad();
    loss.backward();
    const gradientNorm = optim.clipGradNorm(model.parameters(), maximumNorm);
    optimizer.step();
    return { loss, gradientNorm };
  };

/** The mean cross entropy of each next character, in nats. */
export function lossOf(model: CharRNN, inputs: Tensor, targets: Tensor): Tensor {
  const [logits] = model.forward(inputs);
  return logits.flatten(0, 1).crossEntropy(targets.reshape([-1]));
}

/**
 * The same step as one program, recorded on a batch of this shape.
 *
 * The call that records a program runs eagerly, and its sums are rounded otherwise. So it is made here, and what it did to
 * the weights is undone: then all steps of a run are the program's, and one that is resumed ends as the unbroken one.
 */
export function compiledStep(
  trained: Trained,
  inputs: Tensor,
  targets: Tensor,
): Compiled<[inputs: Tensor, targets: Tensor], StepResult> {
  const step = compile(eagerStep(trained));
  const state = [trained.model, trained.optimizer].flatMap(part => Object.values(part.stateDict()));
  const before = state.map(x => x.clone());
  step(inputs, targets);
  noGrad(() => {
    for (const [i, x] of state.entries()) x.assign(before[i]);
  });
  return step;
}
