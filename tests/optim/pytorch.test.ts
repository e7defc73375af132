// Ten steps of every optimiser and option, and clipping, held against PyTorch; see tests/fixtures/torch/optim.py.
import { optim, type Tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';
import { expectClose } from '../nn/torch.ts';
import { about, copied, lossOf, make, makeAsGiven, numbersOf, parameters, type Trained, train } from './task.ts';

interface Clipped {
  max: number;
  normType: number | 'Infinity';
  norm: number;
  gradients: number[][];
}

const { optimizers, clipGradNorm, clipGradValue } = (await json('torch/optim')) as {
  optimizers: Trained[];
  clipGradNorm: Clipped[];
  clipGradValue: Clipped[];
};

const cases = optimizers.map(given => [about(given), given] as const);

/** Compares the parameters after those steps that the fixture has. */
const compare =
  (params: readonly Tensor[], { history }: Trained) =>
  (step: number): void => {
    if (history[step] !== undefined) expectClose(numbersOf(params), history[step], `parameters after step ${step}`);
  };

test('the fixture has all optimisers', () => {
  const isOptimizer = (value: unknown): boolean =>
    typeof value === 'function' && value.prototype instanceof optim.Optimizer;
  const names = Object.entries(optim).filter(([, value]) => isOptimizer(value));
  expect([...new Set(optimizers.map(({ name }) => name))].sort()).toEqual(names.map(([name]) => name).sort());
  for (const { history } of optimizers) expect(Object.keys(history)).toEqual(['1', '2', '3', '6', '10']);
});

describe('ten steps end where those of PyTorch do', () => {
  test.each(cases)('%s', (_, given) => {
    const params = parameters();
    train(params, makeAsGiven(given, params), [0, 10], compare(params, given));
  });
});

describe('ten steps in float32 end within 1e-5 of where those of PyTorch in float64 do', () => {
  test.each(cases)('%s', (_, given) => {
    const params = parameters('float32');
    const optimizer = makeAsGiven(given, params);
    train(params, optimizer, [0, 10], () => {});
    expect(params.map(p => p.dtype)).toEqual(['float32', 'float32', 'float32']);
    const got = numbersOf(params);
    // What is near 0 now has the rounding of the numbers of about 1 that it comes from: it is held to what 1/10 is.
    for (const [k, e] of given.history[10].entries())
      expect(Math.abs(got[k] - e), `${k}: ${got[k]}, not ${e}`).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(e), 0.1));
  });
});

describe('a state dict continues exactly', () => {
  test.each(cases)('%s', (_, given) => {
    const params = parameters();
    const optimizer = makeAsGiven(given, params);
    train(params, optimizer, [0, 5], compare(params, given));
    const dict = copied(optimizer.stateDict());
    const copies = params.map(p => {
      const copy: Tensor = p.detach().clone();
      copy.requiresGrad = true;
      return copy;
    });
    // Made with other options: the dict's are taken over.
    const groups = given.groups?.map(([ids]) => ({ params: ids.map(i => copies[i]) })) ?? copies;
    const resumed = make(given.name, groups, { lr: 77, weightDecay: 3 });
    resumed.loadStateDict(dict);
    train(copies, resumed, [5, 10], compare(copies, given));
    train(params, optimizer, [5, 10], () => {});
    expect(numbersOf(copies)).toEqual(numbersOf(params));
  });
});

describe('clipGradNorm scales the gradients as PyTorch does', () => {
  test.each(clipGradNorm.map(given => [given.max, given.normType, given] as const))(
    'max %d, normType %s',
    (max, type, given) => {
      const params = parameters();
      lossOf(params, 1).backward();
      const norm = optim.clipGradNorm(params, max, { normType: Number(type) });
      expect([norm.shape, norm.requiresGrad]).toEqual([[], false]);
      expectClose([norm.item()], [given.norm], 'norm');
      for (const [i, gradient] of given.gradients.entries())
        expectClose(params[i].grad!.data, gradient, `gradient ${i}`);
      expect(params[2].grad).toBeNull();
    },
  );
});

describe('clipGradValue holds the gradients as PyTorch does', () => {
  test.each(clipGradValue.map(given => [given.max, given] as const))('max %d', (max, given) => {
    const params = parameters();
    lossOf(params, 1).backward();
    optim.clipGradValue(params, max);
    for (const [i, gradient] of given.gradients.entries()) expectClose(params[i].grad!.data, gradient, `gradient ${i}`);
  });
});
