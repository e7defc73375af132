// The options of optimisers and schedules, and what groups know of them. `tsc` is the test.
import { optim, type Tensor } from 'tapegrad';
import { is } from './equal.ts';

declare const x: Tensor<[14, 3]>;

// Every optimiser is an Optimizer, whatever its options, and can be scheduled.
{
  const optimizers: optim.Optimizer[] = [
    new optim.NAdam(x, { momentumDecay: 0.1, decoupledWeightDecay: true }),
    new optim.RMSprop([x], { alpha: 0.9, centered: true, momentum: 0.5 }),
    new optim.Adagrad([{ params: x, lrDecay: 0.1 }], { initialAccumulatorValue: 0.1 }),
    new optim.Adadelta([x], { rho: 0.5 }),
    new optim.Lion([x], { betas: [0.9, 0.99] }),
  ];
  for (const optimizer of optimizers) {
    new optim.schedule.OneCycleLR(optimizer, { maxLr: [0.1], epochs: 2, stepsPerEpoch: 3, annealStrategy: 'linear' });
    new optim.schedule.ReduceLROnPlateau(optimizer).step(x.mean());
  }
}

// A group has its options by name, and a momentum that may be missing.
{
  const [group] = new optim.RMSprop(x).paramGroups;
  is<number>()(group.options.alpha);
  is<number | undefined>()(group.momentum);
  group.momentum = 0.5;
  // @ts-expect-error there is no such option
  group.options.betas;
}

// Misspelt options are refused.

// @ts-expect-error a typo
new optim.Lion([x], { beta: [0.9, 0.99] });
// @ts-expect-error an option of another optimiser
new optim.Adadelta([x], { momentum: 0.9 });
// @ts-expect-error a group with an option of another optimiser
new optim.Adagrad([{ params: x, alpha: 0.9 }]);
// @ts-expect-error maxLr is missing
new optim.schedule.OneCycleLR(new optim.SGD(x), { totalSteps: 3 });
// @ts-expect-error one strategy that there is not
new optim.schedule.OneCycleLR(new optim.SGD(x), { maxLr: 1, totalSteps: 3, annealStrategy: 'cosine' });
// @ts-expect-error a mode that there is not
new optim.schedule.ReduceLROnPlateau(new optim.SGD(x), { mode: 'most' });
