// What the umbrella package shows of this one.
export * from './anomaly.ts';
export * from './checkpoint.ts';
export * from './create.ts';
export * from './define.ts';
export type { AttentionOptions, ScoreOptions } from './functional/attention.ts';
export type { ConvOptions, ConvTransposeOptions } from './functional/convolution.ts';
export type { CrossEntropyOptions, NllOptions } from './functional/cross-entropy.ts';
export type { Index } from './functional/indexing.ts';
export type { KlOptions, LogisticOptions, LossOptions, Reduction, WeightOptions } from './functional/loss.ts';
export type { BatchNormOptions, NormOptions } from './functional/normalization.ts';
export type { PadMode } from './functional/picking.ts';
export type { AvgPoolOptions, MaxPoolOptions } from './functional/pooling.ts';
export * from './functions.ts';
export * from './gradcheck.ts';
export * from './gradients.ts';
export * from './profile.ts';
export type { GradOptions } from './tape/backward.ts';
export { enableGrad, isGradEnabled, noGrad } from './tape/mode.ts';
export type { GradientHook, RemovableHook } from './tape/node.ts';
export { Tensor } from './tensor.ts';
export type { TracedCall } from './trace.ts';
export type {
  Bounded,
  BroadcastArg,
  BroadcastResult,
  KeepDim,
  NestedArray,
  ShapeOf,
  ShapesOf,
  Sorted,
} from './types.ts';
