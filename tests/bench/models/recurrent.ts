import { Generator, nn, optim, type Tensor } from 'tapegrad';
import { ids, type Size } from './text.ts';
import { training } from './training.ts';
import type { Workload } from './workload.ts';

type Recurrent = nn.Module & { forward(x: Tensor): [outputs: Tensor, state: unknown] };

/** A language model of ids [T, B]: embedding, a recurrent layer, logits [T · B, V]. */
class LanguageModel extends nn.Module {
  readonly embedding: nn.Embedding;
  readonly rnn: Recurrent;
  readonly head: nn.Linear;

  constructor(rnn: Recurrent, { V, H }: Size, generator: Generator) {
    super();
    this.embedding = new nn.Embedding(V, H, { generator });
    this.rnn = rnn;
    this.head = new nn.Linear(H, V, { generator });
  }

  forward(x: Tensor): Tensor {
    const [outputs] = this.rnn.forward(this.embedding.forward(x));
    return this.head.forward(outputs.flatten(0, 1));
  }
}

/** The Elman language model from modules, with SGD. */
export function elmanModules(size: Size): Workload {
  const generator = new Generator(1);
  const model = new LanguageModel(new nn.RNN(size.H, size.H, { generator }), size, generator);
  return training(model, new optim.SGD(model.parameters(), { lr: 0.01 }), ids(size, generator));
}

/** An LSTM language model, with Adam. */
export function lstm(size: Size): Workload {
  const generator = new Generator(1);
  const model = new LanguageModel(new nn.LSTM(size.H, size.H, { generator }), size, generator);
  return training(model, new optim.Adam(model.parameters()), ids(size, generator));
}
