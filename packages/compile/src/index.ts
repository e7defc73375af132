export { type Compiled, type CompileOptions, compile } from './compile.ts';
export type { PassName } from './passes/index.ts';
export type { Stats } from './run/stats.ts';
