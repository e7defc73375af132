import { data, Generator, noGrad, optim, randint, type Tensor } from 'tapegrad';
import { Failure } from './errors.ts';
import type { Metrics } from './history.ts';
import { CharRNN, type Sizes } from './model.ts';
import type { Options } from './options.ts';
import type { Corpus } from './text.ts';

/** A training run: what it learns from, and all that changes while it goes on. */
export interface Run {
  readonly options: Options;
  readonly corpus: Corpus;
  readonly model: CharRNN;
  readonly optimizer: optim.Optimizer;
  /** Has drawn the first weights, and draws the windows of every step. */
  readonly generator: Generator;
  /** One entry for each step, from step 1. */
  readonly history: Metrics[];
}

const maximumNorm = 5;
const embedding = 32;

/** The sizes of the network that the options ask for. */
export const sizesOf = ({ cell, hidden, layers }: Options, vocabulary: number): Sizes => ({
  cell,
  hidden,
  layers,
  vocabulary,
  embedding,
});

/** A run at its start, with weights that follow from the seed. */
export function startRun(options: Options, corpus: Corpus): Run {
  const generator = new Generator(options.seed);
  const model = new CharRNN(sizesOf(options, corpus.vocabulary.size), generator);
  return { options, corpus, model, optimizer: optimizerOf(options, model), generator, history: [] };
}

function optimizerOf({ optimizer, lr }: Options, model: CharRNN): optim.Optimizer {
  const parameters = model.parameters();
  switch (optimizer) {
    case 'sgd':
      return new optim.SGD(parameters, { lr });
    case 'adam':
      return new optim.Adam(parameters, { lr });
    case 'adamw':
      return new optim.AdamW(parameters, { lr });
  }
}

/**
 * Trains until `options.steps`, one step for each value that is asked for. Every `options.every` steps, and after the
 * last, the held-out loss is measured.
 *
 * @throws Failure when the loss is no longer a finite number; the weights are then still those before the step.
 */
export function* train(run: Run): Iterable<Metrics> {
  const { options, corpus, model, optimizer, generator, history } = run;
  const { sequence, batch, steps, every } = options;
  const [inputs, targets] = data.windows(corpus.training, sequence);
  for (let step = history.length + 1; step <= steps; step++) {
    const rows = randint(0, inputs.shape[0], [batch], { generator });
    const loss = lossOf(model, inputs.indexSelect(0, rows), targets.indexSelect(0, rows));
    model.zeroGrad();
    loss.backward();
    const gradientNorm = optim.clipGradNorm(model.parameters(), maximumNorm).item();
    const value = loss.item();
    if (!Number.isFinite(value) || !Number.isFinite(gradientNorm))
      throw new Failure(
        `the run diverged at step ${step}: loss ${value}, gradient norm ${gradientNorm}; try a smaller --lr than ${options.lr}`,
      );
    optimizer.step();
    const measured = step % every === 0 || step === steps;
    const heldOut = measured ? heldOutLoss(model, corpus.heldOut, sequence) : undefined;
    const metrics = { step, loss: value, gradientNorm, heldOut };
    history.push(metrics);
    yield metrics;
  }
}

/** The mean cross entropy of each next character, in nats. */
export function lossOf(model: CharRNN, inputs: Tensor, targets: Tensor): Tensor {
  const [logits] = model.forward(inputs);
  return logits.flatten(0, 1).crossEntropy(targets.reshape([-1]));
}

const mostWindows = 64;

/** The loss over held-out text, in at most 64 windows spread over it; undefined where it has not one. */
export function heldOutLoss(model: CharRNN, ids: Tensor, sequence: number): number | undefined {
  if (ids.size <= sequence) return undefined;
  const stride = Math.max(sequence, Math.floor((ids.size - sequence) / mostWindows));
  const [inputs, targets] = data.windows(ids, sequence, { stride });
  return noGrad(() => lossOf(model, inputs, targets).item());
}
