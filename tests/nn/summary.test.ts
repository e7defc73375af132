import { defaultGenerator } from '@tapegrad/tensor';
import { ArgumentError, Generator, nn, ones, ShapeError, type Tensor, tensor, zeros } from 'tapegrad';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';

let log: MockInstance<typeof console.log>;
beforeEach(() => {
  log = vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => log.mockRestore());

const perceptron = () => new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));

/** The summary of a model, which is not printed. */
const of = (model: nn.Module, input: nn.SummaryInput, options: nn.SummaryOptions = {}): nn.Summary =>
  nn.summary(model, input, { print: false, ...options });

/** A part that is called twice, one that is never called, a shared weight, a frozen one, and buffers. */
class Tagger extends nn.Module {
  readonly embedding = new nn.Embedding(10, 4);
  readonly rnn = new nn.LSTM(4, 4);
  readonly act = new nn.Tanh();
  readonly norm = new nn.BatchNorm1d(4);
  readonly head = new nn.Linear(4, 10);
  readonly unused = new nn.ModuleList([new nn.Linear(2, 3)]);

  constructor() {
    super();
    this.head.weight = this.embedding.weight;
    this.unused.at(0).bias.requiresGrad = false;
  }

  forward(ids: Tensor): Tensor {
    const [outputs] = this.rnn.forward(this.act.forward(this.embedding.forward(ids)));
    const last: Tensor = outputs.select(0, -1);
    return this.head.forward(this.act.forward(this.norm.forward(last)));
  }
}

