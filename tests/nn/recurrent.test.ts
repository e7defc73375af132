import { type Observer, observe } from '@tapegrad/autograd';
import {
  ArgumentError,
  cat,
  Generator,
  gradcheck,
  nn,
  noGrad,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from 'tapegrad';
import { describe, expect, test } from 'vitest';

const generator = () => new Generator(7);
const options = { dtype: 'float64' } as const;
const random = (shape: number[], seed = 1): Tensor =>
  randn(shape, { dtype: 'float64', generator: new Generator(seed) });

/** The module with other tensors in the places of its parameters, so that gradients go to these. */
function withParameters(module: nn.Module, values: readonly Tensor[]): nn.Module {
  for (const [i, [name]] of module.namedParameters().entries()) Reflect.set(module, name, values[i]);
  return module;
}

const flat = (value: unknown): Tensor[] => (Array.isArray(value) ? value.flatMap(flat) : [value as Tensor]);

describe('gradients agree with central differences', () => {
  const both = { numLayers: 2, bidirectional: true, ...options } as const;
  const cases: Record<string, [make: () => nn.Module, input: number[], states: number[][]]> = {
    RNN: [() => new nn.RNN(3, 2, both), [3, 2, 3], [[4, 2, 2]]],
    'RNN with relu': [() => new nn.RNN(3, 2, { nonlinearity: 'relu', ...options }), [3, 2, 3], [[1, 2, 2]]],
    LSTM: [
      () => new nn.LSTM(3, 2, both),
      [3, 2, 3],
      [
        [4, 2, 2],
        [4, 2, 2],
      ],
    ],
    GRU: [() => new nn.GRU(3, 2, both), [3, 2, 3], [[4, 2, 2]]],
    RNNCell: [() => new nn.RNNCell(3, 2, options), [2, 3], [[2, 2]]],
    LSTMCell: [
      () => new nn.LSTMCell(3, 2, options),
      [2, 3],
      [
        [2, 2],
        [2, 2],
      ],
    ],
    GRUCell: [() => new nn.GRUCell(3, 2, options), [2, 3], [[2, 2]]],
  };
  test.each(Object.entries(cases))('%s', (_, [make, input, states]) => {
    const parameters = make().parameters();
    const given = states.map((shape, i) => random(shape, 2 + i));
    const forward = (x: Tensor, ...rest: Tensor[]): Tensor[] => {
      const state = rest.slice(0, given.length);
      const module = withParameters(make(), rest.slice(given.length));
      return flat(module.forward(x, state.length === 1 ? state[0] : state));
    };
    expect(gradcheck(forward as (...inputs: Tensor[]) => Tensor[], [random(input), ...given, ...parameters])).toBe(
      true,
    );
  });
});

describe('a layer is a loop over its cell', () => {
  const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];
  const sameWeights = <M extends nn.Module>(cell: M, layer: nn.Module): M => {
    const dict = layer.stateDict();
    cell.loadStateDict(Object.fromEntries(names.map(name => [name, dict[`${name}_l0`]])));
    return cell;
  };
  const x = random([5, 2, 3]);

  test('RNN', () => {
    const layer = new nn.RNN(3, 4, options);
    const cell = sameWeights(new nn.RNNCell(3, 4, options), layer);
    let h: Tensor = zeros([2, 4], options);
    const outputs = x.unbind(0).map(step => (h = cell.forward(step, h)));
    const [all, last] = layer.forward(x);
    expect(outputs.map(y => y.toArray())).toEqual(all.toArray());
    expect(last.squeeze(0).toArray()).toEqual(h.toArray());
  });

  test('GRU', () => {
    const layer = new nn.GRU(3, 4, options);
    const cell = sameWeights(new nn.GRUCell(3, 4, options), layer);
    let h: Tensor | undefined;
    const outputs = x.unbind(0).map(step => (h = cell.forward(step, h)));
    expect(outputs.map(y => y.toArray())).toEqual(layer.forward(x)[0].toArray());
  });

  test('LSTM', () => {
    const layer = new nn.LSTM(3, 4, options);
    const cell = sameWeights(new nn.LSTMCell(3, 4, options), layer);
    let state: [Tensor, Tensor] | undefined;
    const outputs = x.unbind(0).map(step => (state = cell.forward(step, state))[0]);
    const [all, [h, c]] = layer.forward(x);
    expect(outputs.map(y => y.toArray())).toEqual(all.toArray());
    expect([h.squeeze(0).toArray(), c.squeeze(0).toArray()]).toEqual(state?.map(part => part.toArray()));
  });
});

