import type { Tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import type { CompileOptions } from '../compile.ts';
import { record } from '../record/record.ts';
import { findDifference, flatten, type Tree } from '../record/tree.ts';
import { build } from './build.ts';
import { collect, type Program } from './program.ts';
import type { Stats } from './stats.ts';

/** The programs of one function, one for each set of shapes and circumstances, the one that was used last first. */
export class Programs {
  readonly #fn: (...args: unknown[]) => unknown;
  readonly #options: Required<CompileOptions>;
  readonly #programs: Program[] = [];
  #tree: Tree | undefined;

  constructor(
    fn: (...args: unknown[]) => unknown,
    { executor = 'wasm', cacheSize = 16, without = [] }: CompileOptions,
  ) {
    this.#fn = fn;
    this.#options = { executor, cacheSize, without };
  }

  call(args: readonly unknown[]): unknown {
    const programs = this.#programs;
    for (let i = 0; i < programs.length; i++) {
      const program = programs[i];
      const tensors: Tensor[] = [];
      if (!collect(program.recording.argumentTree, args, tensors) || !program.fits(tensors)) continue;
      if (!program.load(tensors)) continue;
      if (i > 0) programs.unshift(...programs.splice(i, 1));
      return program.run(tensors);
    }
    return this.#record(args);
  }

  /** Runs the function itself, and keeps the program that it is from now on. */
  #record(args: readonly unknown[]): unknown {
    const { tree, tensors } = flatten(args);
    const difference = this.#tree === undefined ? undefined : findDifference(this.#tree, tree);
    if (difference !== undefined)
      throw new ArgumentError(`compile: arguments must be nested as in the first call: ${difference}`);
    const start = performance.now();
    const { recording, result } = record(this.#fn, tree, tensors);
    this.#tree = tree;
    const program = build(recording, this.#options, performance.now() - start);
    this.#programs.unshift(program);
    this.#programs.length = Math.min(this.#programs.length, this.#options.cacheSize);
    return result;
  }

  stats(): Stats | null {
    return this.#programs[0]?.stats ?? null;
  }

  toString(): string {
    return this.#programs[0]?.toString() ?? 'a function that has not been called yet';
  }
}
