import { cat, Generator, nn, noGrad, optim, randint, randn, type Tensor, zeros } from 'tapegrad';

export interface Size {
  readonly B: number;
  readonly T: number;
  readonly V: number;
  readonly H: number;
}

/** One training step of an Elman language model (forward, backward, SGD), written with tensors alone. */
export function elmanStep({ B, T, V, H }: Size): () => Tensor {
  const generator = new Generator(1);
  const leaf = (shape: number[]): Tensor =>
    randn(shape, { generator })
      .mul(1 / Math.sqrt(H))
      .detach();
  const weights = { Wxh: leaf([V, H]), Whh: leaf([H, H]), bh: zeros([H]), Why: leaf([H, V]), by: zeros([V]) };
  const parameters: Tensor[] = Object.values(weights);
  for (const p of parameters) p.requiresGrad = true;
  const { Wxh, Whh, bh, Why, by }: Record<keyof typeof weights, Tensor> = weights;
  const inputs = randint(0, V, [T, B], { generator }).unbind(0);
  const targets = randint(0, V, [T * B], { generator });
  const h0 = zeros([B, H]);
  return () => {
    let h: Tensor = h0;
    const states: Tensor[] = [];
    for (const x of inputs) {
      h = x.embedding(Wxh).add(h.matmul(Whh)).add(bh).tanh();
      states.push(h);
    }
    const loss = cat(states).matmul(Why).add(by).crossEntropy(targets);
    for (const p of parameters) p.zeroGrad();
    loss.backward();
    noGrad(() => {
      for (const p of parameters) if (p.grad !== null) p.assign(p.sub(p.grad.mul(0.01)));
    });
    return loss;
  };
}

/** The same model from modules, with the optimiser. */
export function elmanModuleStep({ B, T, V, H }: Size): () => Tensor {
  const generator = new Generator(1);
  const embedding = new nn.Embedding(V, H, { generator });
  const rnn = new nn.RNN(H, H, { generator });
  const head = new nn.Linear(H, V, { generator });
  const optimizer = new optim.SGD(
    [embedding, rnn, head].flatMap(m => [...m.parameters()]),
    { lr: 0.01 },
  );
  const inputs = randint(0, V, [T, B], { generator });
  const targets = randint(0, V, [T * B], { generator });
  return () => {
    const [output] = rnn.forward(embedding.forward(inputs));
    const loss = head.forward(output.reshape([T * B, H])).crossEntropy(targets);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
}
