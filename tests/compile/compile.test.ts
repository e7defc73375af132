import {
  compile,
  detectAnomaly,
  Generator,
  GradError,
  manualSeed,
  nn,
  noGrad,
  ones,
  rand,
  randn,
  randperm,
  type Tensor,
  tensor,
  zeros,
} from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { counted } from './counting.ts';

const leaf = (x: Tensor): Tensor => {
  x.requiresGrad = true;
  return x;
};

describe('a compiled function is recorded', () => {
  test('once for each set of shapes, and replayed from then on', () => {
    const { run, recordings } = counted((x: Tensor) => x.exp().sum());
    for (const n of [3, 3, 5, 3, 5, 3]) expect(run(zeros([n])).item()).toBe(n);
    expect(recordings()).toBe(2);
  });

  test('anew for another dtype, or another number of dims', () => {
    const { run, recordings } = counted((x: Tensor) => x.add(x));
    const inputs = [ones([4]), ones([4], { dtype: 'float64' }), ones([4], { dtype: 'int32' }), ones([2, 2]), ones([4])];
    expect(inputs.map(x => run(x).dtype)).toEqual(['float32', 'float64', 'int32', 'float32', 'float32']);
    expect(recordings()).toBe(4);
  });

  test('anew where an argument begins to require a gradient', () => {
    const { run, recordings } = counted((x: Tensor) => x.square().sum());
    for (const x of [ones([2]), leaf(ones([2])), ones([2]), leaf(ones([2]))]) run(x);
    expect(recordings()).toBe(2);
  });

  test('anew for another number, text or option among the arguments, and not for an equal one', () => {
    const { run, recordings } = counted((x: Tensor, p: number, { name, list }: { name: string; list: number[] }) =>
      name === 'mul' ? x.mul(p * list[0]) : x.add(p),
    );
    const x = ones([1]);
    const options = (): [number, { name: string; list: number[] }] => [2, { name: 'mul', list: [3] }];
    expect([run(x, ...options()), run(x, ...options())].map(y => y.item())).toEqual([6, 6]);
    expect(recordings()).toBe(1);
    expect(run(x, 5, { name: 'mul', list: [3] }).item()).toBe(15);
    expect(run(x, 2, { name: 'add', list: [3] }).item()).toBe(3);
    expect(run(x, 2, { name: 'mul', list: [4] }).item()).toBe(8);
    expect(run(x, ...options()).item()).toBe(6);
    expect(recordings()).toBe(4);
  });

  test('anew under noGrad', () => {
    const w = leaf(ones([2]));
    const { run, recordings } = counted((x: Tensor) => x.mul(w).sum());
    for (let i = 0; i < 2; i++) {
      run(ones([2]));
      noGrad(() => run(ones([2])));
    }
    expect(recordings()).toBe(2);
  });

  test('anew where a module is switched between training and evaluation', () => {
    const dropout = new nn.Dropout(0.5);
    const { run, recordings } = counted((x: Tensor) => dropout.forward(x));
    run(ones([64]));
    dropout.eval();
    for (let i = 0; i < 2; i++)
      expect(
        run(ones([64]))
          .sum()
          .item(),
      ).toBe(64);
    dropout.train();
    expect(
      run(ones([64]))
        .eq(0)
        .any()
        .item(),
    ).toBe(1 > 0);
    expect(recordings()).toBe(2);
  });

  test('anew after a module was cast', () => {
    const layer = new nn.Linear(2, 1);
    const { run, recordings } = counted((x: Tensor) => layer.forward(x.to(layer.weight.dtype)));
    run(ones([1, 2]));
    layer.to('float64');
    expect(run(ones([1, 2])).dtype).toBe('float64');
    run(ones([1, 2]));
    expect(recordings()).toBe(2);
  });

  test('anew after a hook was added to what it closes over, and after it was removed', () => {
    const w = leaf(ones([2]));
    const { run, recordings } = counted((x: Tensor) => {
      w.zeroGrad();
      w.mul(x).sum().backward();
      return [];
    });
    const gradient = (): unknown => {
      run(ones([2]));
      return w.grad?.toArray();
    };
    expect(gradient()).toEqual([1, 1]);
    const hook = w.registerHook(g => g.mul(3));
    expect([gradient(), gradient()]).toEqual([
      [3, 3],
      [3, 3],
    ]);
    hook.remove();
    expect(gradient()).toEqual([1, 1]);
    expect(recordings()).toBe(2);
  });
});

describe('the programs of a function', () => {
  test('are kept up to cacheSize, and the one that was used the longest time ago goes first', () => {
    const { run, recordings } = counted((x: Tensor) => x.neg(), { cacheSize: 2 });
    const uses = (n: number): number => {
      run(ones([n]));
      return recordings();
    };
    expect([1, 2, 1].map(uses)).toEqual([1, 2, 2]);
    expect(uses(3)).toBe(3); // 2 goes
    expect([1, 3].map(uses)).toEqual([3, 3]);
    expect(uses(2)).toBe(4); // 1 goes
    expect(uses(3)).toBe(4);
    expect(uses(1)).toBe(5);
  });

  test('are 16 unless another number is given', () => {
    const { run, recordings } = counted((x: Tensor) => x.neg());
    for (let i = 0; i < 2; i++) for (let n = 1; n <= 16; n++) run(ones([n]));
    expect(recordings()).toBe(16);
    run(ones([17]));
    run(ones([2]));
    run(ones([1]));
    expect(recordings()).toBe(18);
  });
});

