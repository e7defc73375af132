import { Tensor } from 'tapegrad';
import type { Draw } from './draw.ts';

/** Tensors in arrays and plain objects; null is what a missing gradient is. */
export type Nested = Tensor | null | readonly Nested[] | { readonly [key: string]: Nested };

/** Gives a function of tensors back in the mode that is run: as it is, or compiled. */
export type Compiled = <Args extends any[], Result>(fn: (...args: Args) => Result) => (...args: Args) => Result;

/**
 * How far a result may lie from the expected one, e, in a tensor whose largest element has the magnitude m.
 *
 * - `each` (the usual): 1e-5 · max(|e|, min(1, m)), so that a small element counts among large ones;
 * - `largest`: 1e-5 · m, for sums of so many terms that they cancel;
 * - `relative`: 1e-5 · |e|, for operations that are good to the last digits everywhere;
 * - `bits`: not at all, for operations that only move elements.
 */
export type Closeness = 'each' | 'largest' | 'relative' | 'bits';

/** One entry of the conformance list. */
export interface Case {
  readonly name: string;
  /** Default 'each'. */
  readonly closeness: Closeness;
  /** Whether the case makes sense in float64 too, with results close to those of float32. */
  readonly float64: boolean;
  /** Runs the case from the beginning, and returns all that is to be compared. */
  readonly play: (compiled: Compiled, draw: Draw) => Nested;
}

export interface CaseOptions {
  readonly closeness?: Closeness;
  readonly float64?: boolean;
}

/** A function with its arguments, and what it leaves behind. */
export interface Program {
  /** The function that is compiled. */
  readonly fn: (...inputs: any[]) => Nested;
  /** The arguments of a call, which are new ones for every call. Default: none. */
  readonly inputs?: (draw: Draw, call: number) => readonly unknown[];
  /** What is done eagerly before a call; 0 is the first. */
  readonly before?: (call: number) => void;
  /** Closed-over tensors: they and their gradients are compared when all calls are made. */
  readonly state?: Nested;
}

/** How often the function of a program is called. */
export const calls = 3;

/** A case in which eager code and compiled functions are called as the case itself wants it. */
export const script = (
  name: string,
  play: (compiled: Compiled, draw: Draw) => Nested,
  { closeness = 'each', float64 = true }: CaseOptions = {},
): Case => ({ name, closeness, float64, play });

/**
 * A case that makes one function and calls it three times. Its results are read when all calls are made, so that one that
 * shares its memory with a later one is found; and its arguments too, which only `assign` may change, and their gradients.
 */
export const program = (name: string, make: (draw: Draw) => Program, options?: CaseOptions): Case =>
  script(
    name,
    (compiled, draw) => {
      const { fn, inputs = () => [], before, state = [] } = make(draw);
      const run = compiled(fn);
      const results: Nested[] = [];
      const given: Nested[] = [];
      for (let call = 0; call < calls; call++) {
        before?.(call);
        const args = inputs(draw, call);
        results.push(run(...args));
        given.push(args as Nested);
      }
      return { results, given, state, gradients: { given: gradientsOf(given), state: gradientsOf(state) } };
    },
    options,
  );

/** What is in `grad` of every tensor, in its place. */
export function gradientsOf(value: Nested): Nested {
  if (value instanceof Tensor) return value.grad;
  if (Array.isArray(value)) return value.map(gradientsOf);
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, gradientsOf(part)]));
}

/** A program that closes over nothing: only the function and its arguments. */
export const pure = (
  name: string,
  fn: Program['fn'],
  inputs: (draw: Draw, call: number) => readonly unknown[],
  options?: CaseOptions,
): Case => program(name, () => ({ fn, inputs }), options);
