import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

interface Measured {
  /** How far the weights of compiled and eager training lie apart, relative to the largest. */
  readonly apart: number;
  readonly losses: readonly [eager: number, compiled: number];
  /** Bytes after each tenth of the steps. */
  readonly memory: number[];
  readonly collected: boolean;
  readonly executors: string[];
}

const program = fileURLToPath(new URL('long.ts', import.meta.url));
const flags = ['--expose-gc', '--import', 'tsx', '--conditions=tapegrad-source', program];

describe('10,000 compiled steps of a recurrent network with dropout and Adam', () => {
  let measured: Measured;
  beforeAll(() => {
    measured = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
  }, 60_000);

  // 2e-7 was measured; the bound leaves room for other processors, whose multiply-add may round once or twice.
  test('stay together with as many eager ones from the same seed', () => {
    expect(measured.apart).toBeLessThan(1e-5);
    expect(measured.losses[1]).toBeCloseTo(measured.losses[0], 4);
  });

  // Between two samples lie 1,000 steps: 16 KB are under 17 bytes a step, less than any object takes. What the engine compiles
  // comes and goes once, in one interval or two of the nine; what stays of a step would be in all of them.
  test('hold the memory flat', () => {
    const growths = measured.memory.slice(1).map((bytes, i) => bytes - measured.memory[i]);
    expect(growths.length).toBe(9);
    expect(growths.sort((a, b) => a - b)[4]).toBeLessThan(2 ** 14);
  });

  test('are of a program that is collected with its function, and so are the weights', () => {
    expect(measured.collected).toBe(true);
  });

  test('may be followed by many programs, whose weights together take more memory than all programs share', () => {
    expect(measured.executors).toEqual(['wasm']);
  });
});
