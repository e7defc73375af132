export * from './assembler/index.ts';
export * from './engine.ts';
export { forbidWasm, relaxedSimd, wasmAllowed } from './features.ts';
