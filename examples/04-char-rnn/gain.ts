import type { Stats } from 'tapegrad';
import { thousands } from './run/numbers.ts';

/** The same function, which notes in `times` how many milliseconds each call takes. */
export const timed =
  <Args extends readonly unknown[], Result>(fn: (...args: Args) => Result, times: number[]) =>
  (...args: Args): Result => {
    const start = performance.now();
    const result = fn(...args);
    times.push(performance.now() - start);
    return result;
  };

/** The milliseconds of each of at most 300 calls, in a second and a half or of one call that takes longer. */
export function timesOf(call: () => unknown): number[] {
  const times: number[] = [];
  const repeat = timed(call, times);
  const end = performance.now() + 1500;
  do repeat();
  while (times.length < 300 && performance.now() < end);
  return times;
}

/**
 * What compiling gained, from the times of a run's compiled steps and of some eager ones. The median of the compiled ones
 * is held against the fastest eager one: the engine needs many steps to get to know the code of eager operations, so that
 * their median would flatter the program.
 */
export function gain(compiled: readonly number[], eager: readonly number[], stats: Stats): string {
  const [fast, slow] = [compiled.toSorted((a, b) => a - b)[Math.floor(compiled.length / 2)], Math.min(...eager)];
  const ratio = slow / fast;
  return (
    `Compiled step ${duration(fast)}, eager ${duration(slow)}: ${ratio.toFixed(ratio < 10 ? 1 : 0)} times as fast; ` +
    `compiling took ${duration(stats.recordMs + stats.emitMs + stats.compileMs)}`
  );
}

/** What the compiler made of a step, on one line. */
export function programLine(stats: Stats): string {
  const { recorded, operations, kernels, arenaBytes, bytesWithoutSharing, moduleBytes, executor } = stats;
  const { recordMs, emitMs, compileMs } = stats;
  const form = executor === 'wasm' ? `${kilobytes(moduleBytes)} of WebAssembly` : 'run by JavaScript';
  return (
    `${recorded} operations recorded, ${operations} after the passes, ${kernels} kernels, ${form}, ` +
    `${kilobytes(arenaBytes)} of memory for ${kilobytes(bytesWithoutSharing)} of values; ` +
    `recorded in ${duration(recordMs)}, written in ${duration(emitMs)}, compiled in ${duration(compileMs)}`
  );
}

const kilobytes = (bytes: number): string => `${thousands(Math.ceil(bytes / 1024))} KB`;

/** Milliseconds in a unit that suits them: 85 µs, 6.8 ms, 1.2 s. */
export function duration(milliseconds: number): string {
  const [value, unit] =
    milliseconds < 1
      ? [milliseconds * 1000, 'µs']
      : milliseconds < 1000
        ? [milliseconds, 'ms']
        : [milliseconds / 1000, 's'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}
