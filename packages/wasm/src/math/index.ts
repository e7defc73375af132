export type { VectorMathOptions } from './arithmetic.ts';
export * from './vector-math.ts';
