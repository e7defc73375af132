export * from '@tapegrad/autograd/public';
export * from '@tapegrad/compile';
export * as data from '@tapegrad/data';
export * from '@tapegrad/graph';
export * as io from '@tapegrad/io';
export * as nn from '@tapegrad/nn';
export * as optim from '@tapegrad/optim';
export {
  ArgumentError,
  type DType,
  DTypeError,
  FormatError,
  Generator,
  GradError,
  IndexError,
  manualSeed,
  type NamedDim,
  type Shape,
  ShapeError,
  TapegradError,
} from '@tapegrad/tensor';
export { wideSimd } from '@tapegrad/wasm';
