import { ArgumentError, ones, optim, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const leaf = (values: number[]): Tensor => tensor(values, { requiresGrad: true });

const throws = (call: () => unknown, kind: new (message: string) => Error, message: string): void =>
  expect(call).toThrow(new kind(message));

test('the defaults are those of PyTorch, and for Lion those of its authors', () => {
  const { SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Adadelta, Lion } = optim;
  const defaults = [SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Adadelta, Lion].map(Kind => {
    const [{ lr, options }] = new Kind(leaf([1])).paramGroups;
    return [Kind.name, { lr, ...options }];
  });
  const adam = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false, maximize: false };
  expect(Object.fromEntries(defaults)).toEqual({
    SGD: { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false },
    Adam: { ...adam, weightDecay: 0 },
    AdamW: { ...adam, weightDecay: 0.01 },
    NAdam: {
      lr: 2e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      decoupledWeightDecay: false,
      maximize: false,
    },
    RMSprop: { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, maximize: false },
    Adagrad: { lr: 1e-2, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, maximize: false },
    Adadelta: { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false },
    Lion: { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false },
  });
});

describe('options that make no sense are refused:', () => {
  const p = leaf([1]);
  const betas: any = 0.9;
  const snake: any = { weight_decay: 0.1 };
  const text: any = '0.5';
  const nothing: any = null;
  const rate: any = 0.01;
  const cases: [call: () => unknown, message: string][] = [
    [() => new optim.Adam([p], rate), 'Adam: expected the options to be an object such as { lr: 0.01 }, got number'],
    [() => new optim.Adam([p], nothing), 'Adam: expected the options to be an object such as { lr: 0.01 }, got null'],
    [() => new optim.SGD([p], { lr: Number.NaN }), 'SGD: expected a learning rate lr of 0 or more, got NaN'],
    [() => new optim.Adam([p], { lr: -1 }), 'Adam: expected a learning rate lr of 0 or more, got -1'],
    [() => new optim.AdamW([p], { lr: Infinity }), 'AdamW: expected a learning rate lr of 0 or more, got Infinity'],
    [() => new optim.SGD([p], { momentum: -0.1 }), 'SGD: expected momentum to be 0 or more, got -0.1'],
    [() => new optim.SGD([p], { dampening: Number.NaN }), 'SGD: expected a finite dampening, got NaN'],
    [() => new optim.SGD([p], { weightDecay: -1 }), 'SGD: expected weightDecay to be 0 or more, got -1'],
    [
      () => new optim.SGD([p], { nesterov: true }),
      'SGD: expected nesterov to come with momentum and without dampening, got momentum 0, dampening 0',
    ],
    [
      () => new optim.SGD([{ params: p, dampening: 0.1 }], { nesterov: true, momentum: 0.9 }),
      'SGD: expected nesterov to come with momentum and without dampening, got momentum 0.9, dampening 0.1',
    ],
    [() => new optim.Adam([p], { betas: [0.9, 1] }), 'Adam: expected two betas in [0, 1), got [0.9,1]'],
    [
      () => new optim.AdamW([p], snake),
      'AdamW: expected options among lr, betas, eps, weightDecay, amsgrad, maximize, got weight_decay',
    ],
    [
      () => new optim.SGD([{ params: p, ...snake }]),
      'SGD: expected options among lr, momentum, dampening, weightDecay, nesterov, maximize, got weight_decay',
    ],
    [() => new optim.AdamW([p], { betas }), 'AdamW: expected two betas in [0, 1), got 0.9'],
    [() => new optim.Adam([p], { eps: -1e-8 }), 'Adam: expected eps to be 0 or more, got -1e-8'],
    [() => new optim.Adam([p], { weightDecay: Number.NaN }), 'Adam: expected weightDecay to be 0 or more, got NaN'],
    [() => new optim.Adam([p], { weightDecay: nothing }), 'Adam: expected weightDecay to be 0 or more, got null'],
    [() => new optim.Adam([p], { betas: [text, 0.5] }), 'Adam: expected two betas in [0, 1), got ["0.5",0.5]'],
    [() => new optim.SGD([p], { maximize: text }), 'SGD: expected maximize to be true or false, got 0.5'],
    [() => new optim.SGD([{ params: p, nesterov: nothing }]), 'SGD: expected nesterov to be true or false, got null'],
    [() => new optim.NAdam([p], { lr: text }), 'NAdam: expected a learning rate lr of 0 or more, got 0.5'],
    [() => new optim.NAdam([p], { betas: [0.9, -1] }), 'NAdam: expected two betas in [0, 1), got [0.9,-1]'],
    [() => new optim.NAdam([p], { momentumDecay: -1 }), 'NAdam: expected momentumDecay to be 0 or more, got -1'],
    [() => new optim.NAdam([p], { eps: Infinity }), 'NAdam: expected eps to be 0 or more, got Infinity'],
    [
      () => new optim.NAdam([p], snake),
      'NAdam: expected options among lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize, got weight_decay',
    ],
    [() => new optim.RMSprop([p], { alpha: -0.1 }), 'RMSprop: expected alpha to be 0 or more, got -0.1'],
    [() => new optim.RMSprop([p], { momentum: text }), 'RMSprop: expected momentum to be 0 or more, got 0.5'],
    [() => new optim.RMSprop([p], { eps: Number.NaN }), 'RMSprop: expected eps to be 0 or more, got NaN'],
    [
      () => new optim.RMSprop([p], snake),
      'RMSprop: expected options among lr, alpha, eps, weightDecay, momentum, centered, maximize, got weight_decay',
    ],
    [() => new optim.Adagrad([p], { lrDecay: -1 }), 'Adagrad: expected lrDecay to be 0 or more, got -1'],
    [
      () => new optim.Adagrad([p], { initialAccumulatorValue: -1 }),
      'Adagrad: expected initialAccumulatorValue to be 0 or more, got -1',
    ],
    [
      () => new optim.Adagrad([p], snake),
      'Adagrad: expected options among lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize, got weight_decay',
    ],
    [() => new optim.Adadelta([p], { rho: 1.1 }), 'Adadelta: expected rho in [0, 1], got 1.1'],
    [() => new optim.Adadelta([p], { rho: text }), 'Adadelta: expected rho in [0, 1], got 0.5'],
    [() => new optim.Adadelta([p], { eps: -1 }), 'Adadelta: expected eps to be 0 or more, got -1'],
    [
      () => new optim.Adadelta([p], snake),
      'Adadelta: expected options among lr, rho, eps, weightDecay, maximize, got weight_decay',
    ],
    [() => new optim.Lion([p], { betas: [1, 0.5] }), 'Lion: expected two betas in [0, 1), got [1,0.5]'],
    [() => new optim.Lion([p], { weightDecay: -1 }), 'Lion: expected weightDecay to be 0 or more, got -1'],
    [
      () => new optim.Lion([p], snake),
      'Lion: expected options among lr, betas, weightDecay, maximize, got weight_decay',
    ],
  ];
  test.each(cases.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
    throws(call, ArgumentError, message);
  });
});

