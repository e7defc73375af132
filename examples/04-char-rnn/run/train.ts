import { type Compiled, data, Generator, noGrad, optim, randint, type Tensor, zeros } from 'tapegrad';
import type { Corpus } from './corpus.ts';
import { Failure } from './errors.ts';
import type { Metrics } from './history.ts';
import { CharRNN, type Sizes } from './model.ts';
import type { Options } from './options.ts';
import { promptOf, type Sample, sampleAt } from './sample.ts';
import { compiledStep, eagerStep, lossOf, type Step, type StepResult } from './step.ts';

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
  /** What it wrote at each look, in the order of the steps. */
  readonly samples: Sample[];
}

const embedding = 32;

/** The sizes of the network that the options ask for. */
export const sizesOf = ({ cell, hidden, layers }: Options, vocabulary: number): Sizes => ({
  cell,
  hidden,
  layers,
  vocabulary,
  embedding,
});

/**
 * A run at its start, with weights that follow from the seed. Samples begin with the first character of the text, if
 * there is no prompt.
 *
 * @throws OptionError for a prompt with characters that are not in the text.
 */
export function startRun(given: Options, corpus: Corpus): Run {
  const { vocabulary, first } = corpus;
  const options = { ...given, prompt: promptOf(given.prompt, vocabulary, first) };
  const generator = new Generator(options.seed);
  const model = new CharRNN(sizesOf(options, vocabulary.size), generator);
  return { options, corpus, model, optimizer: optimizerOf(options, model), generator, history: [], samples: [] };
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

/** The batches of a run, drawn by its generator: windows [batch, time] and the characters that follow each of theirs. */
export function batches({ options, corpus, generator }: Run): () => [inputs: Tensor, targets: Tensor] {
  const [inputs, targets] = data.windows(corpus.training, options.sequence);
  return () => {
    const rows = randint(0, inputs.shape[0], [options.batch], { generator });
    return [inputs.indexSelect(0, rows), targets.indexSelect(0, rows)];
  };
}

/** The step of a run as one program; the run itself stays where it is. */
export function compiledStepOf(run: Run): Compiled<[inputs: Tensor, targets: Tensor], StepResult> {
  const { batch, sequence } = run.options;
  const ids = zeros([batch, sequence], { dtype: 'int32' });
  return compiledStep(run, ids, ids);
}

/** An eager step on batches of its own, of a run that starts with the same options and is thrown away. */
export function eagerTwin({ options, corpus }: Run): () => void {
  const twin = startRun(options, corpus);
  const [step, draw] = [eagerStep(twin), batches(twin)];
  return () => void step(...draw());
}

/**
 * Trains until `options.steps`, one step for each value that is asked for. Every `options.every` steps, and after the
 * last, the held-out loss is measured and a sample is written.
 *
 * @throws Failure when the loss is no longer a finite number; the weights are then spoilt, too, and not to be saved.
 */
export function* train(run: Run, step: Step = eagerStep(run)): Iterable<Metrics> {
  const { options, corpus, model, history, samples } = run;
  const { sequence, steps } = options;
  const draw = batches(run);
  for (let n = history.length + 1; n <= steps; n++) {
    const result = step(...draw());
    const [loss, gradientNorm] = [result.loss.item(), result.gradientNorm.item()];
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw new Failure(
        `the run diverged at step ${n}: loss ${loss}, gradient norm ${gradientNorm}; try a smaller lr than ${options.lr}`,
      );
    const look = isLook(n, options);
    const heldOut = look ? heldOutLoss(model, corpus.heldOut, sequence) : undefined;
    const metrics = { step: n, loss, gradientNorm, heldOut };
    history.push(metrics);
    const sample = look ? sampleAt(n, model, corpus.vocabulary, options) : undefined;
    if (sample !== undefined) samples.push(sample);
    yield metrics;
  }
}

/** Whether a run looks at itself after this step. */
export const isLook = (step: number, { every, steps }: Options): boolean => step % every === 0 || step === steps;

const mostWindows = 64;

/** The loss over held-out text, in at most 64 windows spread over it; undefined where it has not one. */
export function heldOutLoss(model: CharRNN, ids: Tensor, sequence: number): number | undefined {
  if (ids.size <= sequence) return undefined;
  const stride = Math.max(sequence, Math.floor((ids.size - sequence) / mostWindows));
  const [inputs, targets] = data.windows(ids, sequence, { stride });
  return noGrad(() => lossOf(model, inputs, targets).item());
}
