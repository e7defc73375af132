export * from './control.ts';
export type { Code } from './encode.ts';
export * from './instructions.ts';
export * from './module.ts';
