export * from './activation.ts';
export * from './attention.ts';
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batch-norm.ts';
export { type CellOptions, GRUCell, LSTMCell, RNNCell, type RNNCellOptions } from './cells.ts';
export * from './containers.ts';
export {
  Conv1d,
  Conv2d,
  type ConvLayerOptions,
  ConvTranspose2d,
  type ConvTransposeLayerOptions,
} from './convolution.ts';
export * from './dropout.ts';
export * from './embedding.ts';
export * from './flatten.ts';
/** Initialisers: every one overwrites a tensor in place, without a history, and returns it. */
export * as init from './init.ts';
export * from './linear.ts';
export { type LoadResult, Module, type StateDict } from './module.ts';
export * from './norm.ts';
export type { LayerOptions } from './options.ts';
export * from './parameter.ts';
export { AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from './pooling.ts';
export type { Nonlinearity } from './recurrence.ts';
export type { RecurrentOptions } from './recurrent.ts';
export * from './rnn.ts';
export {
  Summary,
  type SummaryInput,
  type SummaryOptions,
  type SummaryRow,
  type SummaryTotals,
  summary,
} from './summary.ts';
export * from './transformer.ts';