test('a state that is left out, or null, is zero', () => {
  const x = random([5, 2, 3]);
  const zero = zeros([1, 2, 4], options);
  const [gru, lstm] = [new nn.GRU(3, 4, options), new nn.LSTM(3, 4, options)];
  expect(gru.forward(x, null)[0].toArray()).toEqual(gru.forward(x, zero)[0].toArray());
  expect(gru.forward(x)[0].toArray()).toEqual(gru.forward(x, zero)[0].toArray());
  expect(lstm.forward(x)[0].toArray()).toEqual(lstm.forward(x, [zero, zero])[0].toArray());
});

test('the last state of one window continues in the next as if there were no cut', () => {
  const lstm = new nn.LSTM(3, 4, { numLayers: 2, ...options });
  const x = random([6, 2, 3]);
  const [whole, [h, c]] = lstm.forward(x);
  const [first, state] = lstm.forward(x.narrow(0, 0, 2));
  const [second, last] = lstm.forward(x.narrow(0, 2, 4), state);
  expect(cat([first, second]).toArray()).toEqual(whole.toArray());
  expect(last.map(part => part.toArray())).toEqual([h.toArray(), c.toArray()]);
});

test('batchFirst swaps the first two dims of input and output, not of the state', () => {
  const [rows, columns] = [new nn.GRU(3, 4, { generator: generator() }), new nn.GRU(3, 4, { batchFirst: true })];
  columns.loadStateDict(rows.stateDict());
  const x = randn([5, 2, 3], { generator: generator() });
  const [a, h] = rows.forward(x);
  const [b, k] = columns.forward(x.transpose(0, 1));
  expect(b.shape).toEqual([2, 5, 4]);
  expect(k.shape).toEqual([1, 2, 4]);
  expect(b.transpose(0, 1).toArray()).toEqual(a.toArray());
  expect(k.toArray()).toEqual(h.toArray());
});

describe('dropout', () => {
  const make = (dropout: number, numLayers = 2): nn.LSTM<3, 4, number> =>
    new nn.LSTM(3, 4, { numLayers, dropout, generator: generator() });
  const x = randn([5, 2, 3], { generator: generator() });
  const run = (module: nn.LSTM<3, 4, number>): unknown => module.forward(x)[0].toArray();

  test('between layers draws other masks at every call, only in training', () => {
    const module = make(0.5);
    expect(run(module)).not.toEqual(run(module));
    module.eval();
    expect(run(module)).toEqual(run(module));
    expect(run(module)).toEqual(run(make(0)));
  });

  test('of probability 1 leaves the upper layer nothing but its biases', () => {
    const module = make(1);
    const upper = new nn.LSTM(4, 4);
    const entries = Object.entries(module.stateDict()).filter(([name]) => name.endsWith('_l1'));
    upper.loadStateDict(Object.fromEntries(entries.map(([name, value]) => [name.replace('_l1', '_l0'), value])));
    expect(run(module)).toEqual(upper.forward(zeros([5, 2, 4]))[0].toArray());
  });

  test('leaves the outputs of the last layer alone', () => {
    expect(run(make(0.9, 1))).toEqual(run(make(0, 1)));
  });

  test('with one seed draws the same masks', () => {
    expect(run(make(0.5))).toEqual(run(make(0.5)));
  });
});

/** The operations, by name, of a forward and backward pass. */
function count(module: nn.Module, x: Tensor): Map<string, number> {
  const counts = new Map<string, number>();
  observe({ applied: ({ name }) => counts.set(name, (counts.get(name) ?? 0) + 1) }, () => {
    const [outputs] = module.forward(x);
    outputs.sum().backward();
  });
  return counts;
}

