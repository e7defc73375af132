// What the umbrella package shows of this one.
export * from './anomaly.ts';
export * from './checkpoint.ts';
export * from './create.ts';
export * from './define.ts';
export type { AttentionOptions, ScoreOptions } from './functional/attention.ts';
export type { Index } from './functional/indexing.ts';
export type { CrossEntropyOptions, LossOptions, NllOptions, Reduction } from './functional/loss.ts';
export type { PadMode } from './functional/picking.ts';
export * from './functions.ts';
export * from './gradcheck.ts';
export * from './gradients.ts';
export type { GradOptions } from './tape/backward.ts';
export { enableGrad, isGradEnabled, noGrad } from './tape/mode.ts';
export type { GradientHook } from './tape/node.ts';
export { Tensor } from './tensor.ts';
export type { BroadcastArg, BroadcastResult, KeepDim, NestedArray, ShapeOf, ShapesOf } from './types.ts';
