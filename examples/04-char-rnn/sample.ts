import { type data, Generator, noGrad, type Tensor, tensor } from 'tapegrad';
import type { CharRNN, State } from './model.ts';

export interface SampleOptions {
  readonly prompt: string;
  readonly length: number;
  /** Logits are divided by it: below 1 is more careful, above 1 bolder, 0 takes the likeliest character. */
  readonly temperature: number;
  /** Equal seeds give equal samples; the stream is the sample's own, so that training is not disturbed. */
  readonly seed: string;
}

/** Lets the network go on from a prompt, feeding it what it writes; returns what it wrote. */
export function sample(
  model: CharRNN,
  vocabulary: data.Vocabulary,
  { prompt, length, temperature, seed }: SampleOptions,
): string {
  const generator = new Generator(seed);
  const written: number[] = [];
  noGrad(() => {
    let ids: Tensor = vocabulary.encode(prompt).unsqueeze(0);
    let state: State | undefined;
    for (let i = 0; i < length; i++) {
      const [logits, next] = model.forward(ids, state);
      const id = draw(logits.select(1, -1).data, temperature, generator);
      written.push(id);
      state = next;
      ids = tensor([[id]], { dtype: 'int32' });
    }
  });
  return vocabulary.decode(written);
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
