import { ArgumentError, ones, optim, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const { StepLR, MultiStepLR, ExponentialLR, CosineAnnealingLR, LinearWarmup, OneCycleLR, ReduceLROnPlateau } =
  optim.schedule;

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

test('a milestone of 0 is passed when the schedule is made, as in PyTorch', () => {
  const optimizer = sgd(0.5);
  const schedule = new MultiStepLR(optimizer, { milestones: [0, 2], gamma: 0.5 });
  const seen = [optimizer.lr];
  for (let i = 0; i < 3; i++) {
    schedule.step();
    seen.push(optimizer.lr);
  }
  expect(seen).toEqual([0.25, 0.25, 0.125, 0.125]);
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

test('a group that is added later is in the state dict before the next step', () => {
  const optimizer = sgd(1);
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  optimizer.addParamGroup({ params: ones([1], { requiresGrad: true }), lr: 3 });
  expect(schedule.stateDict().baseLrs.toArray()).toEqual([1, 3]);
});

describe('OneCycleLR', () => {
  test('begins when it is made, with rate and momentum', () => {
    const optimizer = sgd(7);
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10 });
    expect([optimizer.lr, optimizer.paramGroups[0].options.momentum, schedule.lastLr]).toEqual([0.04, 0.95, [0.04]]);
  });

  test('cycles the first of betas and leaves the second as it is', () => {
    const optimizer = new optim.Adam(ones([1], { requiresGrad: true }), { betas: [0.5, 0.625] });
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 5, pctStart: 0.4, baseMomentum: 0.25 });
    const seen = [0, 1, 2, 3, 4].map(() => {
      const { betas } = optimizer.paramGroups[0].options;
      schedule.step();
      return betas;
    });
    expect(seen[0]).toEqual([0.95, 0.625]);
    expect(seen[1]).toEqual([0.25, 0.625]);
    expect(seen[4]).toEqual([0.95, 0.625]);
  });

  test('leaves the momentum alone where it is told to', () => {
    const optimizer = new optim.SGD(ones([1], { requiresGrad: true }), { momentum: 0.3 });
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 5, cycleMomentum: false });
    schedule.step();
    expect(optimizer.paramGroups[0].momentum).toBe(0.3);
  });

  test('may be called once more when the cycle is over, which changes nothing, and not again', () => {
    const optimizer = sgd();
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 3, annealStrategy: 'linear' });
    for (let i = 0; i < 2; i++) schedule.step();
    const last = optimizer.lr;
    expect(last).toBeCloseTo(4e-6, 12);
    schedule.step();
    expect([optimizer.lr, optimizer.paramGroups[0].momentum]).toEqual([last, 0.95]);
    throws(() => schedule.step(), 'OneCycleLR: expected at most 3 steps, the whole cycle, got step 4');
    expect([schedule.epoch, optimizer.lr]).toEqual([3, last]);
  });

  test('reaches the highest rate at once where the rise has but one step, at which PyTorch divides by 0', () => {
    const optimizer = sgd();
    new OneCycleLR(optimizer, { maxLr: 0.5, totalSteps: 4, pctStart: 0.25 });
    expect(optimizer.lr).toBe(0.5);
  });

  test('schedules a group that is added later, unless there is a number for each', () => {
    const optimizer = sgd();
    const same = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 9 });
    const each = new OneCycleLR(optimizer, { maxLr: [1], totalSteps: 9 });
    optimizer.addParamGroup({ params: ones([1], { requiresGrad: true }), lr: 3 });
    same.step();
    const [first, second] = optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum]);
    expect(second).toEqual(first);
    throws(() => each.step(), 'OneCycleLR: expected maxLr to be one number or one for each of 2 groups, got [1]');
    expect(each.epoch).toBe(0);
  });

  test('moves no rate where a momentum cannot follow', () => {
    const optimizer = sgd();
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 9, maxMomentum: [0.9] });
    optimizer.addParamGroup({ params: ones([1], { requiresGrad: true }) });
    const before = schedule.lastLr;
    throws(
      () => schedule.step(),
      'OneCycleLR: expected maxMomentum to be one number or one for each of 2 groups, got [0.9]',
    );
    expect([schedule.epoch, schedule.lastLr]).toEqual([0, before]);
  });

  test('refuses the state dict of a longer cycle that is further on', () => {
    const [short, long] = [2, 9].map(totalSteps => new OneCycleLR(sgd(), { maxLr: 1, totalSteps }));
    for (let i = 0; i < 3; i++) long.step();
    throws(
      () => short.loadStateDict(long.stateDict()),
      'OneCycleLR: expected epoch to be at most 2, the steps of the whole cycle, got 3',
    );
    expect(short.epoch).toBe(0);
  });
});

