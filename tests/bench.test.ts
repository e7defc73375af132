import { compile, Generator, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { compare } from './bench/measure.ts';
import { chain, chainGradient } from './bench/models/chain.ts';
import { elman } from './bench/models/elman.ts';
import { lenet } from './bench/models/lenet.ts';
import { mlp } from './bench/models/mlp.ts';
import { elmanModules, lstm } from './bench/models/recurrent.ts';
import { Transformer, transformer } from './bench/models/transformer.ts';
import { agree, eager, firstChecks, outputsOf, type Workload } from './bench/models/workload.ts';
import { format, significant } from './bench/table.ts';

const size = { B: 14, T: 3, V: 12, H: 4 };
const small = { batch: 2, time: 8, vocabulary: 12, width: 8, heads: 2, feedForward: 16, layers: 2 };

/** Each with the part of its loss that it loses in twenty steps at least. */
const models: Record<string, [make: () => Workload, part: number]> = {
  'the Elman model of tensors': [() => elman(size), 0.005],
  'the Elman model of modules': [() => elmanModules(size), 0.005],
  'the LSTM model': [() => lstm(size), 0.005],
  'the perceptron': [() => mlp(16, [12, 8, 6, 4]), 0.01],
  'the network of convolutions': [() => lenet(8), 0.01],
  'the transformer': [() => transformer(small), 0.01],
};

describe('the benchmarked models learn', () => {
  test.each(Object.entries(models))('%s', (_, [make, part]) => {
    const run = eager(make());
    const losses = Array.from({ length: 21 }, () => outputsOf(run())[0].item());
    for (let i = 1; i <= 20; i++) expect(losses[i]).toBeLessThan(losses[i - 1]);
    expect(losses[20]).toBeLessThan(losses[0] * (1 - part));
  });
});

describe('the benchmarked models', () => {
  test.each(Object.entries(models))('%s starts from the same numbers each time', (_, [make]) => {
    expect(firstChecks(eager(make()))).toEqual(firstChecks(eager(make())));
  });

  test.each(Object.entries(models))('%s does the same when it is compiled', (_, [make]) => {
    const workload = make();
    const compiled = eager({ ...workload, step: compile(workload.step) });
    expect(agree(firstChecks(compiled), firstChecks(eager(make())))).toBe(true);
  });

  test('the transformer sees nothing that comes later', () => {
    const model = new Transformer(small, { generator: new Generator(2) });
    const ids = [3, 1, 4, 1, 5, 9, 2, 6];
    const logits = (last: number) => {
      const x = tensor([[...ids.slice(0, -1), last]], { dtype: 'int32' });
      return model.forward(x).toArray() as number[][];
    };
    const [before, after] = [logits(6), logits(7)];
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
    expect(after.at(-1)).not.toEqual(before.at(-1));
  });

  test('the chain and its gradient are those of tanh(a x + b)', () => {
    const { step, inputs } = chainGradient(10);
    const [x, a, b] = inputs.map(({ data }) => Array.from(data));
    const y = x.map((_, i) => Math.tanh(a[i] * x[i] + b[i]));
    const expected = [
      y.reduce((sum, v) => sum + v, 0),
      ...y.map((v, i) => x[i] * (1 - v * v)),
      ...y.map(v => 1 - v * v),
    ];
    const got = outputsOf(step(...inputs)).flatMap(({ data }) => Array.from(data));
    expect(agree(got, expected)).toBe(true);
    expect(agree(Array.from(outputsOf(eager(chain(10))())[0].data), y)).toBe(true);
  });
});

describe('a program that measures', () => {
  test('tells steps that do not learn as they should from those that do', () => {
    const { step, inputs, weights } = elman(size);
    const expected = firstChecks(eager(elman(size)));
    const backwards = () => {
      const before = Object.values(weights).map(w => w.detach().clone());
      const loss = step(...inputs);
      Object.values(weights).forEach((w, i) => {
        w.detach().assign(before[i].mul(2).sub(w.detach()));
      });
      return loss;
    };
    expect(agree(firstChecks(backwards), expected)).toBe(false);
    expect(agree(expected.slice(1), expected)).toBe(false);
    expect(agree([Number.NaN], [1])).toBe(false);
  });

  test('takes five timings of what is too slow for its budget', () => {
    let calls = 0;
    compare({ slow: () => calls++ }, { warmUp: 0, atLeast: 0, budget: 0 });
    expect(calls).toBe(1 + 5);
  });

  test('writes three digits of every figure, and a dash where there is none', () => {
    expect([0, 0.01234, 5.678, 99.96, 1234].map(significant)).toEqual(['0.00', '0.0123', '5.68', '100', '1234']);
    const lines = format({
      title: 'Steps',
      columns: ['workload', 'ms'],
      rows: [
        ['one', 1.5],
        ['two', null],
      ],
    }).split('\n');
    expect(lines[0]).toBe('Steps');
    expect(lines[1]).toContain(process.version);
    expect(lines.slice(2)).toEqual(['workload    ms', 'one       1.50', 'two          -']);
  });
});