describe('options of a group that are set', () => {
  const ready = (): Tensor => {
    const p = leaf([1, 2]);
    p.grad = ones([2]);
    return p;
  };

  test('are taken over by the next step, with what has to be remembered under them', () => {
    const p = ready();
    const optimizer = new optim.SGD(p, { lr: 1 });
    optimizer.step();
    const [group] = optimizer.paramGroups;
    group.options = { ...group.options, momentum: 0.5 };
    expect(optimizer.stateDict()['state.0.momentumBuffer'].toArray()).toEqual([0, 0]);
    optimizer.step();
    optimizer.step();
    expect(p.toArray()).toEqual([-2.5, -1.5]);
  });

  test('are refused where they make no sense, and then nothing has changed', () => {
    const optimizer = new optim.Adam(ready());
    const [group] = optimizer.paramGroups;
    const { options } = group;
    throws(
      () => {
        group.options = { ...options, eps: -1 };
      },
      ArgumentError,
      'Adam: expected eps to be 0 or more, got -1',
    );
    expect(group.options).toBe(options);
  });
});

describe('the momentum of a group', () => {
  test('is the momentum among its options or the first of betas', () => {
    const groups = (o: optim.Optimizer) => o.paramGroups.map(({ momentum }) => momentum);
    expect(groups(new optim.SGD([{ params: leaf([1]) }, { params: leaf([1]), momentum: 0.5 }]))).toEqual([0, 0.5]);
    expect(groups(new optim.RMSprop(leaf([1]), { momentum: 0.25 }))).toEqual([0.25]);
    expect(groups(new optim.NAdam(leaf([1]), { betas: [0.75, 0.5] }))).toEqual([0.75]);
    expect(groups(new optim.Adagrad(leaf([1])))).toEqual([undefined]);
  });

  test('is set among its options', () => {
    const [sgd] = new optim.SGD(leaf([1]), { dampening: 0.5 }).paramGroups;
    for (const momentum of [0.5, 0.25, 0, 0.75]) {
      sgd.momentum = momentum;
      expect([sgd.momentum, sgd.options.momentum, sgd.options.dampening]).toEqual([momentum, momentum, 0.5]);
    }
    const [lion] = new optim.Lion(leaf([1])).paramGroups;
    lion.momentum = 0.25;
    expect([lion.momentum, lion.options.betas]).toEqual([0.25, [0.25, 0.99]]);
  });

  test('that is 0 for some steps leaves the last direction as it is, as in PyTorch', () => {
    const p = leaf([0]);
    const optimizer = new optim.SGD(p, { lr: 1, momentum: 0.5 });
    const [group] = optimizer.paramGroups;
    const seen = [0.5, 0, 0.25].map(momentum => {
      group.momentum = momentum;
      p.grad = ones([1]);
      optimizer.step();
      return p.item();
    });
    expect(seen).toEqual([-1, -2, -3.25]);
  });

  test('is refused where it makes no sense, and then nothing has changed', () => {
    const [sgd] = new optim.SGD(leaf([1]), { momentum: 0.5, nesterov: true }).paramGroups;
    const [adam] = new optim.Adam(leaf([1])).paramGroups;
    const [adadelta] = new optim.Adadelta(leaf([1])).paramGroups;
    const set = (group: { momentum: number | undefined }, momentum: any) => () => {
      group.momentum = momentum;
    };
    throws(set(sgd, -1), ArgumentError, 'SGD: expected momentum to be 0 or more, got -1');
    throws(
      set(sgd, 0),
      ArgumentError,
      'SGD: expected nesterov to come with momentum and without dampening, got momentum 0, dampening 0',
    );
    throws(set(adam, 1), ArgumentError, 'Adam: expected two betas in [0, 1), got [1,0.999]');
    throws(set(adam, undefined), ArgumentError, 'Adam: expected two betas in [0, 1), got [null,0.999]');
    throws(
      set(adadelta, 0.5),
      ArgumentError,
      'Adadelta: expected momentum or betas among the options, got an optimiser with neither',
    );
    expect([sgd.momentum, adam.momentum, adadelta.momentum]).toEqual([0.5, 0.9, undefined]);
  });
});
