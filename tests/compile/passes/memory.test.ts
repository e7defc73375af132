import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Value } from '../../../packages/compile/src/graph/graph.ts';
import { paddedBytes, planArena, type Step } from '../../../packages/compile/src/passes/memory.ts';

const made = (size: number, dtype: Value['dtype'] = 'float32'): Value => new Value(dtype, size, { from: 'operation' });
const everywhere = (): boolean => true;

const step = (reads: Value[], writes: Value[], reuses: [Value, Value][] = []): Step => ({ reads, writes, reuses });

describe('the plan of memory', () => {
  test('gives the place of what is not needed any more to what comes after', () => {
    const [a, b, c] = [made(100), made(100), made(100)];
    const { offsets, bytes, bytesApart } = planArena(
      [step([], [a]), step([a], [b]), step([b], [c])],
      [],
      [c],
      everywhere,
    );
    expect(offsets.get(c)).toBe(offsets.get(a));
    expect(offsets.get(b)).not.toBe(offsets.get(a));
    expect([bytes, bytesApart]).toEqual([2 * paddedBytes(a), 3 * paddedBytes(a)]);
  });

  test('keeps apart what a step reads and what it writes, unless it says that one may take over the other', () => {
    const [a, b] = [made(100), made(100)];
    const plan = (reuses: [Value, Value][]) => planArena([step([], [a]), step([a], [b], reuses)], [], [b], everywhere);
    expect(plan([]).bytes).toBe(2 * paddedBytes(a));
    expect(plan([[b, a]]).bytes).toBe(paddedBytes(a));
  });

  test('lets only one value of a step take over another, though that one may be over in the same step', () => {
    const [a, brief, kept] = [made(100), made(100), made(100)];
    const both: [Value, Value][] = [
      [brief, a],
      [kept, a],
    ];
    const { offsets } = planArena([step([], [a]), step([a], [brief, kept], both)], [], [kept], everywhere);
    expect(offsets.get(brief)).not.toBe(offsets.get(kept));
  });

  test('lets nothing take over what is read again later, or is larger', () => {
    const [a, b, large] = [made(100), made(100), made(500)];
    const later = planArena([step([], [a]), step([a], [b], [[b, a]]), step([a, b], [])], [], [], everywhere);
    expect(later.offsets.get(b)).not.toBe(later.offsets.get(a));
    const other = planArena([step([], [large]), step([large], [b], [[b, large]])], [], [b], everywhere);
    expect(other.offsets.get(b)).not.toBe(other.offsets.get(large));
  });

  test('gives what overwrites a value the place of that value, for as long as either is needed', () => {
    const old = made(100);
    const next = new Value('float32', 100, { from: 'operation' }, old);
    const other = made(100);
    const { offsets } = planArena(
      [step([], [old]), step([old], [next]), step([], [other])],
      [],
      [next, other],
      everywhere,
    );
    expect(offsets.has(next)).toBe(false);
    expect(offsets.get(old)).not.toBe(offsets.get(other));
  });

  test('leaves out what lies elsewhere', () => {
    const [a, b] = [made(100), made(100)];
    const { offsets, bytes } = planArena([step([a], [b])], [], [b], value => value !== a);
    expect([...offsets.keys()]).toEqual([b]);
    expect(bytes).toBe(paddedBytes(b));
  });

  test('leaves room behind the last element for a vector that is loaded whole', () => {
    for (const size of [0, 1, 3, 4, 5, 100])
      for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const) {
        const bytes = size * { float32: 4, float64: 8, int32: 4, bool: 1 }[dtype];
        expect(paddedBytes(made(size, dtype))).toBeGreaterThanOrEqual(bytes + 15);
        expect(paddedBytes(made(size, dtype)) % 16).toBe(0);
      }
  });
});

/** A program of steps, each of which reads some of the values before it and writes one; some may take one over. */
const programs = fc
  .array(
    fc.record({
      size: fc.integer({ min: 0, max: 40 }),
      reads: fc.array(fc.nat(20), { maxLength: 3 }),
      reuse: fc.boolean(),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .chain(list =>
    fc.record({
      list: fc.constant(list),
      early: fc.nat(3),
      late: fc.array(fc.nat(list.length - 1), { maxLength: 4 }),
    }),
  )
  .map(({ list, early, late }) => {
    const values = list.map(({ size }) => made(4 * size));
    const steps = list.slice(early).map(({ reads, reuse }, i): Step => {
      const at = early + i;
      const from = reads.map(back => values[at - 1 - back]).filter(value => value !== undefined);
      return step(from, [values[at]], reuse ? from.map(read => [values[at], read]) : []);
    });
    return { values, steps, early: values.slice(0, early), late: late.map(i => values[i]) };
  });

describe('of whatever program', () => {
  /** The steps in which a value is needed. */
  const lifeOf = (value: Value, steps: readonly Step[], early: readonly Value[], late: readonly Value[]) => {
    const at = steps.flatMap(({ reads, writes }, i) => (reads.includes(value) || writes.includes(value) ? [i] : []));
    if (early.includes(value)) at.unshift(-1);
    if (late.includes(value)) at.push(steps.length);
    return { from: Math.min(...at), to: Math.max(...at) };
  };

  test('values that are needed at the same time do not overlap, but where one ends as it is taken over', () => {
    fc.assert(
      fc.property(programs, ({ values, steps, early, late }) => {
        const { offsets, bytes } = planArena(steps, early, late, everywhere);
        const placed = values.filter(value => offsets.has(value));
        for (const a of placed) {
          expect(offsets.get(a)! % 16).toBe(0);
          expect(offsets.get(a)! + paddedBytes(a)).toBeLessThanOrEqual(bytes);
          for (const b of placed) {
            const [first, second] = [lifeOf(a, steps, early, late), lifeOf(b, steps, early, late)];
            const together = a !== b && first.from <= second.from && second.from <= first.to;
            const overlap =
              offsets.get(a)! < offsets.get(b)! + paddedBytes(b) && offsets.get(b)! < offsets.get(a)! + paddedBytes(a);
            if (!together || !overlap) continue;
            // b takes over the place of a in the very step that reads a for the last time.
            expect(first.to).toBe(second.from);
            expect(steps[second.from].reuses).toContainEqual([b, a]);
            expect(offsets.get(a)).toBe(offsets.get(b));
          }
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('the arena is at most the sum of all values, and at least what is needed in any step', () => {
    fc.assert(
      fc.property(programs, ({ steps, early, late }) => {
        const { offsets, bytes, bytesApart } = planArena(steps, early, late, everywhere);
        expect(bytes).toBeLessThanOrEqual(bytesApart);
        for (const { reads } of steps) {
          const needed = [...new Set(reads.filter(value => offsets.has(value)))];
          expect(bytes).toBeGreaterThanOrEqual(needed.reduce((sum, value) => sum + paddedBytes(value), 0));
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test('a value that is late is not overlapped by anything that is written after it', () => {
    fc.assert(
      fc.property(programs, ({ values, steps, early, late }) => {
        const { offsets } = planArena(steps, early, late, everywhere);
        for (const value of late)
          for (const other of values.slice(values.indexOf(value) + 1)) {
            if (!offsets.has(other) || !offsets.has(value)) continue;
            const [a, b] = [offsets.get(value)!, offsets.get(other)!];
            expect(a + paddedBytes(value) <= b || b + paddedBytes(other) <= a).toBe(true);
          }
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});
