import {
  ArgumentError,
  compile,
  Generator,
  GradError,
  IndexError,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  type Tensor,
  tensor,
} from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { counted } from './counting.ts';

/** The error that `fn` throws. */
function errorOf(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error, got none');
}

const int32 = (...ids: number[]): Tensor => tensor(ids, { dtype: 'int32' });

describe('elements that are read while recording', () => {
  const readings: [how: string, read: (x: Tensor) => unknown][] = [
    ['item()', x => x.sum().item()],
    ['data', x => x.sum().data],
    ['toArray()', x => x.sum().toArray()],
    ['item()', x => Number(x.sum())],
    ['toString()', x => `${x.sum()}`],
    ['toArray()', x => JSON.stringify(x.sum())],
    ['item()', x => (x.sum() > (0 as unknown as Tensor) ? x : x.neg())],
  ];

  test.each(readings)('by %s: the error says how, what shape, where, and what to do instead', (how, read) => {
    const fn = compile((x: Tensor) => {
      read(x);
      return x;
    });
    const error = errorOf(() => fn(ones([3])));
    expect(error).toBeInstanceOf(GradError);
    const before = `compile: ${how} was asked of a tensor of shape [] while the function was recorded, at `;
    const after =
      '; its elements are known only when the recorded program runs: return the tensor and read it outside, or choose by where()';
    expect(error.message.startsWith(before)).toBe(true);
    expect(error.message.endsWith(after)).toBe(true);
    expect(error.message).toMatch(/tests[/\\]compile[/\\]errors\.test\.ts(\?\S*)?:\d+:\d+/);
  });

  test('are an error for arguments and closed-over tensors, too', () => {
    const w = ones([2]);
    expect(() => compile((x: Tensor) => x.mul(x.data[0]))(ones([2]))).toThrow(GradError);
    expect(() => compile((x: Tensor) => x.mul(w.toArray()[0]))(ones([2]))).toThrow(GradError);
  });

  test('change nothing outside', () => {
    const w = ones([2], { requiresGrad: true });
    const fn = compile((x: Tensor) => {
      const y = w.mul(x).sum();
      return [y.item()];
    });
    expect(() => fn(ones([2]))).toThrow(GradError);
    expect([w.grad, fn.stats()]).toEqual([null, null]);
  });
});

describe('functions that cannot be compiled', () => {
  test('are no functions', () => {
    for (const [what, name] of [
      [ones([2]), 'object'],
      [undefined, 'undefined'],
      ['x', 'string'],
    ] as const)
      expect(() => compile(what as never)).toThrow(new ArgumentError(`compile: expected a function, got ${name}`));
  });

  test('are asynchronous', async () => {
    const fn = compile(async (x: Tensor) => x.neg());
    const error = errorOf(() => fn(ones([2])));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toBe('compile: expected a synchronous function, got one that returned a promise');
    expect(fn.stats()).toBeNull();
    await new Promise(resolve => setTimeout(resolve));
  });

  test('cast a module', () => {
    const layer = new nn.Linear(2, 1);
    const fn = compile((x: Tensor) => layer.to('float64').forward(x.to('float64')));
    expect(() => fn(ones([1, 2]))).toThrow(
      new GradError('Module.to: cannot be recorded, because it gives parameters other arrays; cast the module before'),
    );
    expect(layer.weight.dtype).toBe('float32');
  });

  test('return what holds itself', () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expect(() => compile(() => ring as never)()).toThrow(
      new ArgumentError('compile: expected nested arrays and objects, got one that holds itself'),
    );
  });
});