describe('the cost is linear in time:', () => {
  const makers = {
    RNN: () => new nn.RNN(3, 2),
    LSTM: () => new nn.LSTM(3, 2),
    GRU: () => new nn.GRU(3, 2),
  };
  test.each(Object.entries(makers))('each further step of %s takes the same operations', (_, make) => {
    const total = (T: number): number => [...count(make(), zeros([T, 2, 3])).values()].reduce((a, b) => a + b);
    const [ten, twenty, thirty] = [total(10), total(20), total(30)];
    expect(thirty - twenty).toBe(twenty - ten);
  });

  test('a step of RNN is one matmul, one addition and one tanh, and its input is projected with those of all steps', () => {
    const forward = (T: number): Map<string, number> =>
      noGrad(() => {
        const counts = new Map<string, number>();
        const module = new nn.RNN(3, 2);
        const x = zeros([T, 2, 3]);
        observe({ applied: ({ name }) => counts.set(name, (counts.get(name) ?? 0) + 1) }, () => module.forward(x));
        return counts;
      });
    const [two, three] = [forward(2), forward(3)];
    const added = [...three].map(([name, n]) => [name, n - (two.get(name) ?? 0)] as const).filter(([, n]) => n > 0);
    expect(Object.fromEntries(added)).toEqual({ slice: 1, matmul: 1, add: 1, tanh: 1 });
    expect(three.get('matmul')).toBe(4);
  });

  test('no step touches more than its part of the sequence', () => {
    // What an operation writes: nothing for a view, the part that is added where it adds in place, else its output.
    const written = (op: object, inputs: readonly Tensor[], output: Tensor): number =>
      'view' in op ? 0 : inputs[0].data === output.data ? inputs[1].size : output.size;
    const elements = (T: number): number => {
      let sum = 0;
      const applied: Observer['applied'] = (op, inputs, _, output) => {
        sum += written(op, inputs, output);
      };
      observe({ applied }, () =>
        new nn.LSTM(3, 2)
          .forward(zeros([T, 2, 3]))[0]
          .sum()
          .backward(),
      );
      return sum;
    };
    expect(elements(30) - elements(20)).toBe(elements(20) - elements(10));
  });
});

