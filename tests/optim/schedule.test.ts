import { ArgumentError, ones, optim, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const { StepLR, MultiStepLR, ExponentialLR, CosineAnnealingLR, LinearWarmup } = optim.schedule;

const sgd = (lr = 1): optim.SGD => new optim.SGD(ones([1], { requiresGrad: true }), { lr });

const throws = (call: () => unknown, message: string): void => expect(call).toThrow(new ArgumentError(message));

test('a schedule sets the rate that the optimiser takes its next step with', () => {
  const p = ones([1], { requiresGrad: true });
  const optimizer = new optim.SGD(p, { lr: 1 });
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  const seen: number[] = [];
  for (let i = 0; i < 3; i++) {
    p.grad = ones([1]);
    optimizer.step();
    schedule.step();
    seen.push(p.item());
  }
  expect(seen).toEqual([0, -0.5, -0.75]);
  expect([schedule.epoch, optimizer.lr, schedule.lastLr]).toEqual([3, 0.125, [0.125]]);
});

test('a warm-up begins when it is made', () => {
  const optimizer = sgd(1);
  new LinearWarmup(optimizer, { steps: 4, startFactor: 0.2 });
  expect(optimizer.lr).toBe(0.2);
});

test('a rate that is set by hand is what the schedule goes on from', () => {
  const optimizer = sgd(1);
  const schedule = new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
  schedule.step();
  optimizer.lr = 8;
  schedule.step();
  expect(optimizer.lr).toBe(4);
});

test('a group that is added later is scheduled from then on', () => {
  const optimizer = sgd(1);
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  schedule.step();
  optimizer.addParamGroup({ params: ones([1], { requiresGrad: true }), lr: 3 });
  schedule.step();
  expect(schedule.lastLr).toEqual([0.25, 1.5]);
});

describe('options that make no sense are refused:', () => {
  const o = sgd();
  const cases: [call: () => unknown, message: string][] = [
    [() => new StepLR(o, { stepSize: 0 }), 'StepLR: expected stepSize to be a whole number of 1 or more, got 0'],
    [() => new StepLR(o, { stepSize: 1, gamma: -1 }), 'StepLR: expected gamma to be 0 or more, got -1'],
    [
      () => new MultiStepLR(o, { milestones: [1, 2.5] }),
      'MultiStepLR: expected every milestone to be a whole number of 1 or more, got 2.5',
    ],
    [() => new ExponentialLR(o, { gamma: Number.NaN }), 'ExponentialLR: expected gamma to be 0 or more, got NaN'],
    [
      () => new CosineAnnealingLR(o, { tMax: 1.5 }),
      'CosineAnnealingLR: expected tMax to be a whole number of 1 or more, got 1.5',
    ],
    [
      () => new CosineAnnealingLR(o, { tMax: 1, etaMin: -1 }),
      'CosineAnnealingLR: expected etaMin to be 0 or more, got -1',
    ],
    [() => new LinearWarmup(o, { steps: 0 }), 'LinearWarmup: expected steps to be a whole number of 1 or more, got 0'],
    [
      () => new LinearWarmup(o, { steps: 3, startFactor: 0 }),
      'LinearWarmup: expected startFactor to be above 0 and at most 1, got 0',
    ],
  ];
  test.each(cases.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
    throws(call, message);
    expect(o.lr).toBe(1);
  });
});

test('a state dict that is not one is refused, and then nothing has changed', () => {
  const schedule = new StepLR(sgd(), { stepSize: 2 });
  schedule.step();
  const { epoch, baseLrs } = schedule.stateDict();
  throws(() => schedule.loadStateDict({ baseLrs }), 'StepLR: expected epoch to be one whole number, got undefined');
  throws(
    () => schedule.loadStateDict({ epoch: tensor(0.5), baseLrs }),
    'StepLR: expected epoch to be one whole number, got tensor(0.5000)',
  );
  throws(
    () => schedule.loadStateDict({ epoch: tensor(7), baseLrs: ones([2]) }),
    'StepLR: expected baseLrs to hold a rate for each of 1 groups, got tensor([1, 1])',
  );
  expect(schedule.epoch).toBe(1);
  expect([epoch.item(), baseLrs.toArray()]).toEqual([1, [1]]);
});
