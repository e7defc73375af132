import { type Observer, observe } from '@tapegrad/autograd';
import { ArgumentError, GradError, nn, ones, optim, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const leaf = (values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** A leaf with a gradient of ones. */
function ready(values: number[] = [1, 2]): Tensor {
  const p = leaf(values);
  p.grad = ones([values.length]);
  return p;
}

const throws = (call: () => unknown, kind: new (message: string) => Error, message: string): void =>
  expect(call).toThrow(new kind(message));

describe('parameters', () => {
  test('come in any iterable, or in groups with options of their own', () => {
    const [a, b] = [ready(), ready()];
    for (const params of [[a, b], new Set([a, b]), [a, b].values()]) {
      const one = new optim.SGD(params, { lr: 1 });
      expect(one.paramGroups.length).toBe(1);
      expect(one.paramGroups[0].params.map((p, i) => p === [a, b][i])).toEqual([true, true]);
    }
    const single = new optim.SGD(a, { lr: 1 });
    expect(single.paramGroups[0].params[0]).toBe(a);
    const two = new optim.SGD([{ params: [a], lr: 0.5, momentum: 0.9 }, { params: b }], { lr: 1, weightDecay: 0.1 });
    expect(two.paramGroups.map(({ lr, options }) => [lr, options.momentum, options.weightDecay])).toEqual([
      [0.5, 0.9, 0.1],
      [1, 0, 0.1],
    ]);
    two.addParamGroup({ params: ready(), lr: 3 });
    expect(two.paramGroups.length).toBe(3);
    expect(two.paramGroups[2].lr).toBe(3);
  });

  test('of a model stay float32 and stay the same objects', () => {
    const model = new nn.Linear(2, 1);
    const { weight } = model;
    for (const optimizer of [new optim.SGD(model.parameters()), new optim.AdamW(model.parameters())]) {
      model
        .forward(ones([3, 2]))
        .sum()
        .backward();
      optimizer.step();
    }
    expect(model.weight).toBe(weight);
    expect([weight.dtype, weight.isLeaf, weight.requiresGrad]).toEqual(['float32', true, true]);
  });

  test('without a gradient stay where they are, whatever the weight decay', () => {
    const [still, moved] = [leaf([1]), ready([1])];
    const optimizer = new optim.AdamW([still, moved], { weightDecay: 0.5 });
    optimizer.step();
    expect([still.item() === 1, moved.item() === 1]).toEqual([true, false]);
    expect(optimizer.stateDict()['state.0.step'].item()).toBe(0);
    expect(optimizer.stateDict()['state.1.step'].item()).toBe(1);
  });

  test('that are frozen stay where they are until they are not', () => {
    const model = new nn.Linear(2, 1);
    model.weight.requiresGrad = false;
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.5, weightDecay: 0.1 });
    const moved = (): boolean[] => {
      const before = model.parameters().map(p => p.toArray());
      optimizer.zeroGrad();
      model
        .forward(ones([3, 2]))
        .sum()
        .backward();
      optimizer.step();
      return model.parameters().map((p, i) => String(p.toArray()) !== String(before[i]));
    };
    expect(moved()).toEqual([false, true]);
    model.weight.requiresGrad = true;
    expect(moved()).toEqual([true, true]);
    expect([0, 1].map(i => optimizer.stateDict()[`state.${i}.step`].item())).toEqual([1, 2]);
  });

  test('that cannot be trained are refused', () => {
    const p = leaf([1]);
    const message =
      'SGD: expected at least one parameter, got none (layers in a plain array are not found: use nn.ModuleList)';
    throws(() => new optim.SGD([]), ArgumentError, message);
    throws(() => new optim.SGD([{ params: p }, { params: [] }]), ArgumentError, message);
    throws(
      () => new optim.Adam([p, p.mul(2)]),
      GradError,
      'Adam: expected leaf tensors, but parameter 1, of shape [1], is the result of an operation',
    );
    throws(
      () => new optim.SGD([p, leaf([2]), p]),
      ArgumentError,
      'SGD: expected each parameter once, but parameter 2, of shape [1], is there twice',
    );
    throws(
      () => new optim.SGD([{ params: [leaf([2])] }, { params: p }, { params: [p] }]),
      ArgumentError,
      'SGD: expected each parameter once, but parameter 0, of shape [1], is there twice',
    );
    const wrong: any[] = [new nn.Linear(1, 1), [1], [p, { params: p }]];
    throws(
      () => new optim.SGD(wrong[0]),
      ArgumentError,
      'SGD: expected params to be tensors in an array or another iterable, got an object',
    );
    throws(() => new optim.SGD(wrong[1]), ArgumentError, 'SGD: expected parameter 0 to be a tensor, got number');
    throws(() => new optim.SGD(wrong[2]), ArgumentError, 'SGD: expected parameter 1 to be a tensor, got an object');
  });
});