describe('what does not fit is refused, and the error says what does:', () => {
  const refuses = (call: () => unknown, message: string, kind: new (message: string) => Error = ShapeError): void =>
    expect(call).toThrow(new kind(message));
  // Sizes that the compiler does not know.
  const of = (...shape: number[]): Tensor => zeros(shape);

  test('inputs', () => {
    const rnn = new nn.RNN(12, 4);
    refuses(
      () => rnn.forward(of(3, 14, 11)),
      'RNN: expected x of shape [time, batch, 12] or [time, 12], got [3, 14, 11]',
    );
    refuses(() => rnn.forward(of(12)), 'RNN: expected x of shape [time, batch, 12] or [time, 12], got [12]');
    refuses(
      () => new nn.LSTM(12, 4, { batchFirst: true }).forward(of(12, 3)),
      'LSTM: expected x of shape [batch, time, 12] or [time, 12], got [12, 3]',
    );
    refuses(
      () => new nn.GRU(12, 4).forward(of(0, 2, 12)),
      'GRU: expected at least one time step, got x of shape [0, 2, 12]',
    );
    refuses(() => rnn.forward(of(0, 12)), 'RNN: expected at least one time step, got x of shape [0, 12]');
    refuses(
      () => new nn.LSTM(12, 4, { batchFirst: true }).forward(of(2, 0, 12)),
      'LSTM: expected at least one time step, got x of shape [2, 0, 12]',
    );
    refuses(
      () => new nn.GRUCell(12, 4).forward(of(1, 2, 12)),
      'GRUCell: expected x of shape [batch, 12] or [12], got [1, 2, 12]',
    );
    const wrong: any = [1, 2];
    refuses(
      () => rnn.forward(wrong),
      'RNN: expected x to be a tensor of shape [time, batch, 12] or [time, 12], got an array of 2',
      ArgumentError,
    );
  });

  test('states', () => {
    refuses(
      () => new nn.RNNCell(3, 4).forward(of(14, 3), of(14, 5)),
      'RNNCell: expected state h of shape [14, 4] (batch, hidden), got [14, 5]',
    );
    refuses(
      () => new nn.RNNCell(3, 4).forward(of(3), of(1, 4)),
      'RNNCell: expected state h of shape [4] (hidden), got [1, 4]',
    );
    refuses(
      () => new nn.LSTMCell(3, 4).forward(of(14, 3), [of(14, 4), of(13, 4)]),
      'LSTMCell: expected state c of shape [14, 4] (batch, hidden), got [13, 4]',
    );
    refuses(
      () => new nn.GRU(3, 4).forward(of(5, 14, 3), of(14, 4)),
      'GRU: expected state h of shape [1, 14, 4] (layers, batch, hidden), got [14, 4]',
    );
    refuses(
      () => new nn.RNN(3, 4, { numLayers: 2, bidirectional: true }).forward(of(5, 3), of(2, 4)),
      'RNN: expected state h of shape [4, 4] (layers · directions, hidden), got [2, 4]',
    );
    const bare: any = of(1, 14, 4);
    refuses(
      () => new nn.LSTM(3, 4).forward(of(5, 14, 3), bare),
      'LSTM: expected state to be [h, c], got a tensor of shape [1, 14, 4]',
      ArgumentError,
    );
    const pair: any = [bare, bare];
    refuses(
      () => new nn.RNN(3, 4).forward(of(5, 14, 3), pair),
      'RNN: expected state h to be a tensor, got an array of 2',
      ArgumentError,
    );
  });

  test('options', () => {
    const nonlinearity: any = 'sigmoid';
    const bad: [make: () => unknown, message: string][] = [
      [() => new nn.RNN(0, 4), 'RNN: expected inputSize to be a whole number of 1 or more, got 0'],
      [() => new nn.LSTMCell(3, 1.5), 'LSTMCell: expected hiddenSize to be a whole number of 1 or more, got 1.5'],
      [() => new nn.GRU(3, 4, { numLayers: 0 }), 'GRU: expected numLayers to be a whole number of 1 or more, got 0'],
      [() => new nn.LSTM(3, 4, { dropout: 1.1 }), 'LSTM: expected a probability dropout in [0, 1], got 1.1'],
      [
        () => new nn.RNNCell(3, 4, { nonlinearity }),
        `RNNCell: expected nonlinearity to be 'tanh' or 'relu', got "sigmoid"`,
      ],
    ];
    for (const [make, message] of bad) refuses(make, message, ArgumentError);
  });
});

test('the weights are uniform in ± 1 / √hidden at first, and one seed gives the same ones', () => {
  const make = (): nn.GRU => new nn.GRU(20, 25, { generator: generator() });
  const gru = make();
  for (const p of gru.parameters()) {
    expect(p.abs().max().item()).toBeLessThan(0.2);
    expect(p.abs().max().item()).toBeGreaterThan(0.19);
  }
  expect(make().weight_hh_l0.toArray()).toEqual(gru.weight_hh_l0.toArray());
});

test('a layer prints its sizes and the options that are not the default', () => {
  const lines = [
    new nn.RNN(12, 4),
    new nn.RNN(12, 4, { nonlinearity: 'relu', numLayers: 2 }),
    new nn.LSTM(12, 4, { bias: false, batchFirst: true, dropout: 0.5, bidirectional: true, numLayers: 3 }),
    new nn.GRUCell(12, 4),
    new nn.RNNCell(12, 4, { bias: false, nonlinearity: 'relu' }),
  ].map(String);
  expect(lines).toEqual([
    'RNN(12, 4)',
    'RNN(12, 4, numLayers=2, nonlinearity=relu)',
    'LSTM(12, 4, numLayers=3, bias=false, batchFirst=true, dropout=0.5, bidirectional=true)',
    'GRUCell(12, 4)',
    'RNNCell(12, 4, bias=false, nonlinearity=relu)',
  ]);
});

test('int32 one-hot inputs are taken as numbers', () => {
  const rnn = new nn.RNN(5, 4);
  const ids = tensor([[0], [4], [2]], { dtype: 'int32' });
  const onehot = ids.oneHot(5);
  expect(rnn.forward(onehot)[0].toArray()).toEqual(rnn.forward(onehot.to('float32'))[0].toArray());
});