describe('the table', () => {
  const expected = [
    'Layer        Output shape  Parameters',
    '─────────────────────────────────────',
    'Sequential   [32, 10]               -',
    '  0: Linear  [32, 128]        100,480',
    '  1: ReLU    [32, 128]              -',
    '  2: Linear  [32, 10]           1,290',
    '─────────────────────────────────────',
    'Input       [32, 784]',
    'Parameters  101,770 (trainable 101,770, frozen 0)',
    'Buffers     0',
    'Size        0.41 MB',
  ].join('\n');

  test('is printed, and is the text of what comes back', () => {
    const made = nn.summary(perceptron(), [32, 784]);
    expect(log.mock.calls).toEqual([[expected]]);
    expect(String(made)).toBe(expected);
  });

  test('is not printed where that is not wanted', () => {
    expect(String(nn.summary(perceptron(), [32, 784], { print: false }))).toBe(expected);
    expect(log).not.toHaveBeenCalled();
  });

  test('shows nesting, parts that are called more than once or never, and outputs of several tensors', () => {
    expect(String(of(new Tagger(), [7, 3], { dtype: 'int32' }))).toBe(
      [
        'Layer                   Output shape  Parameters',
        '────────────────────────────────────────────────',
        'Tagger                  [3, 10]                -',
        '  embedding: Embedding  [7, 3, 4]             40',
        '  rnn: LSTM             [7, 3, 4], …         160',
        '  act: Tanh ×2          [7, 3, 4]              -',
        '  norm: BatchNorm1d     [3, 4]                 8',
        '  head: Linear          [3, 10]               10',
        '  unused: ModuleList    -                      -',
        '    0: Linear           -                      9',
        '────────────────────────────────────────────────',
        'Input       [7, 3]',
        'Parameters  227 (trainable 224, frozen 3)',
        'Buffers     9',
        'Size        0.00 MB',
      ].join('\n'),
    );
  });

  test('cuts names that make it wider than 80 columns', () => {
    class Wordy extends nn.Module {
      readonly [name: string]: any;
      constructor() {
        super();
        Object.assign(this, { ['verbose'.repeat(20)]: new nn.Linear(3, 4) });
      }
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const lines = String(of(new Wordy(), [2, 3])).split('\n');
    expect(Math.max(...lines.map(line => line.length))).toBe(80);
    expect(lines[3]).toContain('verboseverboseve… ');
  });
});

describe('the rows and totals', () => {
  test('say of every module where it is, what it gave and what it holds, shared parameters once', () => {
    const { rows, totals, inputs } = of(new Tagger(), [7, 3], { dtype: 'int32' });
    expect(inputs).toEqual([[7, 3]]);
    expect(rows.map(({ path, depth, calls }) => [path, depth, calls])).toEqual([
      ['', 0, 1],
      ['embedding', 1, 1],
      ['rnn', 1, 1],
      ['act', 1, 2],
      ['norm', 1, 1],
      ['head', 1, 1],
      ['unused', 1, 0],
      ['unused.0', 2, 0],
    ]);
    expect(rows[2]).toEqual({
      path: 'rnn',
      type: 'LSTM',
      depth: 1,
      calls: 1,
      outputs: [
        [7, 3, 4],
        [1, 3, 4],
        [1, 3, 4],
      ],
      parameters: 160,
      trainable: 160,
      buffers: 0,
    });
    expect(rows.map(row => [row.parameters, row.trainable, row.buffers])).toEqual([
      [0, 0, 0],
      [40, 40, 0],
      [160, 160, 0],
      [0, 0, 0],
      [8, 8, 9],
      [10, 10, 0],
      [0, 0, 0],
      [9, 6, 0],
    ]);
    expect(totals).toEqual({ parameters: 227, trainable: 224, frozen: 3, buffers: 9, bytes: 236 * 4 });
  });

  test('count what lies deeper than wanted in the row above it', () => {
    const model = new Tagger();
    const { rows, totals } = of(model, [7, 3], { dtype: 'int32', depth: 1 });
    expect(rows.map(({ path, parameters }) => [path, parameters]).at(-1)).toEqual(['unused', 9]);
    const alone = of(model, [7, 3], { dtype: 'int32', depth: 0 });
    expect(alone.rows.map(({ parameters, buffers }) => [parameters, buffers])).toEqual([[227, 9]]);
    expect(alone.totals).toEqual(totals);
  });

  test('have one row for a module in two places', () => {
    const layer = new nn.Linear(3, 3);
    const { rows, totals } = of(new nn.Sequential(layer, new nn.Tanh(), layer), [2, 3]);
    expect(rows.map(({ path, calls }) => [path, calls])).toEqual([
      ['', 1],
      ['0', 2],
      ['1', 1],
    ]);
    expect(totals.parameters).toBe(12);
  });
});

describe('the input', () => {
  /** Gives what it gets: shapes and dtypes are seen. */
  class Echo extends nn.Module {
    readonly scale = new nn.Parameter(ones([1]));
    readonly got: Tensor[] = [];
    forward(...inputs: Tensor[]): Tensor[] {
      this.got.push(...inputs);
      return inputs;
    }
  }

  test.each<[string, nn.SummaryInput, nn.SummaryOptions, unknown[]]>([
    ['a shape', [2, 3], {}, [[[2, 3], 'float32']]],
    ['a shape without dims', [], {}, [[[], 'float32']]],
    ['a shape of ids', [2, 3], { dtype: 'int32' }, [[[2, 3], 'int32']]],
    ['a tensor', tensor([true, false]), {}, [[[2], 'bool']]],
    [
      'several shapes',
      [[2, 3], [4]],
      {},
      [
        [[2, 3], 'float32'],
        [[4], 'float32'],
      ],
    ],
    [
      'shapes and tensors',
      [[2, 3], tensor([1], { dtype: 'int32' })],
      {},
      [
        [[2, 3], 'float32'],
        [[1], 'int32'],
      ],
    ],
  ])('may be %s', (_, input, options, expected) => {
    const model = new Echo();
    const { rows } = of(model, input, options);
    expect(model.got.map(x => [x.shape, x.dtype])).toEqual(expected);
    expect(rows[0].outputs).toEqual(model.got.map(x => x.shape));
  });

  test('has the dtype of the model where none is given', () => {
    const model = new Echo().to('float64');
    of(model, [2]);
    expect(model.got[0].dtype).toBe('float64');
  });
});

describe('a summary changes nothing', () => {
  /** Draws random numbers, counts its calls in a buffer, and is random in training. */
  class Restless extends nn.Module {
    readonly generator = new Generator(5);
    readonly steps = new nn.Buffer(zeros([]));
    readonly scale = new nn.Parameter(ones([1]));
    readonly dropout = new nn.Dropout(0.5);
    readonly norm = new nn.BatchNorm1d(2);
    modes: boolean[] = [];
    histories: boolean[] = [];

    forward(x: Tensor): Tensor {
      this.modes.push(this.training, this.dropout.training);
      this.generator.normal();
      defaultGenerator().uniform();
      this.steps.assign(this.steps.add(1));
      const y: Tensor = this.norm.forward(this.dropout.forward(x.mul(this.scale)));
      this.histories.push(y.requiresGrad);
      return y;
    }
  }

  const stateOf = (model: Restless): unknown => [
    Object.entries(model.stateDict()).map(([name, t]) => [name, t.toArray()]),
    model.modules().map(module => module.training),
    [model.generator.state(), defaultGenerator().state()],
    Object.keys(model),
    model.modules().map(module => Object.hasOwn(module, 'forward')),
    model.scale.grad,
  ];

  test('of modes, buffers, generators and methods, while it runs in evaluation and without histories', () => {
    const model = new Restless();
    model.dropout.eval();
    const before = stateOf(model);
    const { calls } = of(model, [4, 2]).rows[0];
    expect(stateOf(model)).toEqual(before);
    expect([calls, model.modes, model.histories]).toEqual([1, [false, false], [false]]);
  });

  test('where the model throws, whose error it hands on', () => {
    const model = new Restless();
    const before = stateOf(model);
    expect(() => of(model, [4, 3])).toThrow(
      new ShapeError('BatchNorm1d: expected x of shape [batch, 2] or [batch, 2, length], got [4, 3]'),
    );
    expect(stateOf(model)).toEqual(before);
  });

  test('of a backward pass that is still to come', () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2)).eval();
    const loss: Tensor = model.forward(ones([3, 2])).sum();
    of(model, [3, 2]);
    loss.backward();
    expect(model.at(0).weight.grad).not.toBeNull();
  });

  test('of a forward that is a field of its own', () => {
    class Own extends nn.Module {
      override forward = (x: Tensor): Tensor => x.mul(2);
    }
    const model = new Own();
    const { forward } = model;
    expect(of(model, [3]).rows[0].calls).toBe(1);
    expect(model.forward).toBe(forward);
    expect(Object.keys(model)).toEqual(['forward']);
  });
});

describe('a summary refuses', () => {
  const wrong: any = 3;
  test.each<[string, () => unknown]>([
    ['summary: expected a Module, got number', () => nn.summary(wrong, [2])],
    ['summary: expected a shape, a tensor or an array of them, got number', () => nn.summary(new nn.ReLU(), wrong)],
    [
      'summary: expected a shape, a tensor or an array of them, got an array of 2',
      () => nn.summary(new nn.ReLU(), [[2], wrong]),
    ],
    ['summary: expected a depth of 0 or more, got -1', () => nn.summary(new nn.ReLU(), [2], { depth: -1 })],
  ])('%s', (message, call) => {
    expect(call).toThrow(new ArgumentError(message));
  });
});
