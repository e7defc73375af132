import fc from 'fast-check';
import { type CompileOptions, compile, Generator, randint, randn, TapegradError, type Tensor } from 'tapegrad';
import { expect, test } from 'vitest';
import { type Program, play, programs, type State, stateOf } from './mixed.ts';

type Run = (x: Tensor, y: Tensor, n: Tensor) => Tensor[];

interface Seen {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const numRuns = Number(globalThis.process?.env.RANDOM_RUNS ?? 60);
const seed = Number(globalThis.process?.env.RANDOM_SEED ?? 1);

/** All that can be seen of three calls: results, arguments, states and gradients afterwards. */
function seen(program: Program, makeRun: (state: State) => Run): Seen[][] {
  const [state, generator] = [stateOf(program, 3), new Generator(5)];
  const run = makeRun(state);
  const { shape } = program;
  return Array.from({ length: 3 }, () => {
    const args = [
      randn(shape, { generator }),
      randn(shape.slice(-2), { generator }),
      randint(-9, 9, shape, { generator }),
    ] as const;
    const results = run(...args);
    const { buffer, counts, weight } = state;
    const all = [...results, ...args, buffer, counts, weight, ...(weight.grad === null ? [] : [weight.grad])];
    return all.map(({ dtype, shape, data }) => ({ dtype, shape: [...shape], data: Array.from(data) }));
  });
}

/** Where two tensors are further apart than rounding explains. */
function difference(expected: Seen, got: Seen): string | undefined {
  if (expected.dtype !== got.dtype || `${expected.shape}` !== `${got.shape}`)
    return `expected ${expected.dtype} [${expected.shape}], got ${got.dtype} [${got.shape}]`;
  const largest = expected.data.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-3);
  const at = expected.data.findIndex(
    (e, i) => !Object.is(e, got.data[i]) && !(Math.abs(e - got.data[i]) <= 1e-4 * largest + 1e-5),
  );
  return at < 0
    ? undefined
    : `element ${at} of [${expected.shape}]: expected ${expected.data[at]}, got ${got.data[at]}`;
}

function expectSame(program: Program, options: CompileOptions): void {
  let expected: Seen[][];
  try {
    expected = seen(program, state => (x, y, n) => play(program, state, x, y, n));
  } catch (error) {
    // What makes no sense, and what is overwritten too early for backward, is an error in eager code, too.
    fc.pre(!(error instanceof TapegradError));
    throw error;
  }
  const got = seen(program, state =>
    compile((x: Tensor, y: Tensor, n: Tensor) => play(program, state, x, y, n), options),
  );
  expect(got.map(call => call.length)).toEqual(expected.map(call => call.length));
  const differences = expected.flatMap((call, k) =>
    call.flatMap((value, v) => {
      const found = difference(value, got[k][v]);
      return found === undefined ? [] : [`call ${k}, value ${v}: ${found}`];
    }),
  );
  expect(differences).toEqual([]);
}

test.each<CompileOptions>([{ executor: 'wasm' }, { executor: 'javascript' }])(
  'programs on tensors of all shapes and dtypes do what they do eagerly with %o',
  options => {
    fc.assert(
      fc.property(programs(14), program => expectSame(program, options)),
      { seed, numRuns },
    );
  },
);
