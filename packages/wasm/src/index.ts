export * from './assembler/index.ts';
export * from './features.ts';
