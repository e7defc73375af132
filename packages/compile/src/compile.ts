import { isObserved } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { type PassName, passNames } from './passes/index.ts';
import { isRunning } from './run/program.ts';
import { Programs } from './run/programs.ts';
import type { Stats } from './run/stats.ts';

/** How a function is compiled. */
export interface CompileOptions {
  /**
   * What runs the program: WebAssembly, or the kernels of eager operations in JavaScript, which is what takes over where
   * WebAssembly may not be compiled. Default 'wasm'.
   */
  readonly executor?: 'wasm' | 'javascript';
  /** How many programs are kept, one for each set of shapes; the one that was used the longest time ago goes first. Default 16. */
  readonly cacheSize?: number;
  /** Passes of the compiler to leave out, to see what each of them gains. Default: none. */
  readonly without?: readonly PassName[];
}

/** A compiled function: called like the one that it was made of. */
export interface Compiled<Args extends readonly unknown[], Result> {
  (...args: Args): Result;
  /** What the compiler did for the shapes of the last call; null before the first. */
  stats(): Stats | null;
  /** The program of the last call in a readable form. */
  toString(): string;
}

/**
 * The same function, recorded once for each set of argument shapes and from then on replayed as one program: forward,
 * backward, clipping and the optimiser's update together.
 *
 * Arguments and results are tensors, nested in arrays and plain objects as one likes; everything else among the arguments
 * is fixed in the recording, and another value of it makes another one. Tensors that the function closes over (parameters,
 * states, the learning rate) are read and written where they are. What the function does besides operations on tensors
 * (printing, counting) happens only while it is recorded, and tensors that it returns have no history.
 *
 * @throws GradError when the function reads elements (`item()`, or `if` on a tensor), which are known only when the program
 * runs; ArgumentError for something that is no function, or asynchronous, and for arguments that are nested in another way than those of the first call.
 * @example
 * ```ts
 * const step = compile((x: Tensor, y: Tensor) => {
 *   const loss = model.forward(x).mseLoss(y);
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   optimizer.step();
 *   return loss;
 * });
 * for (const [x, y] of loader) step(x, y); // recorded at the first call, one program from then on
 * ```
 */
export function compile<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  options: CompileOptions = {},
): Compiled<Args, Result> {
  if (typeof fn !== 'function') throw new ArgumentError(`compile: expected a function, got ${typeof fn}`);
  const unknown = options.without?.find(name => !passNames.includes(name));
  if (unknown !== undefined)
    throw new ArgumentError(`compile: expected without to hold passes among ${passNames.join(', ')}, got ${unknown}`);
  const programs = new Programs((...args) => fn(...(args as unknown as Args)), options);
  const compiled = (...args: Args): Result =>
    (isObserved() || isRunning() ? fn(...args) : programs.call(args)) as Result;
  return Object.assign(compiled, {
    stats: () => programs.stats(),
    toString: () => programs.toString(),
  });
}
