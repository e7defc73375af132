import { type nn, optim } from 'tapegrad';
import type { Case } from '../case.ts';
import { scheduled, tasks, training } from './training.ts';

type Make = (params: nn.Parameter[]) => optim.Optimizer;

const makers: Record<string, Make> = {
  NAdam: params => new optim.NAdam(params, { lr: 0.01 }),
  'NAdam with weight decay': params => new optim.NAdam(params, { lr: 0.01, weightDecay: 0.1, momentumDecay: 0.1 }),
  'NAdam with decoupled weight decay': params =>
    new optim.NAdam(params, { lr: 0.01, weightDecay: 0.1, decoupledWeightDecay: true, maximize: true }),
  RMSprop: params => new optim.RMSprop(params, { eps: 1e-3 }),
  'RMSprop with momentum, centered': params =>
    new optim.RMSprop(params, { alpha: 0.9, momentum: 0.5, centered: true, weightDecay: 0.1, eps: 1e-3 }),
  Adagrad: params => new optim.Adagrad(params, { lr: 0.1, eps: 1e-3 }),
  'Adagrad with falling rates': params =>
    new optim.Adagrad(params, { lr: 0.1, lrDecay: 0.5, weightDecay: 0.1, initialAccumulatorValue: 0.1 }),
  Adadelta: params => new optim.Adadelta(params),
  'Adadelta with weight decay': params => new optim.Adadelta(params, { lr: 10, rho: 0.5, weightDecay: 0.1 }),
  Lion: params => new optim.Lion(params, { lr: 0.01 }),
  'Lion with weight decay': params => new optim.Lion(params, { lr: 0.01, betas: [0.5, 0.9], weightDecay: 0.5 }),
};

const chosen = ['a perceptron', 'an embedding', "Elman's network"];
const perceptron = tasks['a perceptron'];

const oneCycle = (options: Partial<optim.schedule.OneCycleLROptions> = {}) =>
  scheduled(o => new optim.schedule.OneCycleLR(o, { maxLr: 0.1, totalSteps: 5, pctStart: 0.4, ...options }));

export const optimizerCases: Case[] = [
  ...chosen.flatMap(what =>
    Object.entries(makers).map(([how, optimizer]) =>
      training(`${what}, trained by ${how}`, tasks[what], { optimizer }),
    ),
  ),
  training('a cycle of rate and momentum', perceptron, {
    optimizer: params => new optim.SGD(params, { lr: 0.1 }),
    before: oneCycle(),
  }),
  training('a cycle whose momentum is 0 at the peak', perceptron, {
    optimizer: params => new optim.SGD(params, { lr: 0.1 }),
    before: oneCycle({ totalSteps: 4, pctStart: 0.5, baseMomentum: 0 }),
  }),
  ...['NAdam', 'RMSprop', 'Lion'].map(name =>
    training(`a cycle of rate and momentum, of ${name}`, perceptron, {
      optimizer: makers[name],
      before: oneCycle({ maxLr: 0.02, baseMomentum: 0.5, annealStrategy: 'linear' }),
    }),
  ),
  training('a cycle of rate and first beta, of AdamW', perceptron, {
    optimizer: params => new optim.AdamW(params, { lr: 0.1, amsgrad: true }),
    before: oneCycle({ maxLr: 0.02, threePhase: true }),
  }),
  training('a rate that is reduced on a plateau', perceptron, {
    optimizer: makers.Adagrad,
    before: scheduled(o => {
      const plateau = new optim.schedule.ReduceLROnPlateau(o, { patience: 0, factor: 0.5 });
      return { step: () => plateau.step(1) };
    }),
  }),
  training('groups of parameters of which one has a momentum that is set before every call', perceptron, {
    optimizer: params =>
      new optim.RMSprop([{ params: params.slice(0, 2) }, { params: params.slice(2), momentum: 0.5, eps: 1e-3 }]),
    before:
      ({ optimizer }) =>
      call => {
        optimizer.paramGroups[1].momentum = 0.9 / (call + 1);
      },
  }),
];