describe('the learning rate', () => {
  test('is that of the first group, and is set for all', () => {
    const optimizer = new optim.SGD([{ params: ready(), lr: 0.5 }, { params: ready() }], { lr: 0.1 });
    expect(optimizer.lr).toBe(0.5);
    optimizer.lr = 0.25;
    expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.25, 0.25]);
    throws(
      () => {
        optimizer.lr = Number.NaN;
      },
      ArgumentError,
      'SGD: expected a learning rate lr of 0 or more, got NaN',
    );
    expect(optimizer.lr).toBe(0.25);
  });

  test('is kept in float64', () => {
    expect(new optim.Adam([ready()], { lr: 0.1 }).lr).toBe(0.1);
  });
});

/** Every operation of a step: what it is and what its inputs are, constants by value. */
function record(optimizer: optim.Optimizer): unknown[] {
  const known = new Map<unknown, string>();
  for (const [name, value] of Object.entries(optimizer.stateDict())) known.set(value.data, name);
  for (const p of optimizer.paramGroups.flatMap(({ params }) => params)) {
    known.set(p.data, 'parameter');
    known.set(p.grad?.data, 'gradient');
  }
  const seen: unknown[] = [];
  const applied: Observer['applied'] = ({ name }, inputs, attrs, output) => {
    seen.push([name, attrs, inputs.map(x => known.get(x.data) ?? x.toArray())]);
    if (!known.has(output.data)) known.set(output.data, `result of operation ${seen.length}`);
  };
  observe({ applied }, () => optimizer.step());
  return seen;
}

describe('a recorded step can be replayed: rates and counts are tensors, never numbers of the day', () => {
  const made: Record<string, (p: Tensor) => optim.Optimizer> = {
    SGD: p => new optim.SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.1 }),
    Adam: p => new optim.Adam(p, { lr: 0.1, amsgrad: true, weightDecay: 0.1 }),
    AdamW: p => new optim.AdamW(p, { lr: 0.1, maximize: true }),
    NAdam: p => new optim.NAdam(p, { lr: 0.1, weightDecay: 0.1, decoupledWeightDecay: true }),
    RMSprop: p => new optim.RMSprop(p, { lr: 0.1, momentum: 0.9, centered: true }),
    Adagrad: p => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1 }),
    Adadelta: p => new optim.Adadelta(p, { lr: 0.1, weightDecay: 0.1 }),
    Lion: p => new optim.Lion(p, { lr: 0.1, weightDecay: 0.1 }),
  };
  test.each(Object.entries(made))('%s', (_, make) => {
    const optimizer = make(ready());
    const first = record(optimizer);
    optimizer.lr = 0.05;
    expect(record(optimizer)).toEqual(first);
    expect(JSON.stringify(first)).toContain('paramGroups.0.lr');
  });
});

test('a step casts the learning rate once for each dtype of its parameters', () => {
  const params = (['float32', 'float64', 'float32', 'float64'] as const).map(dtype => {
    const p: Tensor = ones([2], { dtype, requiresGrad: true });
    p.grad = ones([2], { dtype });
    return p;
  });
  const optimizer = new optim.SGD(params, { lr: 0.1 });
  const casts: unknown[] = [];
  const applied: Observer['applied'] = ({ name }, [x], _, output) => {
    if (name === 'to') casts.push([x.item(), output.dtype]);
  };
  observe({ applied }, () => optimizer.step());
  expect(casts).toEqual([[0.1, 'float32']]);
  expect(params.map(p => p.toArray())).toEqual(
    params.map(({ dtype }) => (dtype === 'float64' ? [0.9, 0.9] : [Math.fround(0.9), Math.fround(0.9)])),
  );
});