describe('ReduceLROnPlateau', () => {
  test('takes a tensor of one element for a number', () => {
    const optimizer = sgd(1);
    const schedule = new ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 });
    schedule.step(tensor(3));
    schedule.step(tensor([[3]]));
    expect([optimizer.lr, schedule.epoch, schedule.best]).toEqual([0.5, 2, 3]);
  });

  test('refuses other metrics, and then nothing has changed', () => {
    const schedule = new ReduceLROnPlateau(sgd());
    const wrong: [metric: any, shown: string][] = [
      [ones([2]), 'tensor([1, 1])'],
      ['3', '3'],
      [undefined, 'undefined'],
      [null, 'null'],
    ];
    for (const [metric, shown] of wrong)
      throws(
        () => schedule.step(metric),
        `ReduceLROnPlateau: expected step to be given a number or a tensor of one element, got ${shown}`,
      );
    expect(schedule.epoch).toBe(0);
  });

  test('remembers where it stands in a state dict', () => {
    const schedule = new ReduceLROnPlateau(sgd(), { patience: 1, cooldown: 3 });
    const read = () => Object.fromEntries(Object.entries(schedule.stateDict()).map(([key, x]) => [key, x.item()]));
    expect(read()).toEqual({ epoch: 0, best: Infinity, numBadEpochs: 0, cooldownCounter: 0 });
    for (const metric of [2, 2]) schedule.step(metric);
    expect(read()).toEqual({ epoch: 2, best: 2, numBadEpochs: 1, cooldownCounter: 0 });
    schedule.step(2);
    expect(read()).toEqual({ epoch: 3, best: 2, numBadEpochs: 0, cooldownCounter: 3 });
  });

  test('refuses a state dict that is not one, and then nothing has changed', () => {
    const schedule = new ReduceLROnPlateau(sgd());
    schedule.step(2);
    const dict = schedule.stateDict();
    const { best, ...rest } = dict;
    const wrong: any = { ...dict, epoch: 3 };
    throws(() => schedule.loadStateDict(rest), 'ReduceLROnPlateau: expected best to be one number, got undefined');
    throws(() => schedule.loadStateDict(wrong), 'ReduceLROnPlateau: expected epoch to be one whole number, got 3');
    throws(
      () => schedule.loadStateDict({ ...dict, epoch: tensor(9), numBadEpochs: tensor(-1) }),
      'ReduceLROnPlateau: expected numBadEpochs to be one whole number, got tensor(-1)',
    );
    throws(
      () => schedule.loadStateDict({ ...dict, cooldownCounter: ones([2]) }),
      'ReduceLROnPlateau: expected cooldownCounter to be one whole number, got tensor([1, 1])',
    );
    expect([schedule.epoch, schedule.best, best.item()]).toEqual([1, 2, 2]);
  });
});

