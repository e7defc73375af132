import fc from 'fast-check';
import { compile, Generator, GradError, randn, type Tensor } from 'tapegrad';
import { expect, test } from 'vitest';
import { type Instruction, play, programs, type State, stateOf } from './random.ts';

type Run = (x: Tensor, y: Tensor) => Tensor[];

/** All that can be seen of three calls: results, what is written, and gradients. */
function seen(makeRun: (state: State) => Run): number[][][] {
  const [state, generator] = [stateOf(3), new Generator(5)];
  const run = makeRun(state);
  return Array.from({ length: 3 }, () => {
    const results = run(randn([4, 6], { generator }), randn([3, 4], { generator }));
    const { matrix, list, weight } = state;
    const all = [...results, matrix, list, ...(weight.grad === null ? [] : [weight.grad])];
    return all.map(value => Array.from(value.data));
  });
}

function expectSame(instructions: Instruction[], executor: 'wasm' | 'javascript'): void {
  let expected: number[][][];
  try {
    expected = seen(state => (x, y) => play(instructions, state, x, y));
  } catch (error) {
    // What is overwritten too early for backward is an error in eager code, too.
    fc.pre(!(error instanceof GradError));
    throw error;
  }
  const got = seen(state => compile((x: Tensor, y: Tensor) => play(instructions, state, x, y), { executor }));
  expect(got.map(call => call.map(value => value.length))).toEqual(
    expected.map(call => call.map(value => value.length)),
  );
  const far = expected.flatMap((call, k) =>
    call.flatMap((value, v) =>
      value.flatMap((e, i) =>
        Math.abs(e - got[k][v][i]) <= 1e-4 * Math.max(1, Math.abs(e)) ? [] : [[k, v, i, e, got[k][v][i]]],
      ),
    ),
  );
  expect(far).toEqual([]);
}

test.each(['wasm', 'javascript'] as const)(
  'programs of random instructions do what they do eagerly in %s',
  executor => {
    fc.assert(
      fc.property(programs(40), instructions => expectSame(instructions, executor)),
      { seed: 1, numRuns: 150 },
    );
  },
);
