import { type data, noGrad } from 'tapegrad';
import type { CharRNN } from './model.ts';

/** What a network's last recurrent layer holds while it reads a text. */
export interface HiddenStates {
  readonly characters: readonly string[];
  /** The state after each character: a number from -1 to 1 for each unit. */
  readonly states: readonly (readonly number[])[];
}

/**
 * The hidden states of a network over a text that it reads from its first character on: one row a character, one column a
 * unit.
 *
 * @throws IndexError for a character that is not in the vocabulary.
 */
export function hiddenStates(model: CharRNN, vocabulary: data.Vocabulary, text: string): HiddenStates {
  const characters = [...text];
  if (characters.length === 0) return { characters, states: [] };
  const [{ data, shape }] = noGrad(() => model.states(vocabulary.encode(text).unsqueeze(0)));
  const units = shape[2];
  const states = characters.map((_, i) => Array.from(data.subarray(i * units, (i + 1) * units)));
  return { characters, states };
}