describe('arguments that are nested in another way than in the first call', () => {
  const first = (): any[] => [ones([2]), { a: [ones([2]), ones([2])], b: ones([2]) }, [ones([2])], 3];
  const [, nested, list] = first();
  const cases: [message: string, args: any[]][] = [
    ['expected 4 arguments, got 3', first().slice(0, 3)],
    ['expected 4 arguments, got 5', [...first(), 4]],
    ['expected a tensor at argument 0, got an array', [[ones([2])], nested, list, 3]],
    ['expected a tensor at argument 0, got a number', [5, nested, list, 3]],
    ['expected a tensor at argument 0, got null', [null, nested, list, 3]],
    ['expected a tensor at argument 0, got undefined', [undefined, nested, list, 3]],
    ['expected a tensor at argument 0, got a Float32Array', [new Float32Array(2), nested, list, 3]],
    ['expected an object at argument 1, got a tensor', [ones([2]), ones([2]), list, 3]],
    ['expected 2 items at argument 1.a, got 1', [ones([2]), { a: [ones([2])], b: ones([2]) }, list, 3]],
    ['expected a tensor at argument 1.a[1], got a string', [ones([2]), { a: [ones([2]), 'x'], b: ones([2]) }, list, 3]],
    ['expected the keys a, b at argument 1, got a', [ones([2]), { a: nested.a }, list, 3]],
    ['expected the keys a, b at argument 1, got a, c', [ones([2]), { a: nested.a, c: nested.b }, list, 3]],
    ['expected an array at argument 2, got an object', [ones([2]), nested, { x: ones([2]) }, 3]],
    ['expected 1 item at argument 2, got 2', [ones([2]), nested, [ones([2]), ones([2])], 3]],
    ['expected a number at argument 3, got a tensor', [ones([2]), nested, list, ones([2])]],
  ];

  test.each(cases)('are an error: %s', (message, args) => {
    const { run, recordings } = counted((...args: any[]) => args[0].neg());
    run(...first());
    expect(() => run(...args)).toThrow(
      new ArgumentError(`compile: arguments must be nested as in the first call: ${message}`),
    );
    run(...first());
    expect(recordings()).toBe(1);
  });
});

test('the keys of an argument may come in any order, in a recording and in a replay', () => {
  const { run, recordings } = counted(({ a, b }: { a: Tensor; b: Tensor }) => a.sub(b));
  for (const n of [1, 1, 2, 2]) {
    expect(run({ a: ones([n]).mul(3), b: ones([n]) }).toArray()[0]).toBe(2);
    expect(run({ b: ones([n]), a: ones([n]).mul(3) }).toArray()[0]).toBe(2);
  }
  expect(run({ b: ones([3]), a: ones([3]) }).toArray()).toEqual([0, 0, 0]);
  expect(recordings()).toBe(3);
});

