export * from './assembler/index.ts';
export * from './convolve/index.ts';
export * from './engine.ts';
export { forbidWasm, relaxedSimd, wasmAllowed } from './features.ts';
export * from './gemm/index.ts';
export * from './math/index.ts';
export { isWide, wideSimd } from './wide.ts';
