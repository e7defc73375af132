export * from './convolution.ts';
export * from './elementwise.ts';
export * from './matmul.ts';
export * from './movement.ts';
export * from './picking.ts';
export * from './reduction.ts';
export * from './solve.ts';