describe('ids out of range', () => {
  type Picking = (table: Tensor, ids: Tensor) => Tensor;
  const pickings: [name: string, pick: Picking][] = [
    ['indexSelect', (table, ids) => table.indexSelect(0, ids)],
    ['embedding', (table, ids) => ids.embedding(table)],
    ['take', (table, ids) => table.take(ids)],
    ['gather', (table, ids) => table.gather(0, ids.unsqueeze(1))],
    ['scatter', (table, ids) => table.scatter(0, ids.unsqueeze(1), table.exp())],
    ['scatterAdd', (table, ids) => table.scatterAdd(0, ids.unsqueeze(1), table.exp())],
    ['nllLoss', (table, ids) => table.t().slice(0, 0, 2).nllLoss(ids)],
    ['crossEntropy', (table, ids) => table.t().slice(0, 0, 2).crossEntropy(ids)],
  ];

  for (const executor of ['wasm', 'javascript'] as const) {
    describe(`in ${executor}`, () => {
      test.each(pickings)('as an argument of %s: the error of eager code, and nothing has changed', (_, pick) => {
        const w = ones([3, 2], { requiresGrad: true });
        const generator = new Generator(1);
        const optimizer = new optim.Adam([w], { lr: 0.1 });
        const step = compile(
          (ids: Tensor) => {
            optimizer.zeroGrad();
            const picked = pick(w.mul(2), ids).mul(rand([], { generator }));
            picked.sum().backward();
            optimizer.step();
            return picked.detach();
          },
          { executor },
        );
        for (let i = 0; i < 2; i++) step(int32(0, 1));
        const state = (): unknown => [w.toArray(), Object.values(optimizer.stateDict()).map(x => x.toArray())];
        const [before, drawn] = [state(), generator.state()];
        for (const wrong of [7, -1]) {
          const expected = errorOf(() => pick(ones([3, 2]), int32(0, wrong)));
          const error = errorOf(() => step(int32(0, wrong)));
          expect(error).toBeInstanceOf(IndexError);
          expect(error.message).toBe(expected.message);
        }
        expect(state()).toEqual(before);
        expect(generator.state()).toBe(drawn);
        expect(step(int32(0, 1)).toArray()).toBeDefined();
      });

      test('that are computed in the program are an error of the same class and text', () => {
        const table = ones([3, 2]);
        const fn = compile((x: Tensor) => table.indexSelect(0, x.mul(2).to('int32')), { executor });
        for (let i = 0; i < 2; i++) fn(tensor([0, 1]));
        const error = errorOf(() => fn(tensor([0, 5])));
        expect(error).toBeInstanceOf(IndexError);
        expect(error.message).toBe(errorOf(() => table.indexSelect(0, int32(0, 10))).message);
        expect(fn(tensor([1, 0])).toArray()).toHaveLength(2);
      });

      test('of a closed-over tensor are an error of the same class and text', () => {
        const [table, ids] = [ones([3, 2]), int32(0, 1)];
        const fn = compile((x: Tensor) => table.gather(0, ids.unsqueeze(1)).mul(x), { executor });
        for (let i = 0; i < 2; i++) fn(ones([1]));
        ids.assign(int32(2, 3));
        const error = errorOf(() => fn(ones([1])));
        expect(error).toBeInstanceOf(IndexError);
        expect(error.message).toBe(errorOf(() => table.gather(0, int32(2, 3).unsqueeze(1))).message);
        ids.assign(int32(2, 2));
        expect(fn(ones([1])).toArray()).toEqual([[1], [1]]);
      });
    });
  }
});

test('an argument of which only a part is used as ids may hold anything elsewhere', () => {
  const table = ones([3, 2]);
  const { run, recordings } = counted((ids: Tensor) => {
    const first = ids.slice(0, 0, 2);
    return table.indexSelect(0, first).add(table.exp().indexSelect(0, first)).sum().add(ids.sum());
  });
  for (let i = 0; i < 4; i++) run(int32(0, 1, 99, -99));
  expect(recordings()).toBe(1);
  expect(() => run(int32(0, 99, 1, 1))).toThrow(IndexError);
});

describe('targets that are to be ignored', () => {
  const logits = (): Tensor =>
    tensor([
      [1, 2, 3],
      [3, 1, 0],
    ]);

  test('only in a later call are ignored then, as in eager code', () => {
    const loss = (x: Tensor, targets: Tensor): Tensor => x.crossEntropy(targets, { ignoreIndex: -100 });
    const { run, recordings } = counted(loss);
    for (const targets of [int32(0, 1), int32(0, -100), int32(2, 2), int32(-100, 1), int32(1, 1)])
      expect(run(logits(), targets).item()).toBeCloseTo(loss(logits(), targets).item(), 5);
    expect(recordings()).toBe(2);
  });

  test('are an error where they are neither a class nor the one to be ignored, in any call', () => {
    const run = compile((x: Tensor, targets: Tensor) => x.crossEntropy(targets));
    run(logits(), int32(0, 1));
    run(logits(), int32(0, -100));
    for (const wrong of [3, -1]) expect(() => run(logits(), int32(0, wrong))).toThrow(IndexError);
    expect(run(logits(), int32(0, 1)).item()).toBeCloseTo(logits().crossEntropy(int32(0, 1)).item(), 5);
  });
});

test('an error leaves the generator where eager code would leave it', () => {
  const draws = (fn: (x: Tensor) => Tensor): number[] => {
    manualSeed(3);
    fn(ones([2]));
    fn(ones([2]));
    expect(() => noGrad(() => fn(ones([3])))).toThrow();
    return Array.from(rand([2]).data);
  };
  const shapes = (x: Tensor): Tensor => x.mul(rand([2])).add(rand([2]));
  expect(draws(compile(shapes))).toEqual(draws(shapes));
});
