// Steps of every optimiser inside compile: recorded once, without calls of JavaScript, while rates and momenta change.
import { compile, nn, optim, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { expectClose } from '../nn/torch.ts';
import { numbersOf, parameters } from './task.ts';

type Make = (params: Tensor[]) => optim.Optimizer;

const makers: Record<string, Make> = {
  SGD: p => new optim.SGD(p, { lr: 0.1 }),
  'SGD with dampened momentum': p => new optim.SGD(p, { lr: 0.1, momentum: 0.5, dampening: 0.2 }),
  Adam: p => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
  AdamW: p => new optim.AdamW(p, { lr: 0.1 }),
  NAdam: p => new optim.NAdam(p, { lr: 0.1, weightDecay: 0.1 }),
  'NAdam with decoupled weight decay': p =>
    new optim.NAdam(p, { lr: 0.1, weightDecay: 0.1, decoupledWeightDecay: true, maximize: true }),
  RMSprop: p => new optim.RMSprop(p, { lr: 0.05 }),
  'RMSprop with momentum, centered': p => new optim.RMSprop(p, { lr: 0.02, momentum: 0.5, centered: true, alpha: 0.9 }),
  Adagrad: p => new optim.Adagrad(p, { lr: 0.1 }),
  'Adagrad with falling rates': p => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1, initialAccumulatorValue: 0.5 }),
  Adadelta: p => new optim.Adadelta(p, { weightDecay: 0.1 }),
  Lion: p => new optim.Lion(p, { lr: 0.01, weightDecay: 0.1 }),
};

/** Training of three parameters, compiled or not; it counts how often its function runs. */
function begin(makeOptimizer: Make, compiled: boolean) {
  const params = parameters('float32');
  const optimizer = makeOptimizer(params);
  const runs = { count: 0 };
  const fn = (): Tensor[] => {
    runs.count++;
    optimizer.zeroGrad();
    params
      .map(p => p.mul(p).mul(0.5).add(p.sin()).sum())
      .reduce((a, b) => a.add(b))
      .backward();
    optimizer.step();
    return [];
  };
  return { params, optimizer, runs, step: compiled ? compile(fn) : Object.assign(fn, { stats: () => null }) };
}

describe.each(Object.entries(makers))('a compiled step with %s', (_, makeOptimizer) => {
  test('is recorded once, calls no JavaScript, and does what it does eagerly', () => {
    const [compiled, eager] = [begin(makeOptimizer, true), begin(makeOptimizer, false)];
    for (let i = 0; i < 10; i++) {
      for (const { optimizer, step } of [compiled, eager]) {
        optimizer.lr = 0.05 / (i + 1);
        step();
      }
    }
    expectClose(numbersOf(compiled.params), numbersOf(eager.params), 'parameters', 1e-5);
    const states = [compiled, eager].map(({ optimizer }) => numbersOf(Object.values(optimizer.stateDict())));
    expectClose(states[0], states[1], 'states', 1e-5);
    expect(compiled.runs.count).toBe(1);
    expect(compiled.step.stats()).toMatchObject({ executor: 'wasm', callsToJavaScript: 0 });
  });
});

const withMomentum = Object.entries(makers).filter(([name]) => !name.startsWith('Ada') || name.startsWith('Adam'));

describe.each(withMomentum)('a compiled step with %s and OneCycleLR', (_, makeOptimizer) => {
  test('sees rate and momentum change at every step, and is recorded once', () => {
    const [compiled, eager] = [begin(makeOptimizer, true), begin(makeOptimizer, false)];
    for (const { optimizer, step } of [compiled, eager]) {
      const schedule = new optim.schedule.OneCycleLR(optimizer, { maxLr: 0.05, totalSteps: 10, baseMomentum: 0.4 });
      const momenta = new Set<number | undefined>();
      for (let i = 0; i < 10; i++) {
        step();
        schedule.step();
        momenta.add(optimizer.paramGroups[0].momentum);
      }
      expect(momenta.size).toBeGreaterThan(7);
    }
    expectClose(numbersOf(compiled.params), numbersOf(eager.params), 'parameters', 1e-5);
    expect(compiled.runs.count).toBe(1);
    expect(compiled.step.stats()).toMatchObject({ executor: 'wasm', callsToJavaScript: 0 });
  });
});

test('a momentum is recorded anew when it is set for the first time, and where it leaves or reaches 0', () => {
  const { optimizer, runs, step } = begin(p => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }), true);
  const [group] = optimizer.paramGroups;
  const counts = [0.9, 0.8, 0.7, 0, 0, 0.5, 0.4].map((momentum, i) => {
    if (i > 0) group.momentum = momentum;
    step();
    return runs.count;
  });
  // The first one is recorded as a number, the next ones as a tensor.
  expect(counts).toEqual([1, 2, 2, 3, 4, 5, 5]);
});

test('OneCycleLR that is continued needs no more than one recording', () => {
  const first = begin(makers.AdamW, true);
  const second = begin(makers.AdamW, true);
  const [one, two] = [first, second].map(
    ({ optimizer }) => new optim.schedule.OneCycleLR(optimizer, { maxLr: 0.05, totalSteps: 10 }),
  );
  for (let i = 0; i < 4; i++) {
    first.step();
    one.step();
  }
  for (const [i, p] of second.params.entries()) {
    p.requiresGrad = false;
    p.assign(first.params[i].detach());
    p.requiresGrad = true;
  }
  second.optimizer.loadStateDict(first.optimizer.stateDict());
  two.loadStateDict(one.stateDict());
  for (let i = 4; i < 10; i++) {
    for (const { step } of [first, second]) step();
    for (const schedule of [one, two]) schedule.step();
  }
  // The call that is recorded runs eagerly, with other last digits.
  expectClose(numbersOf(second.params), numbersOf(first.params), 'parameters', 1e-6);
  expect([first.runs.count, second.runs.count]).toEqual([1, 1]);
});

test('single numbers and empty tensors are trained by every optimiser, compiled or not', () => {
  for (const makeOptimizer of Object.values(makers)) {
    const moved = [true, false].map(compiled => {
      const one: Tensor = tensor(0.5, { requiresGrad: true });
      const none: Tensor = zeros([0, 3], { requiresGrad: true });
      const optimizer = makeOptimizer([one, none]);
      const fn = (): Tensor[] => {
        optimizer.zeroGrad();
        one.mul(one).add(none.sum()).backward();
        optimizer.step();
        return [];
      };
      const step = compiled ? compile(fn) : fn;
      for (let i = 0; i < 3; i++) {
        step();
        if (i > 0 || optimizer.paramGroups[0].momentum === undefined) continue;
        optimizer.paramGroups[0].momentum = 0.5;
      }
      expect([one.dtype, one.shape, none.shape]).toEqual(['float32', [], [0, 3]]);
      return one.item();
    });
    expect(moved[0]).not.toBe(0.5);
    expect(moved[0]).toBeCloseTo(moved[1], 6);
  }
});

test('a frozen parameter stays where it is in a compiled step of every optimiser', () => {
  for (const makeOptimizer of Object.values(makers)) {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2));
    const [frozen, free] = model.parameters();
    frozen.requiresGrad = false;
    const before = [frozen.toArray(), free.toArray()];
    const optimizer = makeOptimizer(model.parameters());
    const [x] = parameters('float32');
    const step = compile((input: Tensor) => {
      optimizer.zeroGrad();
      model.forward(input).square().sum().backward();
      optimizer.step();
      return [];
    });
    step(x.detach());
    step(x.detach());
    expect(frozen.toArray()).toEqual(before[0]);
    expect(free.toArray()).not.toEqual(before[1]);
  }
});
