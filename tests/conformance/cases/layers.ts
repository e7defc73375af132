import { nn, type Tensor } from 'tapegrad';
import { type Case, program, script } from '../case.ts';
import type { Draw } from '../draw.ts';

type Options = { readonly generator: Draw['generator'] };
export type Make = (options: Options) => nn.Module;

const activations: nn.Module[] = [
  new nn.Identity(),
  new nn.ReLU(),
  new nn.Tanh(),
  new nn.Sigmoid(),
  new nn.SiLU(),
  new nn.GELU(),
  new nn.GELU({ approximate: 'tanh' }),
  new nn.LeakyReLU(0.1),
  new nn.ELU(0.5),
  new nn.Softplus(),
  new nn.Softmax(1),
];

/** The outputs of a layer, the gradients of its parameters, and that of its input. */
export const onLayer = (name: string, make: Make, inputs: (draw: Draw) => Tensor[]): Case =>
  program(name, draw => {
    const model = draw.model(make);
    return {
      fn: (...args: Tensor[]) => {
        model.zeroGrad();
        const outputs: Tensor[] = [model.forward(...args)].flat(2);
        // Cubes, since the sum of squares of what is normalised is always the same, and has no gradient.
        const sums = outputs.map((y, i) =>
          y
            .pow(3)
            .add(y)
            .sum()
            .mul(i + 1),
        );
        sums.reduce((a, b) => a.add(b)).backward();
        return outputs.map(y => y.detach());
      },
      inputs,
      state: model.parameters(),
    };
  });

const normal =
  (...shape: number[]) =>
  (draw: Draw): Tensor[] => [draw.leaf(...shape)];

const recurrent = {
  RNN: nn.RNN,
  LSTM: nn.LSTM,
  GRU: nn.GRU,
} as const;

const forms = {
  'of one layer': {},
  'of two layers': { numLayers: 2 },
  'in both directions': { bidirectional: true },
  'of two layers in both directions with dropout': { numLayers: 2, bidirectional: true, dropout: 0.3 },
  'without biases': { bias: false },
  'with the batch first': { batchFirst: true },
} as const;

