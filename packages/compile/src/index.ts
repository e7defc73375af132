export { type Compiled, type CompileOptions, compile } from './compile.ts';
export type { Stats } from './run/stats.ts';
