export { Adam, type AdamOptions, AdamW } from './adam.ts';
export { clipGradNorm, clipGradValue } from './clip.ts';
export { type GroupOf, ParamGroup } from './group.ts';
export { Optimizer, type Rate, type Trainable } from './optimizer.ts';
export type { Parameters } from './parameters.ts';
export * as schedule from './schedule.ts';
export { SGD, type SGDOptions } from './sgd.ts';
export type { ParamState, StateDict } from './state.ts';
