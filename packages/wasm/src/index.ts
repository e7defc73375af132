export * from './assembler/index.ts';
