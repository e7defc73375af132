// Rates and momenta of every schedule, held against PyTorch; see tests/fixtures/torch/optim.py.
import { optim } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';
import { expectClose } from '../nn/torch.ts';
import { copied, make, numbersOf, parameters, type Trained, train } from './task.ts';

interface Cycle {
  readonly name: Trained['name'];
  readonly group: Trained['options'];
  readonly options: optim.schedule.OneCycleLROptions;
  readonly history: readonly (readonly [rates: number[], momenta: number[]])[];
}

interface Cycled extends Omit<Trained, 'groups'> {
  readonly cycle: Omit<optim.schedule.OneCycleLROptions, 'totalSteps'>;
}

interface Plateau {
  readonly options: optim.schedule.ReduceLROnPlateauOptions;
  readonly history: readonly number[][];
}

const { schedules, oneCycles, cycled, metrics, plateaus } = (await json('torch/optim')) as {
  schedules: Record<string, number[][]>;
  oneCycles: Cycle[];
  cycled: Cycled[];
  metrics: (number | 'NaN')[];
  plateaus: Plateau[];
};

const { StepLR, MultiStepLR, ExponentialLR, CosineAnnealingLR, LinearWarmup, OneCycleLR, ReduceLROnPlateau } =
  optim.schedule;

const groups = (): optim.SGD => {
  const params = parameters();
  return new optim.SGD([{ params: params.slice(0, 2) }, { params: params.slice(2), lr: 0.02 }], { lr: 0.5 });
};

describe('schedules give the rates that those of PyTorch give', () => {
  const makers: Record<string, (o: optim.SGD) => optim.schedule.Schedule[]> = {
    StepLR: o => [new StepLR(o, { stepSize: 5 })],
    'StepLR gamma': o => [new StepLR(o, { stepSize: 1, gamma: 0.7 })],
    MultiStepLR: o => [new MultiStepLR(o, { milestones: [2, 7, 7, 11], gamma: 0.3 })],
    ExponentialLR: o => [new ExponentialLR(o, { gamma: 0.9 })],
    CosineAnnealingLR: o => [new CosineAnnealingLR(o, { tMax: 8 })],
    'CosineAnnealingLR etaMin': o => [new CosineAnnealingLR(o, { tMax: 5, etaMin: 0.01 })],
    'CosineAnnealingLR 1': o => [new CosineAnnealingLR(o, { tMax: 1 })],
    LinearWarmup: o => [new LinearWarmup(o, { steps: 6 })],
    'LinearWarmup startFactor': o => [new LinearWarmup(o, { steps: 4, startFactor: 0.01 })],
    'LinearWarmup and CosineAnnealingLR': o => [
      new LinearWarmup(o, { steps: 4, startFactor: 0.1 }),
      new CosineAnnealingLR(o, { tMax: 10, etaMin: 0.005 }),
    ],
    'ExponentialLR and StepLR': o => [new ExponentialLR(o, { gamma: 0.9 }), new StepLR(o, { stepSize: 3 })],
  };

  test('all of the fixture are here', () => {
    expect(Object.keys(makers)).toEqual(Object.keys(schedules));
  });

  test.each(Object.entries(schedules))('%s', (name, history) => {
    const optimizer = groups();
    const made = makers[name](optimizer);
    for (const [epoch, rates] of history.entries()) {
      expectClose(made[0].lastLr, rates, `epoch ${epoch}`, 1e-12);
      for (const schedule of made) schedule.step();
    }
  });

  test.each(Object.entries(schedules))('%s, continued from a state dict', (name, history) => {
    const [first, second] = [groups(), groups()];
    const made = makers[name](first);
    for (let i = 0; i < 9; i++) for (const schedule of made) schedule.step();
    const resumed = makers[name](second);
    second.loadStateDict(first.stateDict());
    for (const [i, schedule] of resumed.entries()) schedule.loadStateDict(made[i].stateDict());
    for (const rates of history.slice(9)) {
      expectClose(resumed[0].lastLr, rates, 'rates', 1e-12);
      for (const schedule of resumed) schedule.step();
    }
  });
});