describe('a state dict', () => {
  const make = (options: optim.SGDOptions = {}, p: Tensor = ready()): optim.SGD =>
    new optim.SGD([{ params: p }, { params: [ready(), ready([1, 2, 3])], lr: 0.5 }], {
      lr: 0.1,
      momentum: 0.9,
      dampening: 0.1,
      ...options,
    });

  test('is a plain object of tensors', () => {
    const optimizer = make();
    optimizer.step();
    const dict = optimizer.stateDict();
    expect(Object.fromEntries(Object.entries(dict).map(([name, x]) => [name, x.toArray()]))).toEqual({
      'state.0.momentumBuffer': [1, 1],
      'state.0.step': 1,
      'state.1.momentumBuffer': [1, 1],
      'state.1.step': 1,
      'state.2.momentumBuffer': [1, 1, 1],
      'state.2.step': 1,
      'paramGroups.0.lr': 0.1,
      'paramGroups.0.momentum': 0.9,
      'paramGroups.0.dampening': 0.1,
      'paramGroups.0.weightDecay': 0,
      'paramGroups.0.nesterov': false,
      'paramGroups.0.maximize': false,
      'paramGroups.0.params': [0],
      'paramGroups.1.lr': 0.5,
      'paramGroups.1.momentum': 0.9,
      'paramGroups.1.dampening': 0.1,
      'paramGroups.1.weightDecay': 0,
      'paramGroups.1.nesterov': false,
      'paramGroups.1.maximize': false,
      'paramGroups.1.params': [1, 2],
    });
  });

  test('brings its options along, booleans and all, and what is remembered under them', () => {
    const nesterov = make({ nesterov: true, dampening: 0, maximize: true });
    nesterov.step();
    const optimizer = make({ momentum: 0, dampening: 0 });
    optimizer.loadStateDict(nesterov.stateDict());
    expect(optimizer.paramGroups.map(({ options }) => options)).toEqual(
      nesterov.paramGroups.map(({ options }) => options),
    );
    expect(optimizer.stateDict()['state.2.momentumBuffer'].toArray()).toEqual([-1, -1, -1]);
  });

  test('is copied, not shared, when it is loaded', () => {
    const [a, b] = [make(), make()];
    a.step();
    b.loadStateDict(a.stateDict());
    a.step();
    expect(b.stateDict()['state.0.momentumBuffer'].toArray()).toEqual([1, 1]);
  });

  test('that is a promise is refused', () => {
    const promise: any = Promise.resolve({});
    throws(
      () => new optim.SGD(leaf([1])).loadStateDict(promise),
      ArgumentError,
      'loadStateDict: expected a dict of tensors, got a promise: await it',
    );
  });

  test('that does not fit is refused with everything that is wrong, and then nothing has changed', () => {
    const optimizer = make();
    const snapshot = (): unknown => Object.entries(optimizer.stateDict()).map(([name, x]) => [name, x.toArray()]);
    const before = snapshot();
    const refuses = (changes: { readonly [name: string]: any }, message: string): void => {
      const dict = { ...make().stateDict(), ...changes };
      for (const [name, value] of Object.entries(dict)) if (value === null) delete dict[name];
      throws(() => optimizer.loadStateDict(dict), ArgumentError, message);
      expect(snapshot()).toEqual(before);
    };
    const fit = 'loadStateDict: the dict does not fit this SGD: ';
    refuses(
      { 'state.1.momentumBuffer': zeros([3]), 'state.2.step': null, extra: zeros([1]) },
      `${fit}state.1.momentumBuffer: expected shape [2], got [3]; missing state.2.step; unexpected extra`,
    );
    refuses(
      {
        'paramGroups.1.params': tensor([2, 1], { dtype: 'int32' }),
        'paramGroups.0.lr': null,
        'paramGroups.0.momentum': 3,
      },
      `${fit}missing paramGroups.0.lr; paramGroups.0.momentum: expected a tensor, got number; ` +
        'paramGroups.1.params: expected [1, 2], got [2, 1]',
    );
    refuses({ 'paramGroups.1.lr': tensor(-1) }, 'SGD: expected a learning rate lr of 0 or more, got -1');
    refuses({ 'paramGroups.1.momentum': tensor(-1) }, 'SGD: expected momentum to be 0 or more, got -1');
    throws(
      () => new optim.SGD(ready(), { lr: 0.1 }).loadStateDict(new optim.Adam(ready()).stateDict()),
      ArgumentError,
      `${fit}missing paramGroups.0.momentum; missing paramGroups.0.dampening; missing paramGroups.0.nesterov`,
    );
  });
});

test('zeroGrad sets the gradients to null', () => {
  const [a, b] = [ready(), ready()];
  new optim.SGD([{ params: a }, { params: b }]).zeroGrad();
  expect([a.grad, b.grad]).toEqual([null, null]);
});

test('a text of an optimiser says its class, its groups and their options', () => {
  expect(String(new optim.Adam([leaf([1]), leaf([2])], { lr: 0.01 }))).toBe(
    'Adam(2 parameters, lr=0.01, betas=[0.9, 0.999], eps=1e-8, weightDecay=0, amsgrad=false, maximize=false)',
  );
  expect(String(new optim.Lion([{ params: leaf([1]) }, { params: leaf([2]), lr: 1 }]))).toBe(
    [
      'Lion(',
      '  1 parameter, lr=0.0001, betas=[0.9, 0.99], weightDecay=0, maximize=false',
      '  1 parameter, lr=1, betas=[0.9, 0.99], weightDecay=0, maximize=false',
      ')',
    ].join('\n'),
  );
});
