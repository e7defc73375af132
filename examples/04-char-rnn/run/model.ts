import { type Generator, nn, Tensor } from 'tapegrad';
import type { Cell } from './options.ts';

/** The sizes of a network: all that is needed to build it. */
export interface Sizes {
  readonly cell: Cell;
  readonly vocabulary: number;
  readonly embedding: number;
  readonly hidden: number;
  readonly layers: number;
}

/** The hidden state between two calls: h, or [h, c] for an LSTM. */
export type State = Tensor | readonly [Tensor, Tensor];

/**
 * Predicts each next character of a text: character ids are embedded, run through a recurrent layer, and projected to a
 * score for each character of the vocabulary.
 */
export class CharRNN extends nn.Module {
  readonly embedding: nn.Embedding;
  readonly rnn: nn.RNN | nn.LSTM | nn.GRU;
  readonly head: nn.Linear;

  constructor({ cell, vocabulary, embedding, hidden, layers }: Sizes, generator?: Generator) {
    super();
    const options = { numLayers: layers, batchFirst: true, generator };
    this.embedding = new nn.Embedding(vocabulary, embedding, { generator });
    this.rnn =
      cell === 'lstm'
        ? new nn.LSTM(embedding, hidden, options)
        : cell === 'gru'
          ? new nn.GRU(embedding, hidden, options)
          : new nn.RNN(embedding, hidden, options);
    this.head = new nn.Linear(hidden, vocabulary, { generator });
  }

  /** Logits [batch, time, vocabulary] for ids [batch, time], and the state after the last of them. */
  forward(ids: Tensor, state?: State): [logits: Tensor, state: State] {
    const [states, next] = this.states(ids, state);
    return [this.head.forward(states), next];
  }

  /** The states [batch, time, hidden] of the last recurrent layer for ids [batch, time], and all that goes on from there. */
  states(ids: Tensor, state?: State): [states: Tensor, state: State] {
    const { rnn } = this;
    const x = this.embedding.forward(ids);
    return rnn instanceof nn.LSTM
      ? rnn.forward(x, state instanceof Tensor ? undefined : state)
      : rnn.forward(x, state instanceof Tensor ? state : undefined);
  }
}

/** The number of weights in a network of these sizes, without building it. */
export function parameterCount({ cell, vocabulary, embedding, hidden, layers }: Sizes): number {
  const gates = { rnn: 1, gru: 3, lstm: 4 }[cell];
  const first = gates * hidden * (embedding + hidden + 2);
  const above = gates * hidden * (hidden + hidden + 2);
  return vocabulary * embedding + first + (layers - 1) * above + (hidden + 1) * vocabulary;
}
