import { type data, type Tensor, tensor } from 'tapegrad';
import { Failure } from './errors.ts';
import type { Metrics } from './history.ts';
import type { Sample } from './sample.ts';

export type Tensors = { readonly [name: string]: Tensor };

const column = (values: readonly number[]): Tensor => tensor(Float64Array.from(values));

/** What the steps of a run gave, as columns: a checkpoint holds tensors. */
export const historyColumns = (history: readonly Metrics[]): Tensors => ({
  loss: column(history.map(({ loss }) => loss)),
  gradientNorm: column(history.map(({ gradientNorm }) => gradientNorm)),
  heldOut: column(history.map(({ heldOut }) => heldOut ?? Number.NaN)),
});

/** @throws Failure for what are no such columns. */
export function readHistory({ loss, gradientNorm, heldOut }: Tensors): Metrics[] {
  const [losses, norms, measured] = columnsOf('history', { loss, gradientNorm, heldOut });
  return losses.map((loss, i) => ({
    step: i + 1,
    loss,
    gradientNorm: norms[i],
    heldOut: Number.isNaN(measured[i]) ? undefined : measured[i],
  }));
}

/** What a run wrote, as columns, and one after the other the ids of each prompt and of what follows it. */
export function sampleColumns(samples: readonly Sample[], vocabulary: data.Vocabulary): Tensors {
  const length = (text: string) => [...text].length;
  return {
    step: column(samples.map(({ step }) => step)),
    temperature: column(samples.map(({ temperature }) => temperature)),
    prompt: column(samples.map(({ prompt }) => length(prompt))),
    text: column(samples.map(({ text }) => length(text))),
    ids: vocabulary.encode(samples.map(({ prompt, text }) => prompt + text).join('')),
  };
}

/**
 * The samples of a checkpoint; a checkpoint may have none of this.
 *
 * @throws Failure for what are no such columns; IndexError for ids that are not in the vocabulary.
 */
export function readSamples(tensors: Tensors, vocabulary: data.Vocabulary): Sample[] {
  if (Object.keys(tensors).length === 0) return [];
  const { step, temperature, prompt, text, ids } = tensors;
  const [steps, temperatures, prompts, texts] = columnsOf('samples', { step, temperature, prompt, text });
  const characters = [...vocabulary.decode(ids)];
  const lengths = [...prompts, ...texts];
  if (!lengths.every(n => Number.isSafeInteger(n) && n >= 0) || sum(lengths) !== characters.length)
    throw new Failure(`expected samples of ${characters.length} characters in all, got the lengths of others`);
  if (!steps.every(Number.isSafeInteger) || !temperatures.every(t => t >= 0))
    throw new Failure('expected samples with a step and a temperature of 0 or more each, got others');
  let at = 0;
  const take = (length: number) => characters.slice(at, (at += length)).join('');
  return steps.map((step, i) => ({
    step,
    temperature: temperatures[i],
    prompt: take(prompts[i]),
    text: take(texts[i]),
  }));
}

const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);

/** The numbers of columns, by their order. */
function columnsOf(what: string, columns: { readonly [name: string]: Tensor | undefined }): (readonly number[])[] {
  const [first] = Object.values(columns);
  return Object.values(columns).map(x => {
    if (x === undefined || x.ndim !== 1 || x.dtype !== 'float64' || x.size !== first?.size)
      throw new Failure(`expected the ${what} as float64 columns of one length: ${Object.keys(columns).join(', ')}`);
    return Array.from(x.data);
  });
}
