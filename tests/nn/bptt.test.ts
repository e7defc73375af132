// The recurrent modules, trained through the tape, against backpropagation through time written by hand.
import fc from 'fast-check';
import { type DType, nn, noGrad, optim, stack, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';
import { bptt, type ElmanWeights } from '../oracles/bptt.ts';

type Matrix = number[][];

const transposed = (rows: Matrix): Matrix => rows[0].map((_, j) => rows.map(row => row[j]));

/** The largest difference between the two, divided by the largest |expected| (and by 1e-3, where that is smaller). */
function relativeError(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-3, ...expected.map(Math.abs));
  return Math.max(...expected.map((e, i) => Math.abs(actual[i] - e))) / scale;
}

/** The oracle's character model from modules: one-hot inputs, an Elman network, a linear layer to the logits. */
class CharModel extends nn.Module {
  readonly rnn: nn.RNN | nn.RNNCell;
  readonly head: nn.Linear;

  constructor(rnn: nn.RNN | nn.RNNCell, { Wxh, Whh, bh, Why, by }: ElmanWeights, dtype: DType) {
    super();
    this.rnn = rnn;
    this.head = new nn.Linear(bh.length, by.length, { dtype });
    const [weightIh, weightHh, biasIh, biasHh] = rnn.parameters();
    noGrad(() => {
      const put = (p: Tensor, values: number[] | Matrix): void => {
        p.assign(tensor(values, { dtype }));
      };
      put(weightIh, transposed(Wxh));
      put(weightHh, transposed(Whh));
      put(biasIh, bh);
      biasHh.assign(0);
      put(this.head.weight, transposed(Why));
      put(this.head.bias, by);
    });
    biasHh.requiresGrad = false;
  }

  /** ids [time, batch] → logits [time · batch, V], and the last h [batch, H]. */
  forward(ids: Tensor, h0: Tensor): [logits: Tensor, h: Tensor] {
    const { rnn, head } = this;
    const [V, H] = [head.outFeatures, head.inFeatures];
    const onehot: Tensor = ids.oneHot(V).to(h0.dtype);
    if (rnn instanceof nn.RNN) {
      const [outputs, last]: [Tensor, Tensor] = rnn.forward(onehot, h0.unsqueeze(0));
      return [head.forward(outputs.reshape([-1, H])), last.squeeze(0)];
    }
    let h: Tensor = h0;
    const outputs: Tensor[] = onehot.unbind(0).map(x => (h = rnn.forward(x, h)));
    return [head.forward(stack(outputs).reshape([-1, H])), h];
  }
}

const vector = (n: number) => fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: n, maxLength: n });
const matrix = (rows: number, columns: number) => fc.array(vector(columns), { minLength: rows, maxLength: rows });
const size = (max: number) => fc.integer({ min: 1, max });

/** Weights, ids and an initial state of random small sizes. */
const problems = fc.tuple(size(5), size(8), size(7), size(6)).chain(([B, T, V, H]) => {
  const ids = fc.array(fc.array(fc.nat(V - 1), { minLength: T, maxLength: T }), { minLength: B, maxLength: B });
  return fc.record({
    weights: fc.record({ Wxh: matrix(V, H), Whh: matrix(H, H), bh: vector(H), Why: matrix(H, V), by: vector(V) }),
    inputs: ids,
    targets: ids,
    h0: matrix(B, H),
  });
});

const layers = {
  'nn.RNN': (V: number, H: number, dtype: DType) => new nn.RNN(V, H, { dtype }),
  'nn.RNNCell in a loop': (V: number, H: number, dtype: DType) => new nn.RNNCell(V, H, { dtype }),
};

describe.each(Object.entries(layers))(
  '%s, differentiated by the tape, agrees with the gradients by hand',
  (_, make) => {
    test.each([
      ['float64', 1e-9],
      ['float32', 1e-4],
    ] as const)('in %s', (dtype, tolerance) => {
      const agrees = fc.property(problems, ({ weights, inputs, targets, h0 }) => {
        const model = new CharModel(make(weights.by.length, weights.bh.length, dtype), weights, dtype);
        const start = tensor(h0, { dtype, requiresGrad: true });
        const [logits, h] = model.forward(tensor(transposed(inputs), { dtype: 'int32' }), start);
        const loss = logits.crossEntropy(tensor(transposed(targets).flat(), { dtype: 'int32' }));
        loss.backward();

        const expected = bptt(weights, inputs, targets, h0);
        const { Wxh, Whh, bh, Why, by } = expected.gradients;
        const [weightIh, weightHh, biasIh, biasHh] = model.rnn.parameters();
        const pairs: [string, Tensor, number[]][] = [
          ['loss', loss, [expected.loss]],
          ['logits', logits, transposed3(expected.logits).flat(2)],
          ['h', h, expected.lastHidden.flat()],
          ['Wxh', weightIh.grad!, transposed(Wxh).flat()],
          ['Whh', weightHh.grad!, transposed(Whh).flat()],
          ['bh', biasIh.grad!, bh],
          ['Why', model.head.weight.grad!, transposed(Why).flat()],
          ['by', model.head.bias.grad!, by],
          ['h0', start.grad!, expected.gradients.h0.flat()],
        ];
        for (const [name, actual, values] of pairs) {
          expect(actual.dtype).toBe(dtype);
          expect(relativeError(actual.data, values), name).toBeLessThan(tolerance);
        }
        expect(biasHh.grad).toBeNull();
      });
      fc.assert(agrees, { seed: 1, numRuns: 60 });
    });
  },
);

/** [batch][time] → [time][batch]. */
function transposed3(rows: Matrix[]): Matrix[] {
  return rows[0].map((_, t) => rows.map(row => row[t]));
}

test('nn.RNN in float32 prints the 22 losses of the notebook', async () => {
  const notebook = await json('notebook');
  const { text, vocabulary, sequenceLength, windows, learningRate, printedLosses } = notebook;
  const { Wxh, Whh, bh, Why, by } = notebook.weights;
  const rows = ({ shape, data }: { shape: number[]; data: number[] }): Matrix =>
    Array.from({ length: shape[0] }, (_, i) => data.slice(i * shape[1], (i + 1) * shape[1]));
  const weights = { Wxh: rows(Wxh), Whh: rows(Whh), bh: bh.data, Why: rows(Why), by: by.data };
  const ids = [...text].map(character => vocabulary.indexOf(character));
  const steps = (from: number): Matrix =>
    Array.from({ length: sequenceLength }, (_, t) => ids.slice(t + from, t + from + windows));

  const [V, H] = [vocabulary.length, notebook.hiddenSize];
  const model = new CharModel(new nn.RNN(V, H), weights, 'float32');
  const optimizer = new optim.SGD(model.parameters(), { lr: learningRate });
  const inputs = tensor(steps(0), { dtype: 'int32' });
  const targets = tensor(steps(1).flat(), { dtype: 'int32' });
  const h0 = tensor(Array.from({ length: windows }, () => new Array<number>(H).fill(0)));

  expect(printedLosses.length).toBe(22);
  for (const printed of printedLosses) {
    const [logits] = model.forward(inputs, h0);
    // It added 1e-8 to each probability, summed over the windows and averaged over 3 steps and 12 characters.
    const chances = logits.detach().to('float64').softmax(-1).gather(1, targets.unsqueeze(1)).add(1e-8);
    const shown = -chances.log().sum().item() / (sequenceLength * V);
    expect(Math.abs(shown / printed - 1)).toBeLessThan(1e-6);
    optimizer.zeroGrad();
    logits.crossEntropy(targets).backward();
    optimizer.step();
  }
});
