export { CosineAnnealingLR, ExponentialLR, LinearWarmup, MultiStepLR, StepLR } from './chained.ts';
export { OneCycleLR, type OneCycleLROptions } from './one-cycle.ts';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './plateau.ts';
export { type PerGroup, type Rule, Schedule, type Scheduled } from './schedule.ts';
