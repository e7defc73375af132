import { data, gradcheck, io, manualSeed, nn, optim, randn, type Tensor } from 'tapegrad';
import { expect, test } from 'vitest';

class CharModel extends nn.Module {
  embedding: nn.Embedding;
  rnn: nn.GRU;
  head: nn.Linear;

  constructor(characters: number) {
    super();
    this.embedding = new nn.Embedding(characters, 8);
    this.rnn = new nn.GRU(8, 16, { batchFirst: true });
    this.head = new nn.Linear(16, characters);
  }

  forward(ids: Tensor): Tensor {
    const [output] = this.rnn.forward(this.embedding.forward(ids));
    return this.head.forward(output);
  }
}

test('a network learns to say a sentence, is saved, loaded, and says it still', () => {
  manualSeed(7);
  const text = 'the tape remembers what the loop forgets';
  const vocabulary = new data.Vocabulary(text);
  const [inputs, targets] = data.windows(vocabulary.encode(text), 8);
  const model = new CharModel(vocabulary.size);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const lossOf = (m: CharModel): Tensor =>
    m
      .forward(inputs)
      .reshape([-1, vocabulary.size])
      .crossEntropy(targets.reshape([-1]));

  for (let step = 0; step < 80; step++) {
    const loss = lossOf(model);
    optimizer.zeroGrad();
    loss.backward();
    optim.clipGradNorm(model.parameters(), 1);
    optimizer.step();
  }
  expect(lossOf(model).item()).toBeLessThan(0.2);

  const copy = new CharModel(vocabulary.size);
  copy.loadStateDict(io.decodeSafetensors(io.encodeSafetensors(model.stateDict())));
  expect(lossOf(copy).item()).toBe(lossOf(model).item());

  const said = copy.forward(vocabulary.encode(text.slice(0, -1)).unsqueeze(0)).argmax(-1);
  expect(vocabulary.decode(said.reshape([-1])).slice(8)).toBe(text.slice(9));

  const cell = new nn.RNNCell(2, 3).to('float64');
  expect(gradcheck(x => cell.forward(x), [randn([4, 2])])).toBe(true);
});
