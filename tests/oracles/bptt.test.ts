import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';
import { bptt, type ElmanWeights } from './bptt.ts';

const vector = (n: number) => fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: n, maxLength: n });
const matrix = (rows: number, columns: number) => fc.array(vector(columns), { minLength: rows, maxLength: rows });
const size = (max: number) => fc.integer({ min: 1, max });

/** Weights, ids and an initial state of random small sizes. */
function problem(B: number, T: number, V: number, H: number) {
  const row = fc.array(fc.integer({ min: 0, max: V - 1 }), { minLength: T, maxLength: T });
  const ids = fc.array(row, { minLength: B, maxLength: B });
  return fc.record({
    weights: fc.record({ Wxh: matrix(V, H), Whh: matrix(H, H), bh: vector(H), Why: matrix(H, V), by: vector(V) }),
    inputs: ids,
    targets: ids,
    h0: matrix(B, H),
  });
}
type Problem = ReturnType<typeof problem> extends fc.Arbitrary<infer P> ? P : never;

/** The rows of a matrix; a vector is one row. */
const rowsOf = (values: number[] | number[][]): number[][] =>
  values.every(row => Array.isArray(row)) ? values : [values as number[]];

const names = ['Wxh', 'Whh', 'bh', 'Why', 'by'] as const;

/**
 * Every gradient agrees with the central differences of step ε and 2ε, combined so that the ε² error of one alone, which
 * a few growing time steps make larger than the tolerance, cancels: (8 (f(ε) - f(-ε)) - (f(2ε) - f(-2ε))) / 12ε.
 */
function expectCentralDifferences({ weights, inputs, targets, h0 }: Problem) {
  const eps = 1e-4;
  const { gradients } = bptt(weights, inputs, targets, h0);
  const values = { ...weights, h0 };
  const lossWith = (row: number[], j: number, value: number) => {
    const kept = row[j];
    row[j] = value;
    const { loss } = bptt(weights, inputs, targets, h0);
    row[j] = kept;
    return loss;
  };
  for (const name of [...names, 'h0'] as const) {
    const analytic = rowsOf(gradients[name]);
    rowsOf(values[name]).forEach((row, i) => {
      row.forEach((value, j) => {
        const difference = (step: number) => lossWith(row, j, value + step) - lossWith(row, j, value - step);
        const numeric = (8 * difference(eps) - difference(2 * eps)) / (12 * eps);
        expect(Math.abs(analytic[i][j] - numeric), `${name}[${i}][${j}]`).toBeLessThan(1e-8);
      });
    });
  }
}

describe('the gradients agree with central differences', () => {
  test('at random sizes', () => {
    const problems = fc.tuple(size(3), size(5), size(5), size(4)).chain(sizes => problem(...sizes));
    fc.assert(fc.property(problems, expectCentralDifferences), { seed: 1, numRuns: 60 });
  });

  test.each([
    ['one time step', 2, 1, 4, 3],
    ['one window', 1, 4, 4, 3],
    ['one character in the vocabulary', 2, 3, 1, 2],
    ['one of everything', 1, 1, 1, 1],
    ['ids that repeat', 3, 6, 2, 3],
  ])('with %s', (_, B, T, V, H) => {
    fc.assert(fc.property(problem(B, T, V, H), expectCentralDifferences), { seed: 2, numRuns: 10 });
  });
});

test('the initial state is zero where none is given', () => {
  const problems = fc.sample(problem(2, 3, 4, 2), { seed: 3, numRuns: 5 });
  for (const { weights, inputs, targets } of problems) {
    const zeroStates = [
      [0, 0],
      [0, 0],
    ];
    expect(bptt(weights, inputs, targets)).toEqual(bptt(weights, inputs, targets, zeroStates));
  }
});

test('the last hidden state carries a sequence over to the next window', () => {
  const [{ weights, inputs, targets, h0 }] = fc.sample(problem(2, 6, 4, 3), { seed: 4, numRuns: 1 });
  const half = (ids: number[][], from: number) => ids.map(row => row.slice(from, from + 3));
  const whole = bptt(weights, inputs, targets, h0);
  const first = bptt(weights, half(inputs, 0), half(targets, 0), h0);
  const second = bptt(weights, half(inputs, 3), half(targets, 3), first.lastHidden);
  expect(second.lastHidden).toEqual(whole.lastHidden);
  expect(first.logits.map((row, b) => [...row, ...second.logits[b]])).toEqual(whole.logits);
  expect((first.loss + second.loss) / 2).toBeCloseTo(whole.loss, 12);
});

test('logits of a thousand neither overflow nor vanish', () => {
  const weights = { Wxh: [[0], [0]], Whh: [[0]], bh: [0], Why: [[0, 0]], by: [1000, -1000] };
  const { loss, gradients } = bptt(weights, [[0, 1]], [[0, 1]]);
  expect(loss).toBe(1000);
  expect(gradients.by).toEqual([0.5, -0.5]);
});

const notebook = await json('notebook');

describe('the notebook', () => {
  const ids = [...notebook.text].map(character => notebook.vocabulary.indexOf(character));
  const windows = (from: number) =>
    Array.from({ length: notebook.windows }, (_, b) => ids.slice(b + from, b + from + notebook.sequenceLength));
  const matrixOf = ({ shape, data }: { shape: number[]; data: number[] }) =>
    Array.from({ length: shape[0] }, (_, i) => data.slice(i * shape[1], (i + 1) * shape[1]));

  test('printed these 22 losses from these weights', () => {
    const { Wxh, Whh, bh, Why, by } = notebook.weights;
    const weights: ElmanWeights = {
      Wxh: matrixOf(Wxh),
      Whh: matrixOf(Whh),
      bh: bh.data,
      Why: matrixOf(Why),
      by: by.data,
    };
    const [inputs, targets] = [windows(0), windows(1)];

    expect(notebook.printedLosses.length).toBe(22);
    for (const printed of notebook.printedLosses) {
      const { gradients, logits } = bptt(weights, inputs, targets);
      // It summed over the 14 windows and averaged over 3 steps and 12 characters: the mean over 42, times 42 / 36.
      let sum = 0;
      logits.forEach((steps, b) => {
        steps.forEach((z, t) => {
          const total = z.reduce((x, y) => x + Math.exp(y), 0);
          sum -= Math.log(Math.exp(z[targets[b][t]]) / total + 1e-8);
        });
      });
      expect(Math.abs(sum / 36 / printed - 1)).toBeLessThan(1e-6);

      for (const name of names) {
        const gradient = rowsOf(gradients[name]);
        rowsOf(weights[name]).forEach((row, i) => {
          for (let j = 0; j < row.length; j++) row[j] -= notebook.learningRate * gradient[i][j];
        });
      }
    }
  });
});
