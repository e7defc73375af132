export * from './vector-math.ts';
