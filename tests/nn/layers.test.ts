import { ArgumentError, Generator, IndexError, nn, ones, ShapeError, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';

// Sizes that the compiler does not know.
const of = (...shape: number[]): Tensor => zeros(shape);

const throws = (call: () => unknown, kind: new (message: string) => Error, message: string): void =>
  expect(call).toThrow(new kind(message));

describe('Linear', () => {
  test('starts uniform in ± 1 / √in, weight and bias, the same for the same seed', () => {
    const make = (): nn.Linear => new nn.Linear(25, 40, { generator: new Generator(1) });
    const { weight, bias } = make();
    for (const p of [weight, bias]) {
      expect(p.abs().max().item()).toBeLessThan(0.2);
      expect(p.abs().max().item()).toBeGreaterThan(0.18);
    }
    expect(make().weight.toArray()).toEqual(weight.toArray());
  });

  test('has null for a bias that is not wanted', () => {
    expect(new nn.Linear(2, 3, { bias: false }).bias).toBeNull();
  });

  test('refuses inputs and sizes that do not fit', () => {
    throws(
      () => new nn.Linear(3, 4).forward(of(2, 5)),
      ShapeError,
      'linear: last dim of x [2, 5] is 5, expected 3, as in weight [4, 3]',
    );
    throws(
      () => new nn.Linear(1.5, 4),
      ArgumentError,
      'Linear: expected inFeatures to be a whole number of 0 or more, got 1.5',
    );
    throws(
      () => new nn.Linear(3, -1),
      ArgumentError,
      'Linear: expected outFeatures to be a whole number of 0 or more, got -1',
    );
  });

  test('takes no inputs and gives the bias', () => {
    const layer = new nn.Linear(0, 2);
    expect(layer.forward(of(3, 0)).toArray()).toEqual([
      layer.bias.toArray(),
      layer.bias.toArray(),
      layer.bias.toArray(),
    ]);
  });
});

describe('Embedding', () => {
  test('starts standard normal, with zeros for the padding', () => {
    const { weight } = new nn.Embedding(40, 50, { paddingIdx: 3, generator: new Generator(2) });
    expect(weight.select(0, 3).toArray()).toEqual(new Array(50).fill(0));
    const others = weight.narrow(0, 4, 36);
    expect(Math.abs(others.mean().item())).toBeLessThan(0.05);
    expect(Math.abs(others.std().item() - 1)).toBeLessThan(0.05);
  });

  test('gives the row of the padding as it is, also when that is not zeros', () => {
    const embedding = new nn.Embedding(3, 2, { paddingIdx: 0 });
    embedding.loadStateDict({ weight: ones([3, 2]) });
    expect(embedding.forward(tensor([0, 1], { dtype: 'int32' })).toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test('refuses a padding that is no id', () => {
    throws(
      () => new nn.Embedding(5, 2, { paddingIdx: 5 }),
      ArgumentError,
      'Embedding: expected paddingIdx in -5..4, got 5',
    );
    throws(
      () => new nn.Embedding(5, 2, { paddingIdx: -6 }),
      ArgumentError,
      'Embedding: expected paddingIdx in -5..4, got -6',
    );
  });

  test('prints its sizes', () => {
    expect(String(new nn.Embedding(5, 2, { paddingIdx: -1 }))).toBe('Embedding(5, 2, paddingIdx=4)');
  });
});

describe('Dropout', () => {
  test('zeroes elements and scales the others in training, and lets everything pass in evaluation', () => {
    const dropout = new nn.Dropout(0.25, { generator: new Generator(4) });
    const y = dropout.forward(ones([4000]));
    const values = new Set<number>(y.toArray());
    expect(values).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(Math.abs(y.mean().item() - 1)).toBeLessThan(0.05);
    expect(dropout.forward(ones([4000])).toArray()).not.toEqual(y.toArray());
    const x = ones([3]);
    expect(dropout.eval().forward(x)).toBe(x);
  });

  test('refuses what is not a probability', () => {
    throws(() => new nn.Dropout(-0.1), ArgumentError, 'Dropout: expected a probability p in [0, 1], got -0.1');
    throws(() => new nn.Dropout(Number.NaN), ArgumentError, 'Dropout: expected a probability p in [0, 1], got NaN');
  });
});

describe('LayerNorm', () => {
  test('starts as the bare normalisation, and may have a weight without a bias', () => {
    const norm = new nn.LayerNorm([2, 3], { bias: false });
    expect([norm.weight?.toArray(), norm.bias]).toEqual([
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
      null,
    ]);
    expect(Object.keys(new nn.LayerNorm(4).stateDict())).toEqual(['weight', 'bias']);
  });

  test('refuses inputs of other last dims', () => {
    throws(
      () => new nn.LayerNorm([2, 3]).forward(of(2, 4)),
      ShapeError,
      'layerNorm: expected an input whose last dims are [2, 3], got shape [2, 4]',
    );
    throws(
      () => new nn.LayerNorm([2, 0.5]),
      ArgumentError,
      'LayerNorm: expected every size of normalizedShape to be a whole number of 1 or more, got 0.5',
    );
  });
});

test('activations print their options', () => {
  const lines = [
    new nn.ReLU(),
    new nn.GELU({ approximate: 'tanh' }),
    new nn.LeakyReLU(),
    new nn.ELU(0.5),
    new nn.Softplus(),
    new nn.Softmax(-1),
    new nn.Flatten(),
    new nn.Dropout(),
    new nn.Identity(),
  ].map(String);
  expect(lines).toEqual([
    'ReLU()',
    'GELU(approximate=tanh)',
    'LeakyReLU(slope=0.01)',
    'ELU(alpha=0.5)',
    'Softplus(beta=1)',
    'Softmax(dim=-1)',
    'Flatten(start=1, end=-1)',
    'Dropout(p=0.5)',
    'Identity()',
  ]);
});

describe('Sequential', () => {
  const [first, second] = [new nn.Linear(2, 3), new nn.Tanh()];
  const model = new nn.Sequential(first, second);

  test('can be counted, indexed and iterated over', () => {
    expect([model.length, model.at(0), model.at(-1), [...model]]).toEqual([2, first, second, [first, second]]);
    throws(() => model.at(2), IndexError, 'at: expected an index in -2..1, got 2');
  });

  test('may have modules in fields as well', () => {
    class Tagged extends nn.Sequential<[nn.Linear<2, 3>]> {
      readonly extra = new nn.Linear(1, 1, { bias: false });
    }
    expect(Object.keys(new Tagged(first).stateDict())).toEqual(['0.weight', '0.bias', 'extra.weight']);
  });

  test('without layers gives what it gets', () => {
    const x = ones([2]);
    expect(new nn.Sequential().forward(x)).toBe(x);
  });

  test('refuses what is not a module, and layers that do not give a tensor', () => {
    const notMade: any = nn.ReLU;
    throws(
      () => new nn.Sequential(first, notMade),
      ArgumentError,
      'Sequential: expected layer 1 to be a Module, got function',
    );
    throws(
      () => new nn.Sequential(new nn.RNN(2, 3), new nn.Linear(3, 2)).forward(of(4, 1, 2)),
      ArgumentError,
      'Sequential: expected layer 0, RNN, to give a tensor, got an array of 2',
    );
  });
});

test('ModuleList holds modules in order and has no forward', () => {
  const layers = Array.from({ length: 3 }, () => new nn.Linear(2, 2));
  const list = new nn.ModuleList(layers);
  expect([...list]).toEqual(layers);
  expect(Object.keys(list.stateDict())).toEqual(['0.weight', '0.bias', '1.weight', '1.bias', '2.weight', '2.bias']);
  throws(
    () => list.forward(),
    ArgumentError,
    'ModuleList: expected its modules to be called one by one, it has no forward of its own',
  );
  const one: any = layers[0];
  throws(() => new nn.ModuleList(one), ArgumentError, 'ModuleList: expected an array of modules, got object');
});

test('what is no tensor is refused by the layer that it is given to', () => {
  const rows: any = [[1, 2, 3]];
  const layers: [string, nn.Module][] = [
    ['Linear', new nn.Linear(3, 4)],
    ['Embedding', new nn.Embedding(3, 4)],
    ['Conv1d', new nn.Conv1d(1, 2, 3)],
    ['Conv2d', new nn.Conv2d(1, 2, 3)],
    ['ConvTranspose2d', new nn.ConvTranspose2d(1, 2, 3)],
    ['Sequential', new nn.Sequential(new nn.ReLU())],
  ];
  for (const [name, layer] of layers)
    throws(() => layer.forward(rows), ArgumentError, `${name}: expected x to be a tensor, got an array of 1`);
});
