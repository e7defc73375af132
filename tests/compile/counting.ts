import { type Compiled, type CompileOptions, compile } from 'tapegrad';

/** A compiled function that counts how often it was recorded. */
export interface Counted<Args extends readonly unknown[], Result> {
  readonly run: Compiled<Args, Result>;
  /** How often the function itself has run. */
  readonly recordings: () => number;
}

/** Compiles a function, and counts how often it runs: once for each recording. */
export function counted<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  options?: CompileOptions,
): Counted<Args, Result> {
  let count = 0;
  const run = compile((...args: Args) => {
    count++;
    return fn(...args);
  }, options);
  return { run, recordings: () => count };
}