export const layerCases: Case[] = [
  ...activations.map((layer, i) =>
    onLayer(`the layer ${layer.constructor.name}, number ${i}`, () => layer, normal(4, 6)),
  ),
  onLayer('a linear layer', o => new nn.Linear(5, 3, o), normal(4, 5)),
  onLayer(
    'a linear layer of more dims, without bias',
    o => new nn.Linear(5, 3, { ...o, bias: false }),
    normal(2, 4, 5),
  ),
  onLayer(
    'an embedding',
    o => new nn.Embedding(7, 4, o),
    draw => [draw.ids(0, 7, 3, 5)],
  ),
  onLayer(
    'an embedding with an id that gets no gradient',
    o => new nn.Embedding(4, 3, { ...o, paddingIdx: 0 }),
    draw => [draw.ids(0, 4, 3, 5)],
  ),
  onLayer('a layer norm', o => new nn.LayerNorm(6, o), normal(4, 6)),
  onLayer('a layer norm over two dims', o => new nn.LayerNorm([3, 5], o), normal(2, 3, 5)),
  onLayer('a layer norm without parameters', () => new nn.LayerNorm(6, { elementwiseAffine: false }), normal(4, 6)),
  onLayer('a flattening layer', () => new nn.Flatten(), normal(2, 3, 4)),
  onLayer('a dropout layer', o => new nn.Dropout(0.4, o), normal(4, 6)),
  onLayer(
    'a perceptron of three layers',
    o =>
      new nn.Sequential(
        new nn.Linear(5, 9, o),
        new nn.Tanh(),
        new nn.LayerNorm(9, o),
        new nn.Linear(9, 7, o),
        new nn.GELU(),
        new nn.Linear(7, 2, o),
      ),
    normal(6, 5),
  ),
  onLayer('a convolution of signals', o => new nn.Conv1d(2, 4, 3, { ...o, padding: 1 }), normal(3, 2, 9)),
  onLayer('a convolution of pictures', o => new nn.Conv2d(3, 4, 3, o), normal(2, 3, 7, 6)),
  onLayer(
    'a convolution with stride and dilation, in groups',
    o => new nn.Conv2d(4, 6, [3, 2], { ...o, stride: 2, padding: 2, dilation: [1, 2], groups: 2 }),
    normal(2, 4, 9, 8),
  ),
  onLayer(
    'a convolution of single elements, without bias',
    o => new nn.Conv2d(4, 6, 1, { ...o, bias: false }),
    normal(2, 4, 5, 6),
  ),
  onLayer(
    'a convolution channel by channel, padded around the other end',
    o => new nn.Conv2d(3, 6, 3, { ...o, padding: 1, groups: 3, paddingMode: 'circular' }),
    normal(2, 3, 5, 5),
  ),
  onLayer(
    'a transposed convolution',
    o => new nn.ConvTranspose2d(3, 2, 3, { ...o, stride: 2, padding: 1, outputPadding: 1 }),
    normal(2, 3, 4, 5),
  ),
  onLayer('a max pool', () => new nn.MaxPool2d(3, { stride: 2, padding: 1 }), normal(2, 3, 7, 6)),
  onLayer('a max pool of signals', () => new nn.MaxPool1d(2), normal(2, 3, 7)),
  onLayer('an average pool', () => new nn.AvgPool2d(3, { stride: 2, padding: 1 }), normal(2, 3, 7, 6)),
  onLayer('an average pool of signals', () => new nn.AvgPool1d(2), normal(2, 3, 7)),
  onLayer('an adaptive average pool', () => new nn.AdaptiveAvgPool2d([3, 2]), normal(2, 3, 7, 6)),
  onLayer(
    'a network of convolutions',
    o =>
      new nn.Sequential(
        new nn.Conv2d(1, 3, 3, { ...o, padding: 1 }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(3, 4, 3, o),
        new nn.Tanh(),
        new nn.AvgPool2d(2),
        new nn.Flatten(),
        new nn.Linear(4, 2, o),
      ),
    normal(3, 1, 8, 8),
  ),
  onLayer(
    'a cell of Elman',
    o => new nn.RNNCell(3, 4, o),
    draw => [draw.leaf(5, 3), draw.leaf(5, 4)],
  ),
  onLayer(
    'a cell of Elman with relu, without a batch',
    o => new nn.RNNCell(3, 4, { ...o, nonlinearity: 'relu' }),
    normal(3),
  ),
  onLayer(
    'a gated cell',
    o => new nn.GRUCell(3, 4, o),
    draw => [draw.leaf(5, 3), draw.leaf(5, 4)],
  ),
  onLayer('a cell of long short-term memory', o => new nn.LSTMCell(3, 4, o), normal(5, 3)),
  ...Object.entries(recurrent).flatMap(([name, Layer]) =>
    Object.entries(forms).map(([form, options]) =>
      onLayer(`${name} ${form}`, o => new Layer(3, 4, { ...options, ...o }), normal(5, 2, 3)),
    ),
  ),
  ...Object.entries(recurrent).map(([name, Layer]) =>
    onLayer(`${name} without a batch`, o => new Layer(3, 4, o), normal(5, 3)),
  ),
  onLayer('RNN with relu', o => new nn.RNN(3, 4, { ...o, nonlinearity: 'relu' }), normal(5, 2, 3)),
  onLayer(
    'GRU from a state that is given',
    o => new nn.GRU(3, 4, { ...o, numLayers: 2 }),
    draw => [draw.leaf(5, 2, 3), draw.leaf(2, 2, 4)],
  ),
  program('LSTM from a state that is given', draw => {
    const model = draw.model(o => new nn.LSTM(3, 4, o));
    return {
      fn: (x: Tensor, state: [Tensor, Tensor]) => model.forward(x, state),
      inputs: d => [d.normal(5, 2, 3), [d.normal(1, 2, 4), d.normal(1, 2, 4)]],
      state: model.parameters(),
    };
  }),
  script('a state that is handed from call to call', (compiled, draw) => {
    const model = draw.model(o => new nn.LSTM(3, 4, o));
    const run = compiled((x: Tensor, h: Tensor, c: Tensor) => model.forward(x, [h, c]));
    const outputs = [];
    let [h, c]: Tensor[] = [draw.normal(1, 2, 4), draw.normal(1, 2, 4)];
    for (let i = 0; i < 4; i++) {
      const [output, state] = run(draw.normal(3, 2, 3), h, c);
      [h, c] = state;
      outputs.push(output, h, c);
    }
    return outputs;
  }),
  script('a cell that is called step by step, eagerly and compiled', (compiled, draw) => {
    const cell = draw.model(o => new nn.GRUCell(3, 4, o));
    const step = compiled((x: Tensor, h: Tensor) => cell.forward(x, h));
    let h: Tensor = draw.normal(2, 4);
    return Array.from({ length: 6 }, (_, i) => {
      const x = draw.normal(2, 3);
      h = i % 3 === 2 ? cell.forward(x, h) : step(x, h);
      return h.detach();
    });
  }),
];
