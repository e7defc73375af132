import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

interface Measured {
  readonly forward: number[];
  readonly train: number[];
  readonly recur: number[];
  readonly losses: number[];
  readonly profiles: number[];
  readonly remembered: number;
  readonly checkpointed: number;
  readonly linear: number;
  readonly collected: boolean;
}

const program = fileURLToPath(new URL('memory.ts', import.meta.url));
const flags = ['--expose-gc', '--import', 'tsx', '--conditions=tapegrad-source'];
const MB = 2 ** 20;

/** The largest rise from the first sample to a later one. */
const growth = (samples: readonly number[]): number => Math.max(...samples) - samples[0];

describe('memory', () => {
  let measured: Measured;
  beforeAll(() => {
    measured = JSON.parse(execFileSync(process.execPath, [...flags, program], { encoding: 'utf8' }));
  }, 60_000);

  // 90,000 steps lie between the first sample and the last. The smallest thing that a step could leave behind, one node of
  // the tape, is some 150 bytes, which makes 13 MB here. A bound of 0.5 MB is under 6 bytes a step: what passes would hold a
  // million steps within 6 MB.
  test('stays flat over 100,000 steps forward that are never walked back', () => {
    expect(growth(measured.forward)).toBeLessThan(0.5 * MB);
  });

  test('stays flat over 100,000 steps of training', () => {
    expect(growth(measured.train)).toBeLessThan(0.5 * MB);
  });

  test('stays flat over 20,000 steps of a recurrence whose state is detached', () => {
    expect(growth(measured.recur)).toBeLessThan(0.5 * MB);
  });

  test('does not hold the graphs of losses that are kept detached', () => {
    expect(growth(measured.losses)).toBeLessThan(1 * MB); // 900 graphs of 0.4 MB each
  });

  test('does not hold what was profiled', () => {
    expect(growth(measured.profiles)).toBeLessThan(1 * MB); // 900 graphs of 0.4 MB each
  });

  test('gives back a graph that was never walked', () => {
    expect(measured.collected).toBe(true);
  });

  test('holds, until the walk back, what gradients need and no more', () => {
    expect(measured.remembered).toBeGreaterThan(9 * MB); // ten values of 1 MB
    expect(measured.linear).toBeLessThan(1.5 * MB); // the result alone
  });

  test('holds only the result of a function that is checkpointed', () => {
    expect(measured.checkpointed).toBeLessThan(1.5 * MB);
  });
});