describe('stats and toString', () => {
  const model = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 4));

  test('say nothing before the first call', () => {
    const fn = compile((x: Tensor) => x.neg());
    expect(fn.stats()).toBeNull();
    expect(fn.toString()).toBe('a function that has not been called yet');
  });

  test('say how much was done with how little', () => {
    const step = compile((x: Tensor, y: Tensor) => {
      model.zeroGrad();
      model.forward(x).mseLoss(y).backward();
      return [];
    });
    step(randn([32, 8]), randn([32, 4]));
    const stats = step.stats()!;
    expect(stats.executor).toBe('wasm');
    expect(stats.operations).toBeLessThanOrEqual(stats.recorded);
    expect(stats.kernels).toBeLessThan(stats.operations);
    expect(stats.arenaBytes).toBeGreaterThan(32 * 16 * 4);
    expect(stats.arenaBytes).toBeLessThan(stats.bytesWithoutSharing);
    expect(stats.moduleBytes).toBeGreaterThan(100);
    for (const ms of [stats.recordMs, stats.emitMs, stats.compileMs]) expect(ms).toBeGreaterThanOrEqual(0);
  });

  test('say so where JavaScript runs the program', () => {
    const fn = compile((x: Tensor) => model.forward(x), { executor: 'javascript' });
    fn(randn([2, 8]));
    expect(fn.stats()).toMatchObject({ executor: 'javascript', moduleBytes: 0 });
    expect(fn.toString()).toMatch(
      /^v\d+ \[2, 16\] = matmul\(input\d+ \[2, 8\], resident\d+ \[8, 16\] strides \[1, 8\]\)$/m,
    );
  });

  test('are of the last call', () => {
    const fn = compile((x: Tensor) => x.exp().add(1));
    fn(ones([3]));
    fn(ones([7]));
    expect(fn.toString()).toMatch(
      /^0: loop over \[7\]\n {3}v\d+ = exp\(input\d+ \[7\]\)\n {3}v\d+ = add\(v\d+, 1\) {2}stored$/,
    );
    fn(ones([3]));
    expect(fn.toString()).toContain('0: loop over [3]');
  });

  test.each(['wasm', 'javascript'] as const)('number the values of each program from 1, run by %s', executor => {
    const texts = [1, 2].map(() => {
      const scale = ones([3]);
      const fn = compile((x: Tensor) => x.exp().mul(scale).sum(), { executor });
      fn(ones([3]));
      return fn.toString();
    });
    expect(texts[0]).toContain('exp(input1 [3])');
    expect(texts[1]).toBe(texts[0]);
  });
});

describe('a compiled function', () => {
  test('within a compiled function is a part of that', () => {
    const inner = counted((x: Tensor) => x.tanh());
    const outer = counted((x: Tensor) => inner.run(inner.run(x)).sum());
    for (let i = 0; i < 3; i++) outer.run(ones([2]));
    expect([outer.recordings(), inner.recordings()]).toEqual([1, 2]);
    expect(inner.run.stats()).toBeNull();
  });

  test('within detectAnomaly runs as it was written, so that anomalies are found', () => {
    const { run, recordings } = counted((x: Tensor) => x.log().sum());
    run(ones([2]));
    run(ones([2]));
    expect(() => detectAnomaly(() => run(tensor([1, -1])))).toThrow(/^detectAnomaly: log of \[2\] gave NaN/);
    expect(detectAnomaly(() => run(ones([2]))).item()).toBe(0);
    expect(recordings()).toBe(3);
  });

  test('may be called again after the function threw', () => {
    let fails = true;
    const { run, recordings } = counted((x: Tensor) => {
      const y = x.exp();
      if (fails) throw new Error('not yet');
      return y;
    });
    expect(() => run(zeros([2]))).toThrow('not yet');
    expect(run.stats()).toBeNull();
    fails = false;
    for (let i = 0; i < 2; i++) expect(run(zeros([2])).toArray()).toEqual([1, 1]);
    expect(recordings()).toBe(2);
  });

  test('leaves eager code as it is after it threw: gradients flow, nothing is recorded', () => {
    const w = leaf(ones([1]));
    const run = compile(() => noGrad(() => w.item()));
    expect(() => run()).toThrow(GradError);
    w.mul(2).backward();
    expect(w.grad?.item()).toBe(2);
  });

  test('draws what eager code draws, in its order', () => {
    const noisy = (x: Tensor): Tensor[] => [
      x.add(rand([3])),
      x.mul(randn([2, 3])),
      randperm(5),
      x.dropout(0.5),
      randn([]),
    ];
    const drawn = (fn: (x: Tensor) => Tensor[]): unknown => {
      manualSeed(5);
      const results = Array.from({ length: 3 }, () => fn(ones([3])).map(y => y.toArray()));
      return [results, rand([2]).toArray()];
    };
    expect(drawn(compile(noisy))).toEqual(drawn(noisy));
  });

  test('draws from each generator where that stands', () => {
    const [a, b] = [new Generator(1), new Generator(1)];
    const fn = compile(() => [rand([2], { generator: a }), rand([1], { generator: b }), rand([2], { generator: a })]);
    fn();
    fn();
    const expected = new Generator(1);
    expect(rand([8], { generator: expected }).toArray().length).toBe(8);
    expect(a.state()).toBe(expected.state());
  });
});
