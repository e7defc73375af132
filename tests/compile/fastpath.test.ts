import { compile, nn, noGrad, ones, optim, randint, randn, type Tensor, tensor } from 'tapegrad';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type * as Interpret from '../../packages/compile/src/run/interpret.ts';

/** The operations that programs call JavaScript for, by name. */
const called = vi.hoisted((): string[] => []);

vi.mock('../../packages/compile/src/run/interpret.ts', async importOriginal => {
  const actual = await importOriginal<typeof Interpret>();
  return {
    ...actual,
    kernelOf: (...args: Parameters<typeof actual.kernelOf>) => {
      called.push(args[0].op.name);
      return actual.kernelOf(...args);
    },
  };
});

beforeEach(() => {
  called.length = 0;
});

type Sizes = { readonly time: number; readonly batch: number; readonly width: number };

/** A compiled training step of a character model of Elman's kind, after its first call. */
function elman({ time, batch, width }: Sizes, makeOptimizer: (params: nn.Parameter[]) => optim.Optimizer) {
  const embedding = new nn.Embedding(12, width);
  const rnn = new nn.RNN(width, width);
  const head = new nn.Linear(width, 12);
  const parameters = [embedding, rnn, head].flatMap(module => module.parameters());
  const optimizer = makeOptimizer(parameters);
  const step = compile((ids: Tensor, targets: Tensor) => {
    optimizer.zeroGrad();
    const [outputs] = rnn.forward(embedding.forward(ids));
    const loss = head.forward(outputs.flatten(0, 1)).crossEntropy(targets.flatten());
    loss.backward();
    optim.clipGradNorm(parameters, 5);
    optimizer.step();
    return loss.detach();
  });
  step(randint(0, 12, [time, batch]), randint(0, 12, [time, batch]));
  return { step, stats: step.stats()!, text: step.toString(), parameters };
}

const small = { time: 3, batch: 14, width: 4 };
const large = { time: 8, batch: 32, width: 64 };
const sgd = (params: nn.Parameter[]): optim.Optimizer => new optim.SGD(params, { lr: 0.1, momentum: 0.9 });

const count = (text: string, pattern: RegExp): number =>
  [...text.matchAll(new RegExp(pattern, `g${pattern.flags}`))].length;

/** The program of a function, compiled and called once. */
function programOf(fn: (...args: any[]) => unknown, ...args: Tensor[]): string {
  const compiled = compile(fn);
  compiled(...args);
  expect(compiled.stats()?.executor).toBe('wasm');
  return compiled.toString();
}

describe('JavaScript', () => {
  test.each([small, large])('is not called by a step of an Elman network of float32: %o', sizes => {
    const { stats } = elman(sizes, sgd);
    expect(stats.executor).toBe('wasm');
    expect(called).toEqual([]);
  });

  test('is called by a step with Adam for numbers of float64 alone, ten for each parameter', () => {
    const { stats, parameters } = elman(small, params => new optim.Adam(params, { lr: 0.1 }));
    expect(called.length).toBeLessThanOrEqual(10 * parameters.length);
    expect(stats.kernels).toBeGreaterThan(called.length);
  });

  test('is called for what has no code of its own', () => {
    programOf((x: Tensor) => x.sinh().exp().cumsum(0), ones([3]));
    expect(called).toEqual(['sinh', 'cumsum']);
  });
});

describe('products of matrices', () => {
  test('with the recurrent weight share one packed copy of it', () => {
    const { text } = elman(large, sgd);
    expect(count(text, / = pack\(/)).toBeGreaterThanOrEqual(1);
    expect(count(text, / = packedProduct\(/)).toBeGreaterThanOrEqual(large.time - 1);
  });

  test('that the gradient of the recurrent weight is the sum of are one', () => {
    const sums = (sizes: Sizes): string[] =>
      elman(sizes, sgd)
        .text.split('\n')
        .filter(line => line.includes(' = products('));
    for (const sizes of [small, large]) {
      const factors = sums(sizes).map(line => count(line, / \[\d+, \d+\]/) - 1);
      // Two factors for each time step but the first, whose state is zero.
      expect(factors.some(n => n >= 2 * (sizes.time - 1))).toBe(true);
    }
  });

  test('take transposed factors as they lie', () => {
    const text = programOf((a: Tensor, b: Tensor) => a.t().clone().matmul(b.t()), randn([5, 4]), randn([3, 5]));
    expect(text).toMatch(
      /^0: v\d+ \[4, 3\] = matmul\(input\d+ \[4, 5\] strides \[1, 4\], input\d+ \[5, 3\] strides \[1, 5\]\)$/,
    );
  });
});

describe('loops', () => {
  test('are far fewer than operations', () => {
    const { stats } = elman(large, sgd);
    expect(stats.kernels).toBeLessThan(stats.recorded / 2);
    expect(stats.arenaBytes).toBeLessThan(stats.bytesWithoutSharing / 2);
  });

  test('move a parameter where they compute its new momentum', () => {
    const [w, b] = [ones([8, 8], { requiresGrad: true }), ones([8], { requiresGrad: true })];
    const optimizer = new optim.SGD([w, b], { lr: 0.1, momentum: 0.9, weightDecay: 0.01 });
    const step = (gw: Tensor, gb: Tensor): Tensor[] => {
      [w.grad, b.grad] = [gw, gb];
      optimizer.step();
      return [];
    };
    step(ones([8, 8]), ones([8]));
    const text = programOf(step, ones([8, 8]), ones([8]));
    const writes = text.split(/^\d+: /m).map(kernel => count(kernel, / = write\(/));
    expect(writes.filter(n => n > 0)).toEqual([2, 2]);
    expect(called).toEqual([]);
  });

  test('are one for softmax, and one for the whole of a layer normalisation', () => {
    const norm = new nn.LayerNorm(64);
    for (const fn of [(x: Tensor) => x.softmax(1), (x: Tensor) => norm.forward(x)]) {
      const text = programOf(fn, randn([8, 64]));
      expect(text).toMatch(/^0: loop over \[8, 64\], rows of 1 dims, 3 passes\n/);
      expect(count(text, /^\d+:/m)).toBe(1);
    }
  });

  test('fold what they compute without storing it', () => {
    const text = programOf((x: Tensor) => x.sub(1).square().mean(), randn([100]));
    expect(count(text, /stored/)).toBe(1);
    expect(count(text, /^\d+:/m)).toBe(1);
  });

  test('overwrite a parameter where they compute its new contents', () => {
    const w = ones([64]);
    const text = programOf((x: Tensor) => noGrad(() => w.assign(w.mul(0.9).add(x))), ones([64]));
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toMatch(/resident\d+'\d+ = write\(v\d+\) {2}stored$/);
  });

  test('read ids, and add to rows by id, without JavaScript', () => {
    const table = randn([10, 4], { requiresGrad: true });
    const text = programOf(
      (ids: Tensor) => {
        table.zeroGrad();
        table.indexSelect(0, ids).square().sum().backward();
        return [];
      },
      tensor([1, 2, 1], { dtype: 'int32' }),
    );
    expect(text).toMatch(/ = indexSelect\(/);
    expect(text).toMatch(/ = indexAdd\(/);
    expect(called).toEqual([]);
  });
});
