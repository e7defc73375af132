import { observe } from '@tapegrad/autograd';
import { Generator, GradError, nn, noGrad, ones, optim, randn, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const generator = new Generator(8);

/** Makes every parameter and buffer different from what it was. */
const disturb = (module: nn.Module): void =>
  noGrad(() => {
    for (const x of [...module.parameters(), ...module.buffers()] as Tensor[]) x.assign(x.add(1));
  });

/** Fields of every kind. */
class Everything extends nn.Module {
  readonly first = new nn.Linear(2, 2, { generator });
  readonly again: nn.Linear;
  readonly tied: nn.Parameter;
  readonly frozen = new nn.Parameter(ones([2]), { requiresGrad: false });
  readonly steps = new nn.Buffer(tensor([3], { dtype: 'int32' }));
  readonly plain = zeros([2]);
  readonly watched: Tensor = tensor([1, 2], { requiresGrad: true });
  readonly list = [new nn.Parameter(ones([1])), [new nn.Tanh()], 'text'];
  readonly settings = { rate: 0.5, names: ['a', 'b'], inner: { on: true } };
  readonly byName = new Map<string, unknown>([['list', [1, 2]]]);
  readonly seen = new Set([1, 2]);
  readonly numbers = Float64Array.of(1, 2);
  readonly date = new Date(0);
  readonly generator = generator;
  readonly nothing = null;
  readonly square = (x: number): number => x * x;
  readonly link: { readonly back: Everything };

  constructor() {
    super();
    this.again = this.first;
    this.tied = this.first.weight;
    this.link = { back: this };
  }

  forward(x: Tensor): Tensor {
    return this.first.forward(x).add(this.plain);
  }
}

describe('the clone of a module', () => {
  test('is of the same class, with the same numbers in memory of its own', () => {
    const module = new Everything();
    const copy = module.clone();
    expect(copy).toBeInstanceOf(Everything);
    expect(copy === module).toBe(false);
    const x = randn([3, 2], { generator });
    const before = module.forward(x).toArray();
    expect(copy.forward(x).toArray()).toEqual(before);
    disturb(copy);
    expect(module.forward(x).toArray()).toEqual(before);
    expect(copy.forward(x).toArray()).not.toEqual(before);
  });

  test('has the keys of the original in their order, with shapes and dtypes', () => {
    const module = new Everything();
    const describeState = (m: nn.Module): unknown =>
      Object.entries(m.stateDict()).map(([key, value]) => [key, value.shape, value.dtype, value.toArray()]);
    expect(describeState(module.clone())).toEqual(describeState(module));
    expect(Object.keys(module.clone())).toEqual(Object.keys(module));
  });

  test('keeps what is shared shared, among the copies', () => {
    const copy = new Everything().clone();
    expect(copy.again).toBe(copy.first);
    expect(copy.tied).toBe(copy.first.weight);
    expect(copy.link.back === copy).toBe(true);
    expect(copy.parameters()).toHaveLength(3);
  });

  test('has parameters that train as those of the original do, and buffers and plain tensors', () => {
    const { first, frozen, steps, plain, watched } = new Everything().clone();
    expect(first.weight).toBeInstanceOf(nn.Parameter);
    expect(steps).toBeInstanceOf(nn.Buffer);
    expect(plain).not.toBeInstanceOf(nn.Parameter);
    expect([first.weight, frozen, steps, plain, watched].map(({ requiresGrad }) => requiresGrad)).toEqual([
      ...[true, false, false, false, true],
    ]);
  });

  test('has plain fields of its own, down to the last, and shares functions and objects of other classes', () => {
    const module = new Everything();
    const copy = module.clone();
    for (const key of ['settings', 'byName', 'seen', 'numbers', 'watched', 'plain', 'frozen'] as const)
      expect(copy[key] === module[key], key).toBe(false);
    expect([copy.settings, copy.byName, copy.seen, copy.numbers]).toEqual([
      ...[module.settings, module.byName, module.seen, module.numbers],
    ]);
    expect(copy.settings.inner).not.toBe(module.settings.inner);
    expect(copy.byName.get('list')).not.toBe(module.byName.get('list'));
    expect(copy.list[0] === module.list[0]).toBe(false);
    expect(copy.list[2]).toBe('text');
    for (const key of ['date', 'generator', 'square', 'nothing'] as const) expect(copy[key], key).toBe(module[key]);
  });

  test('trains or evaluates where the original does, module by module, and on its own from then on', () => {
    const module = new nn.Sequential(new nn.Dropout(0.5), new nn.Sequential(new nn.Dropout(0.5)));
    module.at(1).eval();
    const copy = module.clone();
    const modes = (m: nn.Module): boolean[] => m.modules().map(({ training }) => training);
    expect(modes(copy)).toEqual([true, true, false, false]);
    copy.eval();
    expect(modes(module)).toEqual([true, true, false, false]);
  });

  test('has no gradients and no hooks, and its parameters are trained apart from the others', () => {
    const module = new nn.Linear(2, 1, { generator });
    module.weight.registerHook(() => {
      throw new Error('the hook of the original');
    });
    const copy = module.clone();
    const weight = module.weight.toArray();
    const optimizer = new optim.SGD(copy.parameters(), { lr: 1 });
    copy
      .forward(ones([1, 2]))
      .sum()
      .backward();
    optimizer.step();
    expect(module.weight.toArray()).toEqual(weight);
    expect([module.weight.grad, copy.clone().weight.grad]).toEqual([null, null]);
    expect(copy.weight.grad?.toArray()).toEqual([[1, 1]]);
  });

  test('draws from the generator of the original, so that their dropouts differ', () => {
    const layer = new nn.Dropout(0.5, { generator: new Generator(2) });
    const copy = layer.clone();
    expect(copy.generator).toBe(layer.generator);
    expect(layer.forward(ones([40])).toArray()).not.toEqual(copy.forward(ones([40])).toArray());
  });

  test('is made of a view that shares its memory with more, and copies that part alone', () => {
    const whole: Tensor = zeros([4, 1000]);
    class Part extends nn.Module {
      readonly row = new nn.Parameter(whole.select(0, 1));
      forward(): Tensor {
        return this.row;
      }
    }
    const copy = new Part().clone();
    expect([copy.row.shape, copy.row.value.buffer.length]).toEqual([[1000], 1000]);
  });
});

describe('a class with private members', () => {
  test('is cloned when it says what its fields are copied into', () => {
    class Counter extends nn.Module {
      readonly scale = new nn.Parameter(ones([1]));
      #calls = 0;

      forward(x: Tensor): Tensor {
        this.#calls++;
        return x.mul(this.scale);
      }

      get calls(): number {
        return this.#calls;
      }

      protected override blank(): this {
        const made = new Counter();
        made.#calls = this.#calls;
        return made as this;
      }
    }
    const counter = new Counter();
    disturb(counter);
    counter.forward(ones([1]));
    const copy = new nn.Sequential(counter).clone().at(0);
    expect([copy.calls, copy.scale.toArray()]).toEqual([1, [2]]);
    copy.forward(ones([1]));
    expect([counter.calls, copy.calls]).toEqual([1, 2]);
  });
});

describe('every kind of layer', () => {
  const x = randn([3, 2, 4], { generator });
  const ids = tensor([[0, 2]], { dtype: 'int32' });
  const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8, dropout: 0 });
  const layers: [nn.Module, Tensor[]][] = [
    [new nn.Linear(4, 3), [x]],
    [new nn.Embedding(3, 2, { paddingIdx: 0 }), [ids]],
    [new nn.LayerNorm(4), [x]],
    [new nn.RNN(4, 3, { numLayers: 2, nonlinearity: 'relu' }), [x]],
    [new nn.GRU(4, 3, { bidirectional: true }), [x]],
    [new nn.LSTM(4, 3, { batchFirst: true }), [x]],
    [new nn.RNNCell(4, 3), [x.select(0, 0)]],
    [new nn.GRUCell(4, 3), [x.select(0, 0)]],
    [new nn.LSTMCell(4, 3), [x.select(0, 0)]],
    [new nn.MultiheadAttention(4, 2), [x, x, x]],
    [layer, [x]],
    [new nn.TransformerEncoder(layer, 2), [x]],
    [new nn.Sequential(new nn.Flatten(), new nn.GELU({ approximate: 'tanh' }), new nn.ModuleList([]).train()), []],
  ];

  test.each(layers.map(([module, inputs]) => [module.constructor.name, module, inputs] as const))(
    '%s gives the same when it is cloned',
    (_, module, inputs) => {
      const copy = module.clone();
      expect(String(copy)).toBe(String(module));
      if (inputs.length === 0) return;
      const outputs = (m: nn.Module): unknown[] => [m.forward(...inputs)].flat(2).map((y: Tensor) => y.toArray());
      expect(outputs(copy)).toEqual(outputs(module));
    },
  );
});

describe('a clone is refused', () => {
  test('where a field holds the result of an operation, as in PyTorch', () => {
    class Cached extends nn.Module {
      readonly inner = { last: new nn.Linear(1, 1).forward(ones([1])) };
      forward(): void {}
    }
    const clone = (): unknown => new nn.Sequential(new Cached()).clone();
    expect(clone).toThrow(GradError);
    expect(clone).toThrow(
      'clone: expected tensors that no operation made, got one at layers.0.inner.last with a history; keep its detach() there',
    );
  });

  test('while it would be recorded', () => {
    const clone = (): unknown => observe({ applied: () => {}, read: () => {} }, () => new nn.Linear(1, 1).clone());
    expect(clone).toThrow(
      new GradError('Module.clone: cannot be recorded, because it makes parameters; clone the module before'),
    );
  });
});
