import * as tapegrad from 'tapegrad';
import type { Case, Compiled } from './case.ts';
import { differences, read } from './compare.ts';
import { Draw } from './draw.ts';

/** A way to run functions of tensors. */
export interface Mode {
  readonly name: 'eager' | 'javascript' | 'wasm';
  readonly compiled: Compiled;
}

type Compile = (fn: (...args: any[]) => any, options: { readonly executor: string }) => (...args: any[]) => any;

const eager: Mode = { name: 'eager', compiled: fn => fn };

/** The ways that the framework has: eager, and each executor of `compile` once there is one. */
export function modesOf(framework: object): Mode[] {
  const { compile } = framework as { readonly compile?: Compile };
  if (compile === undefined) return [eager];
  const executors = ['javascript', 'wasm'] as const;
  return [eager, ...executors.map(name => ({ name, compiled: (fn => compile(fn, { executor: name })) as Compiled }))];
}

export const modes = modesOf(tapegrad);

/** The seed of all runs. */
const seed = 1;

function play({ play }: Case, { compiled }: Mode, dtype: 'float32' | 'float64'): ReturnType<typeof read> {
  tapegrad.manualSeed(seed);
  return read(play(compiled, new Draw(seed, dtype)));
}

/** What stands for 1e-5 where results are compared. */
const share = 1e-5;

/**
 * What is wrong with a case in a mode, a line for each tensor; nothing when all is well.
 *
 * Compiled it must give what it gives eagerly. Eagerly it must give the same again, bit by bit, and close to the same in
 * float64: a case that float32 cannot hold that close would say nothing of a compiler.
 */
export function check(c: Case, mode: Mode): string[] {
  const { closeness } = c;
  const expected = play(c, eager, 'float32');
  const got = play(c, mode, 'float32');
  if (mode.name !== 'eager') return differences(expected, got, { closeness, share });
  const again = differences(expected, got, { closeness: 'bits', share: 0 });
  if (again.length > 0 || !c.float64) return again.map(line => `the second time: ${line}`);
  const precise = differences(play(c, eager, 'float64'), expected, { closeness, share, anyFloat: true });
  return precise.map(line => `float32 against float64: ${line}`);
}
