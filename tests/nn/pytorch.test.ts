// Outputs, gradients and names of parameters, held against PyTorch; see tests/fixtures/torch/layers.py.
import { nn, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';
import { expectAsInTorch, leaf, type Run } from './torch.ts';

interface RecurrentCase extends Run {
  kind: 'RNN' | 'RNN relu' | 'LSTM' | 'GRU';
  layers: number;
  bidirectional: boolean;
  batchFirst: boolean;
  bias: boolean;
  batched: boolean;
  stateful: boolean;
}

const {
  recurrent,
  cells,
  layers,
}: { recurrent: RecurrentCase[]; cells: RecurrentCase[]; layers: (Run & { name: string })[] } =
  await json('torch/layers');

const [IN, HIDDEN, BATCH, TIME] = [3, 2, 2, 3];
const dtype = 'float64';

const about = ({ kind, layers, bidirectional, batchFirst, bias, batched, stateful }: RecurrentCase): string =>
  [
    kind,
    layers > 1 && `${layers} layers`,
    bidirectional && 'bidirectional',
    batchFirst && 'batch first',
    !bias && 'no bias',
    stateful ? 'a state' : 'no state',
    !batched && 'no batch',
  ]
    .filter(Boolean)
    .join(', ');

/** The parts of a state of a shape, and how they are passed. */
function stateOf(
  { kind, stateful }: RecurrentCase,
  shape: number[],
): { parts: Tensor[]; state: Tensor | Tensor[] | undefined } {
  if (!stateful) return { parts: [], state: undefined };
  const parts = Array.from({ length: kind === 'LSTM' ? 2 : 1 }, (_, i) => leaf(shape, 2 + i));
  return { parts, state: kind === 'LSTM' ? parts : parts[0] };
}

describe('recurrent layers give what PyTorch gives', () => {
  test.each(recurrent.map(given => [about(given), given] as const))('%s', (_, given) => {
    const { kind, layers, bidirectional, batchFirst, bias, batched } = given;
    const options = { numLayers: layers, bidirectional, batchFirst, bias, dtype } as const;
    const module: nn.Module =
      kind === 'LSTM'
        ? new nn.LSTM(IN, HIDDEN, options)
        : kind === 'GRU'
          ? new nn.GRU(IN, HIDDEN, options)
          : new nn.RNN(IN, HIDDEN, { ...options, nonlinearity: kind === 'RNN' ? 'tanh' : 'relu' });
    const count = layers * (bidirectional ? 2 : 1);
    const x = leaf(!batched ? [TIME, IN] : batchFirst ? [BATCH, TIME, IN] : [TIME, BATCH, IN], 1);
    const { parts, state } = stateOf(given, batched ? [count, BATCH, HIDDEN] : [count, HIDDEN]);
    expectAsInTorch(module, [x, ...parts], () => module.forward(x, state), given);
  });
});

describe('recurrent cells give what PyTorch gives', () => {
  test.each(cells.map(given => [about(given), given] as const))('%s', (_, given) => {
    const { kind, bias, batched } = given;
    const options = { bias, dtype } as const;
    const module: nn.Module =
      kind === 'LSTM'
        ? new nn.LSTMCell(IN, HIDDEN, options)
        : kind === 'GRU'
          ? new nn.GRUCell(IN, HIDDEN, options)
          : new nn.RNNCell(IN, HIDDEN, { ...options, nonlinearity: kind === 'RNN' ? 'tanh' : 'relu' });
    const x = leaf(batched ? [BATCH, IN] : [IN], 1);
    const { parts, state } = stateOf(given, batched ? [BATCH, HIDDEN] : [HIDDEN]);
    expectAsInTorch(module, [x, ...parts], () => module.forward(x, state), given);
  });
});

describe('layers give what PyTorch gives', () => {
  const x = (shape: number[]): Tensor => leaf(shape, 1);
  const ids = tensor(
    [
      [4, 0, 1],
      [1, 2, 4],
    ],
    { dtype: 'int32' },
  );
  const float64 = { dtype } as const;
  const made: Record<string, [module: nn.Module, input: Tensor]> = {
    Linear: [new nn.Linear(3, 2, float64), x([4, 3])],
    'Linear without bias': [new nn.Linear(3, 2, { bias: false, dtype }), x([4, 3])],
    'Linear of a vector': [new nn.Linear(3, 2, float64), x([3])],
    'Linear of three dims': [new nn.Linear(3, 2, float64), x([2, 4, 3])],
    LayerNorm: [new nn.LayerNorm(4, float64), x([3, 4])],
    'LayerNorm of two dims': [new nn.LayerNorm([3, 4], { eps: 1e-3, dtype }), x([2, 3, 4])],
    'LayerNorm without affine': [new nn.LayerNorm(4, { elementwiseAffine: false }), x([3, 4])],
    Embedding: [new nn.Embedding(5, 3, float64), ids],
    'Embedding with padding': [new nn.Embedding(5, 3, { paddingIdx: 1, dtype }), ids],
    'Embedding with padding from the end': [new nn.Embedding(5, 3, { paddingIdx: -1, dtype }), ids],
    Identity: [new nn.Identity(), x([3, 4])],
    ReLU: [new nn.ReLU(), x([3, 4])],
    Tanh: [new nn.Tanh(), x([3, 4])],
    Sigmoid: [new nn.Sigmoid(), x([3, 4])],
    SiLU: [new nn.SiLU(), x([3, 4])],
    GELU: [new nn.GELU(), x([3, 4])],
    'GELU tanh': [new nn.GELU({ approximate: 'tanh' }), x([3, 4])],
    LeakyReLU: [new nn.LeakyReLU(), x([3, 4])],
    'LeakyReLU 0.3': [new nn.LeakyReLU(0.3), x([3, 4])],
    ELU: [new nn.ELU(), x([3, 4])],
    'ELU 0.5': [new nn.ELU(0.5), x([3, 4])],
    Softplus: [new nn.Softplus(), x([3, 4])],
    'Softplus 2': [new nn.Softplus(2), x([3, 4])],
    'Softmax 0': [new nn.Softmax(0), x([3, 4])],
    'Softmax -1': [new nn.Softmax(-1), x([3, 4])],
    Flatten: [new nn.Flatten(0, 1), x([3, 4])],
    'Dropout of p 0': [new nn.Dropout(0), x([3, 4])],
    'Dropout of p 1': [new nn.Dropout(1), x([3, 4])],
    Sequential: [
      new nn.Sequential(
        new nn.Linear(4, 3, float64),
        new nn.Tanh(),
        new nn.Sequential(new nn.LayerNorm(3, float64), new nn.Linear(3, 2, float64)),
      ),
      x([3, 4]),
    ],
    Conv1d: [new nn.Conv1d(2, 3, 2, float64), x([2, 2, 5])],
    'Conv1d with reflected padding': [
      new nn.Conv1d(2, 4, 3, { stride: 2, padding: 2, groups: 2, paddingMode: 'reflect', dtype }),
      x([1, 2, 6]),
    ],
    Conv2d: [new nn.Conv2d(2, 3, 2, float64), x([2, 2, 3, 4])],
    'Conv2d without bias': [
      new nn.Conv2d(2, 2, [3, 2], { stride: [2, 1], padding: 1, dilation: [1, 2], bias: false, dtype }),
      x([1, 2, 4, 5]),
    ],
    'Conv2d in groups, without a batch': [new nn.Conv2d(4, 2, 3, { padding: 'same', groups: 2, dtype }), x([4, 3, 3])],
    'Conv2d with replicated padding': [
      new nn.Conv2d(1, 2, 3, { padding: [2, 1], paddingMode: 'replicate', dtype }),
      x([1, 1, 3, 4]),
    ],
    'Conv2d with circular padding': [
      new nn.Conv2d(1, 2, [2, 3], { padding: 'same', paddingMode: 'circular', dtype }),
      x([1, 1, 3, 4]),
    ],
    ConvTranspose2d: [new nn.ConvTranspose2d(2, 3, 2, float64), x([2, 2, 2, 3])],
    'ConvTranspose2d with all of it': [
      new nn.ConvTranspose2d(4, 2, 3, {
        stride: 2,
        padding: 1,
        outputPadding: 1,
        groups: 2,
        bias: false,
        dilation: 2,
        dtype,
      }),
      x([1, 4, 2, 2]),
    ],
    MaxPool1d: [new nn.MaxPool1d(2), x([2, 2, 5])],
    MaxPool2d: [new nn.MaxPool2d(2), x([1, 2, 4, 5])],
    'MaxPool2d with all of it': [
      new nn.MaxPool2d(3, { stride: 2, padding: 1, dilation: 2, ceilMode: true }),
      x([1, 2, 8, 9]),
    ],
    AvgPool1d: [new nn.AvgPool1d(2), x([2, 2, 5])],
    AvgPool2d: [new nn.AvgPool2d([2, 3], { stride: 1, padding: 1, countIncludePad: false }), x([1, 2, 4, 5])],
    AdaptiveAvgPool2d: [new nn.AdaptiveAvgPool2d([2, null]), x([1, 2, 3, 5])],
  };

  test('all of the fixture are here', () => {
    expect(Object.keys(made)).toEqual(layers.map(({ name }) => name));
  });

  test.each(layers.map(given => [given.name, given] as const))('%s', (name, given) => {
    const [module, input] = made[name];
    expectAsInTorch(module, input.requiresGrad ? [input] : [], () => module.forward(input), given);
  });
});
