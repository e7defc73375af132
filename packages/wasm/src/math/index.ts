export * as activations from './activations.ts';
export type { VectorMathOptions } from './arithmetic.ts';
export { emitSoftmax } from './softmax.ts';
export { VectorMath } from './vector-math.ts';
