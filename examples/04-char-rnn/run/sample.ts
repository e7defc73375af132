import { type data, Generator, noGrad, type Tensor, tensor } from 'tapegrad';
import { OptionError } from './errors.ts';
import type { CharRNN, State } from './model.ts';
import { type Options, show } from './options.ts';

export interface SampleOptions {
  /** What the network goes on from: one character or more, all of them in its vocabulary. */
  readonly prompt: string;
  readonly length: number;
  /** Logits are divided by it: below 1 is more careful, above 1 bolder, 0 takes the likeliest character. */
  readonly temperature: number;
  /** Equal generators give equal samples. */
  readonly generator: Generator;
}

/** What a run wrote at one of its steps. */
export interface Sample {
  readonly step: number;
  readonly prompt: string;
  readonly temperature: number;
  /** What follows the prompt. */
  readonly text: string;
}

/** Lets the network go on from a prompt, feeding it what it writes: gives one character after the other. */
export function* write(
  model: CharRNN,
  vocabulary: data.Vocabulary,
  { prompt, length, temperature, generator }: SampleOptions,
): Iterable<string> {
  let ids: Tensor = vocabulary.encode(prompt).unsqueeze(0);
  let state: State | undefined;
  for (let i = 0; i < length; i++) {
    const [logits, next] = noGrad(() => model.forward(ids, state));
    const id = draw(logits.select(1, -1).data, temperature, generator);
    yield vocabulary.characters[id];
    state = next;
    ids = tensor([[id]], { dtype: 'int32' });
  }
}

/** What the network writes after a prompt. */
export const sample = (model: CharRNN, vocabulary: data.Vocabulary, options: SampleOptions): string =>
  [...write(model, vocabulary, options)].join('');

/**
 * What a run writes after step `step`, if its options ask for samples. It draws from a stream of its own, that of the seed
 * and the step, so that training is not disturbed.
 */
export function sampleAt(
  step: number,
  model: CharRNN,
  vocabulary: data.Vocabulary,
  { prompt, sample: length, temperature, seed }: Options,
): Sample | undefined {
  if (length === 0) return undefined;
  const generator = streamOf(seed, step);
  return { step, prompt, temperature, text: sample(model, vocabulary, { prompt, length, temperature, generator }) };
}

/** The random stream that a run draws the sample of a step from. */
export const streamOf = (seed: number, step: number): Generator => new Generator(`${seed}, ${step}`);

/**
 * A prompt, or `first` where there is none.
 *
 * @throws OptionError for a character that is not in the vocabulary.
 */
export function promptOf(prompt: string, vocabulary: data.Vocabulary, first: string): string {
  const unknown = [...prompt].find(character => !vocabulary.has(character));
  if (unknown !== undefined)
    throw new OptionError(`prompt: expected characters that are in the text, got ${show(unknown)}`);
  return prompt === '' ? first : prompt;
}

/** An id drawn with probability softmax(logits / temperature), or the largest logit's at temperature 0. */
export function draw(logits: ArrayLike<number>, temperature: number, generator: Generator): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  if (temperature === 0) return best;
  const weights = Array.from(logits, x => Math.exp((x - logits[best]) / temperature));
  let left = generator.uniform() * weights.reduce((sum, w) => sum + w, 0);
  const id = weights.findIndex(w => (left -= w) < 0);
  // Rounding may leave a crumb after the last weight.
  return id === -1 ? best : id;
}
