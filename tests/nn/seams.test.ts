import { type Observer, observe } from '@tapegrad/autograd';
import { Generator, GradError, manualSeed, nn, ones, optim, randint, type Tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { record } from '../autograd/tape/replay.ts';

/** The facts that an observer is told of while `fn` runs. */
function factsOf(fn: () => unknown): (() => unknown)[] {
  const facts: (() => unknown)[] = [];
  observe({ applied: () => {}, depends: fact => facts.push(fact) }, fn);
  return facts;
}

describe('training', () => {
  test('is a fact that what runs depends on, and that may change', () => {
    const dropout = new nn.Dropout();
    const facts = factsOf(() => dropout.forward(ones([2])));
    expect(facts.map(fact => fact())).toEqual([true]);
    dropout.eval();
    expect(facts.map(fact => fact())).toEqual([false]);
  });

  test('is no fact of a module that does not ask for it', () => {
    expect(factsOf(() => new nn.Linear(2, 1).forward(ones([1, 2])))).toEqual([]);
  });

  test("is true at first, is assigned like a field, and is none that is found among the module's own", () => {
    const layer = new nn.Linear(1, 1);
    expect(layer.training).toBe(true);
    layer.training = false;
    expect(layer.training).toBe(false);
    expect(Object.keys(layer)).not.toContain('training');
  });

  test('may be set by the constructor of a subclass', () => {
    class Frozen extends nn.Dropout {
      constructor() {
        super();
        this.training = false;
      }
    }
    expect(new Frozen().forward(ones([3])).toArray()).toEqual([1, 1, 1]);
    expect(
      new nn.Sequential(new Frozen())
        .train()
        .modules()
        .map(module => module.training),
    ).toEqual([true, true]);
  });
});

describe('to', () => {
  const recorder: Observer = { applied: () => {}, read: () => {} };

  test('cannot be recorded, and then changes nothing', () => {
    const layer = new nn.Linear(1, 1);
    const cast = (): unknown => observe(recorder, () => layer.to('float64'));
    expect(cast).toThrow(GradError);
    expect(cast).toThrow(
      'Module.to: cannot be recorded, because it gives parameters other arrays; cast the module before',
    );
    expect([layer.weight.dtype, layer.weight.value.dtype]).toEqual(['float32', 'float32']);
  });

  test('may be called by what is recorded where there is nothing to cast', () => {
    const layer = new nn.Linear(1, 1);
    expect(observe(recorder, () => layer.to('float32'))).toBe(layer);
  });
});

/** Training steps of a language model with dropout between its layers, whose masks come from the default generator. */
function training(optimizerOf: (params: Tensor[]) => optim.Optimizer) {
  const generator = new Generator(1);
  const ids: Tensor = randint(1, 5, [3, 2], { generator });
  const targets: Tensor = randint(1, 5, [6], { generator });
  const embedding = new nn.Embedding(5, 3, { paddingIdx: 0 });
  const rnn = new nn.LSTM(3, 4, { numLayers: 2, dropout: 0.3 });
  const head = new nn.Sequential(new nn.LayerNorm(4), new nn.Dropout(0.2), new nn.Linear(4, 5));
  const parameters = [embedding, rnn, head].flatMap(module => module.parameters());
  for (const p of parameters) nn.init.uniform(p, -0.5, 0.5, { generator });
  const optimizer = optimizerOf(parameters);
  return {
    parameters,
    step: (): Tensor => {
      optimizer.zeroGrad();
      const [output] = rnn.forward(embedding.forward(ids));
      const loss: Tensor = head.forward(output.flatten(0, 1)).crossEntropy(targets, { ignoreIndex: 0 });
      loss.backward();
      optim.clipGradNorm(parameters, 0.5);
      optimizer.step();
      return loss;
    },
    /** Other ids, some of them padding, and another rate. */
    change: (): void => {
      ids.assign(ids.mul(2).add(1).remainder(5));
      targets.assign(targets.add(1).remainder(5));
      optimizer.lr /= 2;
    },
  };
}

describe('a whole training step, repeated from what an observer is told of it,', () => {
  const optimizers: Record<string, (params: Tensor[]) => optim.Optimizer> = {
    SGD: params => new optim.SGD(params, { lr: 0.1, momentum: 0.9 }),
    AdamW: params => new optim.AdamW(params, { lr: 0.01 }),
  };

  test.each(Object.entries(optimizers))(
    'does what eager does, with fresh masks, other ids and rates: %s',
    (_, make) => {
      const [recorded, eager] = [training(make), training(make)];
      const losses: [number[], number[]] = [[], []];
      manualSeed(9);
      const { result, again } = record(recorded.step);
      for (let i = 0; i < 4; i++) {
        losses[0].push(result.item());
        recorded.change();
        again();
      }
      // Observed, as the recording was: a walk that nobody watches sums the products of a weight up in another order.
      const step = (): Tensor => observe({ applied: () => {} }, eager.step);
      manualSeed(9);
      for (let i = 0; i < 4; i++) {
        losses[1].push(step().item());
        eager.change();
      }
      step();
      expect(losses[0]).toEqual(losses[1]);
      expect(new Set(losses[0]).size).toBe(4);
      expect(recorded.parameters.map(p => p.toArray())).toEqual(eager.parameters.map(p => p.toArray()));
      expect(recorded.parameters.map(p => p.grad?.toArray())).toEqual(eager.parameters.map(p => p.grad?.toArray()));
    },
  );
});
