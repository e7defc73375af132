// Ten steps of every optimiser and option, clipping and schedules, held against PyTorch; see tests/fixtures/torch/optim.py.
import { optim, type Tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { expectClose, fixture, leaf } from '../nn/torch.ts';

interface Trained {
  name: 'SGD' | 'Adam' | 'AdamW';
  options: optim.SGDOptions & optim.AdamOptions;
  groups: [ids: number[], options: optim.SGDOptions & optim.AdamOptions][] | null;
  history: number[][];
}

interface Clipped {
  max: number;
  normType: number | 'Infinity';
  norm: number;
  gradients: number[][];
}

const { optimizers, clipGradNorm, clipGradValue, schedules } = fixture('optim') as {
  optimizers: Trained[];
  clipGradNorm: Clipped[];
  clipGradValue: Clipped[];
  schedules: Record<string, number[][]>;
};

const parameters = (): Tensor[] => [[2, 3], [3], [2]].map((shape, i) => leaf(shape, i));

/** The sum of c_i (p² / 2 + sin p); the third parameter takes part at every other step. */
const lossOf = (params: readonly Tensor[], step: number): Tensor =>
  (step % 2 === 0 ? params : params.slice(0, 2))
    .map((p, i) => {
      const bowl: Tensor = p.mul(p).mul(0.5).add(p.sin());
      return bowl.sum().mul(i + 1);
    })
    .reduce((a, b) => a.add(b));

function make({ name, options, groups }: Trained, params: Tensor[]): optim.Optimizer {
  const given = groups === null ? params : groups.map(([ids, own]) => ({ params: ids.map(i => params[i]), ...own }));
  return new optim[name](given, options);
}

function trainTo(step: number, from: number, params: Tensor[], optimizer: optim.Optimizer, history: number[][]): void {
  for (let i = from; i < step; i++) {
    optimizer.zeroGrad();
    lossOf(params, i).backward();
    optimizer.step();
    expectClose(
      params.flatMap(p => Array.from(p.data)),
      history[i],
      `parameters after step ${i + 1}`,
    );
  }
}

const about = ({ name, options, groups }: Trained): string =>
  `${name} ${JSON.stringify(options)}${groups === null ? '' : ` with groups ${JSON.stringify(groups)}`}`;

describe('ten steps end where those of PyTorch do', () => {
  test.each(optimizers.map(given => [about(given), given] as const))('%s', (_, given) => {
    const params = parameters();
    trainTo(10, 0, params, make(given, params), given.history);
  });
});

describe('a state dict continues exactly', () => {
  test.each(optimizers.map(given => [about(given), given] as const))('%s', (_, given) => {
    const params = parameters();
    const optimizer = make(given, params);
    trainTo(5, 0, params, optimizer, given.history);
    const dict = Object.fromEntries(Object.entries(optimizer.stateDict()).map(([key, value]) => [key, value.clone()]));
    const copies = params.map(p => {
      const copy: Tensor = p.detach().clone();
      copy.requiresGrad = true;
      return copy;
    });
    // Made with other options: the dict's are taken over.
    const groups = given.groups?.map(([ids]) => ({ params: ids.map(i => copies[i]) })) ?? copies;
    const resumed = new optim[given.name](groups, { lr: 77, weightDecay: 3 });
    resumed.loadStateDict(dict);
    trainTo(10, 5, copies, resumed, given.history);
  });
});

describe('clipGradNorm scales the gradients as PyTorch does', () => {
  test.each(clipGradNorm.map(given => [given.max, given.normType, given] as const))(
    'max %d, normType %s',
    (max, type, given) => {
      const params = parameters();
      lossOf(params, 1).backward();
      const norm = optim.clipGradNorm(params, max, { normType: Number(type) });
      expect([norm.shape, norm.requiresGrad]).toEqual([[], false]);
      expectClose([norm.item()], [given.norm], 'norm');
      for (const [i, gradient] of given.gradients.entries())
        expectClose(params[i].grad!.data, gradient, `gradient ${i}`);
      expect(params[2].grad).toBeNull();
    },
  );
});

describe('clipGradValue holds the gradients as PyTorch does', () => {
  test.each(clipGradValue.map(given => [given.max, given] as const))('max %d', (max, given) => {
    const params = parameters();
    lossOf(params, 1).backward();
    optim.clipGradValue(params, max);
    for (const [i, gradient] of given.gradients.entries()) expectClose(params[i].grad!.data, gradient, `gradient ${i}`);
  });
});

describe('schedules give the rates that those of PyTorch give', () => {
  const { StepLR, MultiStepLR, ExponentialLR, CosineAnnealingLR, LinearWarmup } = optim.schedule;
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
  const groups = (): optim.SGD => {
    const params = parameters();
    return new optim.SGD([{ params: params.slice(0, 2) }, { params: params.slice(2), lr: 0.02 }], { lr: 0.5 });
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