describe('options that make no sense are refused:', () => {
  const o = sgd();
  const some: any = '1';
  const nothing: any = null;
  const adam = new optim.Adam(ones([1], { requiresGrad: true }));
  const nesterov = new optim.SGD(ones([1], { requiresGrad: true }), { momentum: 0.5, nesterov: true });
  const adagrad = new optim.Adagrad(ones([1], { requiresGrad: true }));
  const cycle = { maxLr: 1, totalSteps: 10 };
  const cases: [call: () => unknown, message: string][] = [
    [() => new StepLR(o, { stepSize: 0 }), 'StepLR: expected stepSize to be a whole number of 1 or more, got 0'],
    [() => new StepLR(o, { stepSize: 1, gamma: -1 }), 'StepLR: expected gamma to be 0 or more, got -1'],
    [
      () => new MultiStepLR(o, { milestones: [1, 2.5] }),
      'MultiStepLR: expected every milestone to be a whole number of 0 or more, got 2.5',
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
    [() => new StepLR(nothing, { stepSize: 1 }), 'StepLR: expected an optimiser, got null'],
    [() => new OneCycleLR(some, cycle), 'OneCycleLR: expected an optimiser, got string'],
    [() => new ReduceLROnPlateau(nothing), 'ReduceLROnPlateau: expected an optimiser, got null'],
    [
      () => new OneCycleLR(o, { maxLr: 1 }),
      'OneCycleLR: expected totalSteps, or epochs and stepsPerEpoch, got epochs undefined, stepsPerEpoch undefined',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, epochs: 3 }),
      'OneCycleLR: expected totalSteps, or epochs and stepsPerEpoch, got epochs 3, stepsPerEpoch undefined',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, totalSteps: 2.5 }),
      'OneCycleLR: expected totalSteps to be a whole number of 1 or more, got 2.5',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, epochs: 0, stepsPerEpoch: 1 }),
      'OneCycleLR: expected epochs to be a whole number of 1 or more, got 0',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, epochs: 1, stepsPerEpoch: -1 }),
      'OneCycleLR: expected stepsPerEpoch to be a whole number of 1 or more, got -1',
    ],
    [() => new OneCycleLR(o, { ...cycle, maxLr: -1 }), 'OneCycleLR: expected maxLr to be 0 or more, got -1'],
    [
      () => new OneCycleLR(o, { ...cycle, maxLr: some }),
      'OneCycleLR: expected maxLr to be one number or one for each of 1 groups, got 1',
    ],
    [
      () => new OneCycleLR(o, { ...cycle, maxLr: [1, 2] }),
      'OneCycleLR: expected maxLr to be one number or one for each of 1 groups, got [1, 2]',
    ],
    [() => new OneCycleLR(o, { ...cycle, maxLr: [some] }), 'OneCycleLR: expected maxLr to be 0 or more, got 1'],
    [() => new OneCycleLR(o, { ...cycle, pctStart: 1.1 }), 'OneCycleLR: expected pctStart in [0, 1], got 1.1'],
    [
      () => new OneCycleLR(o, { ...cycle, annealStrategy: some }),
      "OneCycleLR: expected annealStrategy to be 'cos' or 'linear', got 1",
    ],
    [() => new OneCycleLR(o, { ...cycle, divFactor: 0 }), 'OneCycleLR: expected divFactor to be above 0, got 0'],
    [
      () => new OneCycleLR(o, { ...cycle, finalDivFactor: Number.NaN }),
      'OneCycleLR: expected finalDivFactor to be 0 or more, got NaN',
    ],
    [
      () => new OneCycleLR(adagrad, cycle),
      'OneCycleLR: expected an optimiser with momentum or betas, got one with neither; cycleMomentum: false leaves them alone',
    ],
    [
      () => new OneCycleLR(o, { ...cycle, baseMomentum: [0.1, 0.2] }),
      'OneCycleLR: expected baseMomentum to be one number or one for each of 1 groups, got [0.1, 0.2]',
    ],
    [
      () => new OneCycleLR(o, { ...cycle, maxMomentum: -0.1 }),
      'OneCycleLR: expected maxMomentum to be 0 or more, got -0.1',
    ],
    [() => new OneCycleLR(adam, { ...cycle, maxMomentum: 1 }), 'Adam: expected two betas in [0, 1), got [1,0.999]'],
    [
      () => new OneCycleLR(nesterov, { ...cycle, baseMomentum: 0 }),
      'SGD: expected nesterov to come with momentum and without dampening, got momentum 0, dampening 0',
    ],
    [() => new ReduceLROnPlateau(o, { mode: some }), "ReduceLROnPlateau: expected mode to be 'min' or 'max', got 1"],
    [
      () => new ReduceLROnPlateau(o, { thresholdMode: some }),
      "ReduceLROnPlateau: expected thresholdMode to be 'rel' or 'abs', got 1",
    ],
    [() => new ReduceLROnPlateau(o, { factor: 1 }), 'ReduceLROnPlateau: expected factor in [0, 1), got 1'],
    [
      () => new ReduceLROnPlateau(o, { patience: 1.5 }),
      'ReduceLROnPlateau: expected patience to be a whole number of 0 or more, got 1.5',
    ],
    [
      () => new ReduceLROnPlateau(o, { cooldown: -1 }),
      'ReduceLROnPlateau: expected cooldown to be a whole number of 0 or more, got -1',
    ],
    [
      () => new ReduceLROnPlateau(o, { threshold: Number.NaN }),
      'ReduceLROnPlateau: expected threshold to be 0 or more, got NaN',
    ],
    [() => new ReduceLROnPlateau(o, { eps: nothing }), 'ReduceLROnPlateau: expected eps to be 0 or more, got null'],
    [() => new ReduceLROnPlateau(o, { minLr: -1 }), 'ReduceLROnPlateau: expected minLr to be 0 or more, got -1'],
    [
      () => new ReduceLROnPlateau(o, { minLr: [0, 0] }),
      'ReduceLROnPlateau: expected minLr to be one number or one for each of 1 groups, got [0, 0]',
    ],
  ];
  test.each(cases.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
    throws(call, message);
    const standing = [o, adam, nesterov, adagrad].map(({ paramGroups: [{ lr, momentum, initialLr }] }) => [
      lr,
      momentum,
      initialLr,
    ]);
    expect(standing).toEqual([
      [1, 0, undefined],
      [1e-3, 0.9, undefined],
      [1e-3, 0.5, undefined],
      [1e-2, undefined, undefined],
    ]);
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