describe('OneCycleLR gives the rates and the momenta that that of PyTorch gives', () => {
  const begin = ({ name, group, options }: Cycle) => {
    const params = parameters();
    const optimizer = make(name, [{ params: params.slice(0, 2) }, { params: params.slice(2), ...group }], { lr: 0.3 });
    return { optimizer, schedule: new OneCycleLR(optimizer, options) };
  };

  const compare = (optimizer: optim.Optimizer, [rates, momenta]: Cycle['history'][number], step: number): void => {
    const { paramGroups } = optimizer;
    expectClose(
      paramGroups.map(({ lr }) => lr),
      rates,
      `rates at step ${step}`,
    );
    expectClose(
      paramGroups.map(({ momentum = 0 }) => momentum),
      momenta,
      `momenta at step ${step}`,
    );
  };

  const cases = oneCycles.map(given => [`${given.name} ${JSON.stringify(given.options)}`, given] as const);

  test.each(cases)('%s', (_, given) => {
    const { optimizer, schedule } = begin(given);
    for (const [step, expected] of given.history.entries()) {
      if (step > 0) schedule.step();
      compare(optimizer, expected, step);
    }
  });

  // The optimiser's state may be loaded before its schedule is made, or after.
  describe.each([true, false])('continued from a state dict, the optimiser first: %s', optimizerFirst => {
    test.each(cases)('%s', (_, given) => {
      const first = begin(given);
      const half = given.history.length >> 1;
      for (let i = 0; i < half; i++) first.schedule.step();
      const second = begin(given);
      const state = copied(first.optimizer.stateDict());
      if (optimizerFirst) second.optimizer.loadStateDict(state);
      second.schedule.loadStateDict(first.schedule.stateDict());
      if (!optimizerFirst) second.optimizer.loadStateDict(state);
      for (const [i, expected] of given.history.slice(half).entries()) {
        if (i > 0) second.schedule.step();
        compare(second.optimizer, expected, half + i);
      }
    });
  });
});

describe('ten steps with OneCycleLR end where those of PyTorch do', () => {
  const begin = ({ name, options, cycle }: Cycled) => {
    const params = parameters();
    const optimizer = make(name, params, options);
    return { params, optimizer, schedule: new OneCycleLR(optimizer, { totalSteps: 10, ...cycle }) };
  };

  test.each(cycled.map(given => [`${given.name} ${JSON.stringify(given.options)}`, given] as const))(
    '%s',
    (_, given) => {
      const { params, optimizer, schedule } = begin(given);
      train(params, optimizer, [0, 10], step => {
        const expected = given.history[step];
        if (expected !== undefined) expectClose(numbersOf(params), expected, `parameters after step ${step}`);
        schedule.step();
      });
    },
  );
});

describe('ReduceLROnPlateau reduces the rates when that of PyTorch does', () => {
  const cases = plateaus.map(given => [JSON.stringify(given.options), given] as const);

  test.each(cases)('%s', (_, { options, history }) => {
    const schedule = new ReduceLROnPlateau(groups(), options);
    expect(history.length).toBe(metrics.length);
    for (const [i, rates] of history.entries()) {
      schedule.step(Number(metrics[i]));
      expectClose(schedule.lastLr, rates, `after metric ${i}`);
    }
  });

  test.each(cases)('%s, continued from a state dict after every metric', (_, { options, history }) => {
    let [optimizer, dict]: [optim.SGD, optim.StateDict | null] = [groups(), null];
    for (const [i, rates] of history.entries()) {
      const next = groups();
      const schedule = new ReduceLROnPlateau(next, options);
      next.loadStateDict(optimizer.stateDict());
      if (dict !== null) schedule.loadStateDict(dict);
      schedule.step(Number(metrics[i]));
      expectClose(schedule.lastLr, rates, `after metric ${i}`);
      [optimizer, dict] = [next, schedule.stateDict()];
    }
  });
});
