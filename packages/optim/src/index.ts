export { Adadelta, type AdadeltaOptions } from './adadelta.ts';
export { Adagrad, type AdagradOptions } from './adagrad.ts';
export { Adam, type AdamOptions, AdamW } from './adam.ts';
export { clipGradNorm, clipGradValue } from './clip.ts';
export {
  type Fixed,
  type GroupOf,
  type InStep,
  type Momentum,
  type Owner,
  ParamGroup,
  type Settings,
} from './group.ts';
export { Lion, type LionOptions } from './lion.ts';
export { NAdam, type NAdamOptions } from './nadam.ts';
export { Optimizer, type Rate, type Trainable } from './optimizer.ts';
export type { Parameters } from './parameters.ts';
export { RMSprop, type RMSpropOptions } from './rmsprop.ts';
/**
 * Schedules of the learning rate. Each takes an optimiser and sets the rates of its groups, at once and at every `step()`,
 * which comes after the optimiser's.
 */
export * as schedule from './schedule/index.ts';
export { SGD, type SGDOptions } from './sgd.ts';
export type { ParamState, StateDict } from './state.ts';
