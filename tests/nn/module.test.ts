import { ArgumentError, DTypeError, Generator, nn, noGrad, ones, optim, randn, Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';

const generator = new Generator(3);

/** The module of tests/fixtures/torch/layers.py: fields in an order of their own, and a weight that is shared. */
class Tagger extends nn.Module {
  head = new nn.Linear(2, 5, { bias: false });
  scale = new nn.Parameter(ones([1]));
  steps = new nn.Buffer(zeros([]));
  embedding = new nn.Embedding(5, 2);
  layers = new nn.ModuleList([
    new nn.LSTM(2, 2, { bidirectional: true }),
    new nn.Sequential(new nn.LayerNorm(4), new nn.Linear(4, 2)),
  ]);
  shift = new nn.Parameter(zeros([2]));
  cell = new nn.GRUCell(2, 2);
  readonly #hidden = new nn.Linear(1, 1);
  readonly list = [new nn.Linear(1, 1), new nn.Parameter(zeros([1]))];
  readonly plain = zeros([3]);

  constructor() {
    super();
    this.head.weight = this.embedding.weight;
  }

  forward(x: Tensor): Tensor {
    return this.#hidden.forward(x);
  }
}

class Perceptron extends nn.Module {
  readonly hidden = new nn.Linear(2, 3, { generator });
  readonly act = new nn.Tanh();
  readonly dropout = new nn.Dropout(0.5);
  readonly head = new nn.Linear(3, 1, { bias: false, generator });

  forward(x: Tensor): Tensor {
    return this.head.forward(this.dropout.forward(this.act.forward(this.hidden.forward(x))));
  }
}

describe('a parameter', () => {
  test('is a tensor that requires a gradient and shares the array it was made from', () => {
    const values = zeros([2, 3]);
    const p = new nn.Parameter(values);
    expect(p).toBeInstanceOf(Tensor);
    expect([p.requiresGrad, p.isLeaf, p.shape, values.requiresGrad]).toEqual([true, true, [2, 3], false]);
    values.assign(7);
    expect(p.toArray()).toEqual([
      [7, 7, 7],
      [7, 7, 7],
    ]);
  });

  test('gives plain tensors when it is computed with', () => {
    const p = new nn.Parameter(zeros([2]));
    for (const derived of [p.add(1), p.detach(), p.clone(), p.to('float64'), p.select(0, 0)])
      expect(derived.constructor).toBe(Tensor);
  });

  test('can be frozen from the start, and of integers it must be', () => {
    expect(new nn.Parameter(zeros([2]), { requiresGrad: false }).requiresGrad).toBe(false);
    const ids = tensor([1], { dtype: 'int32' });
    expect(new nn.Parameter(ids, { requiresGrad: false }).dtype).toBe('int32');
    expect(() => new nn.Parameter(ids)).toThrow(
      new DTypeError('requiresGrad: only float tensors can require a gradient, got dtype int32'),
    );
  });

  test('a buffer is one without a gradient', () => {
    const buffer = new nn.Buffer(ones([2]));
    expect([buffer.requiresGrad, buffer.toArray()]).toEqual([false, [1, 1]]);
  });
});

const { tagger } = await json('torch/layers');

describe('what a module finds', () => {
  const module = new Tagger();

  test('are the parameters, buffers and modules in its fields, in the order and with the names of PyTorch', () => {
    expect(module.namedParameters().map(([name]) => name)).toEqual(tagger.parameters);
    expect(module.namedBuffers().map(([name]) => name)).toEqual(tagger.buffers);
    expect(module.namedModules().map(([name]) => name)).toEqual(tagger.modules);
    expect(module.parameters()[0]).toBe(module.scale);
    expect(module.buffers()[0]).toBe(module.steps);
    expect([module.parameters().length, module.buffers().length]).toEqual([tagger.parameters.length, 1]);
    expect(module.modules()[0]).toBe(module);
  });

  test('a state dict names what is shared each time, and has the keys, order and shapes of PyTorch', () => {
    const dict = module.stateDict();
    const shapes = Object.entries(dict).map(([name, x]) => [name, [...x.shape]]);
    expect(shapes).toEqual(Object.entries(tagger.stateDict));
  });

  test('tensors of a state dict are detached and share memory with the module', () => {
    const { weight } = new nn.Linear(2, 3).stateDict();
    expect([weight.requiresGrad, weight.constructor]).toEqual([false, Tensor]);
    const layer = new nn.Linear(2, 3);
    const dict = layer.stateDict();
    noGrad(() => layer.weight.assign(5));
    expect(dict.weight.toArray()).toEqual(layer.weight.toArray());
  });

  test('is found anew each time, so fields may be set later', () => {
    const layer: nn.Linear<2, 3> & { extra?: nn.Module } = new nn.Linear(2, 3);
    layer.extra = new nn.Linear(1, 1);
    expect(Object.keys(layer.stateDict())).toEqual(['weight', 'bias', 'extra.weight', 'extra.bias']);
  });
});

describe('loadStateDict', () => {
  test('overwrites the parameters in place, so that an optimiser keeps them', () => {
    const [a, b] = [new Perceptron(), new Perceptron()];
    const before = a.parameters();
    const optimizer = new optim.SGD(before, { lr: 1 });
    const saved = Object.fromEntries(Object.entries(b.stateDict()).map(([name, x]) => [name, x.clone()]));
    expect(a.loadStateDict(saved)).toEqual({ missing: [], unexpected: [] });
    expect(a.parameters().map(p => p.toArray())).toEqual(Object.values(saved).map(x => x.toArray()));
    a.parameters().forEach((p, i) => {
      expect(p).toBe(before[i]);
      p.grad = ones(p.shape);
    });
    optimizer.step();
    expect(a.head.weight.toArray()).toEqual(saved['head.weight'].sub(1).toArray());
  });

  test('casts to the dtype of the parameter', () => {
    const layer = new nn.Linear(1, 1);
    layer.loadStateDict({ weight: tensor([[0.1]], { dtype: 'float64' }), bias: tensor([2], { dtype: 'int32' }) });
    expect([layer.weight.dtype, layer.weight.item(), layer.bias.item()]).toEqual(['float32', Math.fround(0.1), 2]);
  });

  test('refuses what is no dict, such as a promise of one', () => {
    const promise: any = Promise.resolve({});
    const nothing: any = null;
    const layer = new nn.Linear(1, 1);
    const expected = 'loadStateDict: expected a dict of tensors, got';
    expect(() => layer.loadStateDict(promise)).toThrow(new ArgumentError(`${expected} a promise: await it`));
    expect(() => layer.loadStateDict(nothing)).toThrow(new ArgumentError(`${expected} null`));
  });

  test('names everything that does not fit in one error, and then has changed nothing', () => {
    const model = new Perceptron();
    const before = model.parameters().map(p => p.toArray());
    const number: any = 3;
    const dict = { 'hidden.weight': zeros([2, 3]), 'hidden.bias': zeros([3]), other: zeros([1]), more: number };
    expect(() => model.loadStateDict(dict)).toThrow(
      new ArgumentError(
        'loadStateDict: the dict does not fit Perceptron: missing head.weight; unexpected other, more; ' +
          'hidden.weight: expected shape [3, 2], got [2, 3]',
      ),
    );
    expect(model.parameters().map(p => p.toArray())).toEqual(before);
    expect(() => new nn.Linear(1, 1).loadStateDict({ weight: number, bias: zeros([1]) })).toThrow(
      new ArgumentError('loadStateDict: the dict does not fit Linear: weight: expected a tensor, got number'),
    );
  });

  test('without strict takes what has the name, says what is left over, and still wants the shapes', () => {
    const layer = new nn.Linear(2, 1);
    const result = layer.loadStateDict({ bias: ones([1]), other: zeros([1]) }, { strict: false });
    expect(result).toEqual({ missing: ['weight'], unexpected: ['other'] });
    expect(layer.bias.item()).toBe(1);
    expect(() => layer.loadStateDict({ bias: ones([2]) }, { strict: false })).toThrow(
      new ArgumentError('loadStateDict: the dict does not fit Linear: bias: expected shape [1], got [2]'),
    );
  });

  test('does not take what every object inherits for an entry', () => {
    class Odd extends nn.Module {
      override readonly valueOf: any = new nn.Parameter(zeros([1]));
      forward(): void {}
    }
    expect(() => new Odd().loadStateDict({})).toThrow('missing valueOf');
  });
});

test('train and eval set the mode of all modules below', () => {
  const model = new Perceptron();
  const modes = (): boolean[] => model.modules().map(module => module.training);
  expect(modes()).toEqual([true, true, true, true, true]);
  expect(model.eval()).toBe(model);
  expect(modes()).toEqual([false, false, false, false, false]);
  const x = randn([4, 2], { generator });
  expect(model.forward(x).toArray()).toEqual(model.forward(x).toArray());
  expect(model.train()).toBe(model);
  expect(modes()).toEqual([true, true, true, true, true]);
});

test('zeroGrad sets the gradients of all parameters to null', () => {
  const model = new Perceptron().eval();
  model.forward(ones([1, 2])).backward();
  expect(model.parameters().map(p => p.grad !== null)).toEqual([true, true, true]);
  model.zeroGrad();
  expect(model.parameters().map(p => p.grad)).toEqual([null, null, null]);
});

test('apply visits children before parents', () => {
  const seen: string[] = [];
  const model = new nn.Sequential(new nn.Linear(1, 1), new nn.Sequential(new nn.ReLU()));
  expect(model.apply(module => seen.push(module.constructor.name))).toBe(model);
  expect(seen).toEqual(['Linear', 'ReLU', 'Sequential', 'Sequential']);
});

describe('to', () => {
  test('casts float parameters, buffers and gradients, and keeps what is shared shared', () => {
    const module = new Tagger();
    const ids = new nn.Buffer(tensor([1, 2], { dtype: 'int32' }));
    Reflect.set(module, 'ids', ids);
    module.shift.requiresGrad = false;
    module.scale.grad = ones([1]);
    const values = module.scale.toArray();
    expect(module.to('float64')).toBe(module);
    expect(new Set(module.parameters().map(p => p.dtype))).toEqual(new Set(['float64']));
    expect(module.steps.dtype).toBe('float64');
    expect(module.buffers()[1]).toBe(ids);
    expect(module.head.weight).toBe(module.embedding.weight);
    expect([module.shift.requiresGrad, module.scale.requiresGrad]).toEqual([false, true]);
    expect([module.scale.grad?.dtype, module.scale.grad?.item(), module.scale.toArray()]).toEqual([
      'float64',
      1,
      values,
    ]);
    expect(module.parameters().every(p => p instanceof nn.Parameter)).toBe(true);
  });

  test('keeps the parameters themselves, so that an optimiser made before trains them still', () => {
    const layer = new nn.Linear(2, 1);
    const { weight } = layer;
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.5 });
    layer.to('float64');
    expect(layer.weight).toBe(weight);
    expect(weight.dtype).toBe('float64');
    const before = weight.toArray();
    layer
      .forward(ones([1, 2], { dtype: 'float64' }))
      .sum()
      .backward();
    optimizer.step();
    expect(weight.toArray()).toEqual(before.map(row => row.map(w => w - 0.5)));
  });

  test('refuses the history of before', () => {
    const layer = new nn.Linear(2, 1);
    const loss = layer.forward(ones([1, 2])).sum();
    layer.to('float64');
    expect(() => loss.backward()).toThrow('cast to another dtype after it was used; call forward again');
    expect(layer.bias.grad).toBeNull();
  });

  test('keeps the hooks of a parameter, and the way to remove them', () => {
    const layer = new nn.Linear(1, 1);
    const hook = layer.weight.registerHook(g => g.mul(10));
    layer.to('float64');
    const step = (): number | undefined => {
      layer.zeroGrad();
      layer
        .forward(ones([1, 1], { dtype: 'float64' }))
        .sum()
        .backward();
      return layer.weight.grad?.item();
    };
    expect(step()).toBe(10);
    hook.remove();
    expect(step()).toBe(1);
  });

  test('leaves what has the dtype as it is', () => {
    const layer = new nn.Linear(1, 1);
    const { weight } = layer;
    expect(layer.to('float32').weight).toBe(weight);
  });

  test('refuses dtypes that are not float', () => {
    expect(() => new nn.Linear(1, 1).to('int32')).toThrow(
      new DTypeError('Module.to: expected float32 or float64, got "int32"'),
    );
  });
});

test('a module prints as a tree', () => {
  const module = new Tagger();
  const expected = `Tagger(
  (head): Linear(inFeatures=2, outFeatures=5, bias=false)
  (embedding): Embedding(5, 2)
  (layers): ModuleList(
    (0): LSTM(2, 2, bidirectional=true)
    (1): Sequential(
      (0): LayerNorm([4], eps=0.00001, elementwiseAffine=true)
      (1): Linear(inFeatures=4, outFeatures=2, bias=true)
    )
  )
  (cell): GRUCell(2, 2)
)`;
  expect(String(module)).toBe(expected);
});

test('a module of its own prints what extraRepr says before its children', () => {
  class Scaled extends nn.Module {
    readonly inner = new nn.ReLU();
    forward(x: Tensor): Tensor {
      return this.inner.forward(x).mul(2);
    }
    override extraRepr(): string {
      return 'factor=2';
    }
  }
  expect(String(new Scaled())).toBe('Scaled(\n  factor=2\n  (inner): ReLU()\n)');
});
