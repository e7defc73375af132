import {
  checkpoint,
  defineOp,
  detectAnomaly,
  eye,
  grad,
  isObserved,
  noGrad,
  ones,
  type Profile,
  type ProfiledOp,
  primitives,
  profile,
  randn,
  type Tensor,
  tensor,
  zeros,
} from '@tapegrad/autograd';
import { ArgumentError, GradError } from '@tapegrad/tensor';
import { compile } from 'tapegrad';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { flopsOf } from '../../../packages/autograd/src/flops.ts';

const leaf = (shape: number[]): Tensor => randn(shape, { requiresGrad: true });

/** Calls, bytes and floating-point operations by phase and name. */
const countsOf = ({ ops }: Profile<unknown>): Record<string, [calls: number, bytes: number, flops: number]> =>
  Object.fromEntries(ops.map(({ op, phase, calls, bytes, flops }) => [`${phase} ${op}`, [calls, bytes, flops]]));

/** An operation that takes `ms` milliseconds of a clock that stands still otherwise. */
function slowOn(clock: { now: number }, name: string, ms: number): (x: Tensor) => Tensor {
  return defineOp({
    name,
    forward: (x: Tensor) => {
      clock.now += ms;
      return x.clone();
    },
    backward: g => g.mul(1),
  });
}

const stoppedClock = (): { now: number } => {
  const clock = { now: 1000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  return clock;
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('profile', () => {
  test('returns what its function returns, with what it did', () => {
    const { result, ops, total } = profile(() => ones([2, 3]).sum().item());
    const sum: number = result;
    expect(sum).toBe(6);
    expect(ops.map(({ op, phase, calls }) => [op, phase, calls])).toEqual([['sum', 'forward', 1]]);
    expect(total.calls).toBe(1);
  });

  test('counts the calls, the bytes and the floating-point operations of a step of a network exactly', () => {
    const [x, W, b, V] = [randn([5, 8]), leaf([8, 16]), leaf([16]), leaf([16, 4])];
    const measured = profile(() => {
      const loss = x.matmul(W).add(b).tanh().matmul(V).square().sum();
      loss.backward();
      noGrad(() => b.assign(b.sub(b.grad!)));
    });
    expect(countsOf(measured)).toEqual({
      'forward matmul': [2, 4 * (5 * 16 + 5 * 4), 2 * 5 * 8 * 16 + 2 * 5 * 16 * 4],
      'forward add': [1, 4 * 80, 80],
      'forward tanh': [1, 4 * 80, 80],
      'forward square': [1, 4 * 20, 20],
      'forward sum': [1, 4, 20],
      'forward sub': [1, 4 * 16, 16],
      'forward assign': [1, 4 * 16, 0],
      // of sum, a view; of square, g x and 2; of tanh, g y and y; of the product V, both sides; of b a sum over the rows
      'backward reshape': [1, 0, 0],
      'backward expand': [1, 0, 0],
      'backward mul': [4, 4 * (2 * 20 + 2 * 80), 2 * 20 + 2 * 80],
      'backward sub': [1, 4 * 80, 80],
      'backward permute': [3, 0, 0],
      'backward matmul': [3, 4 * (16 * 4 + 5 * 16 + 8 * 16), 2 * 16 * 5 * 4 + 2 * 5 * 4 * 16 + 2 * 8 * 5 * 16],
      'backward sum': [1, 4 * 16, 80],
    });
    const { total } = measured;
    expect(total.calls).toBe(22);
    expect(total.flops).toBe(measured.ops.reduce((sum, { flops }) => sum + flops, 0));
    expect(total.bytes).toBe(measured.ops.reduce((sum, { bytes }) => sum + bytes, 0));
  });

  test.each<[string, () => Tensor, string, number]>([
    ['batched products', () => zeros([7, 2, 3]).matmul(zeros([3, 5])), 'matmul', 7 * 2 * (2 * 3 * 5)],
    ['what is broadcast', () => zeros([4, 1]).add(zeros([3])), 'add', 12],
    ['folds', () => zeros([4, 3]).amax(0), 'amax', 12],
    ['scans', () => zeros([4, 3]).cumsum(0), 'cumsum', 12],
    ['softmax', () => zeros([4, 3]).softmax(1), 'softmax', 60],
    ['sorting', () => zeros([4, 8]).argsort(1), 'argsort', 32 * 3],
    ['sorting nothing', () => zeros([0]).argsort(0), 'argsort', 0],
    ['the best', () => zeros([4, 8]).topk(2, 1).indices, 'topk', 32],
    ['picking', () => zeros([4, 8]).indexSelect(0, tensor([1], { dtype: 'int32' })), 'indexSelect', 0],
    ['adding at ids', () => zeros([9]).scatterAdd(0, tensor([1, 2], { dtype: 'int32' }), ones([5])), 'scatterAdd', 2],
    ['nothing at all', () => zeros([0, 3]).exp(), 'exp', 0],
    [
      'convolutions',
      () => zeros([2, 4, 6, 6]).conv2d(zeros([8, 2, 3, 3]), null, { groups: 2 }),
      'conv',
      2 * (2 * 8 * 16) * 18,
    ],
    ['pooling', () => zeros([2, 6, 6]).avgPool2d(3), 'sumWindows', 2 * 4 * 9],
    ['systems of equations', () => eye(6).solve(zeros([6, 2])), 'solve', (2 / 3) * 216 + 2 * 36 * 2],
  ])('counts the floating-point operations of %s', (_name, fn, op, flops) => {
    expect(profile(fn).ops.find(cost => cost.op === op)?.flops).toBe(flops);
  });

  test('has a number of floating-point operations for every primitive', () => {
    const x = zeros([2, 2]);
    for (const op of Object.values(primitives))
      expect(flopsOf(op, [x, x, x], x, { dim: 0, windows: { kernel: [1, 1] } }), op.name).toBeGreaterThanOrEqual(0);
  });

  test('measures the time within operations alone, the slowest first', () => {
    const clock = stoppedClock();
    const [slow, fast] = [slowOn(clock, 'slow', 7), slowOn(clock, 'fast', 2)];
    const measured = profile(() => {
      fast(fast(zeros([1])));
      clock.now += 100;
      slow(zeros([1]));
    });
    expect(measured.ops.map(({ op, ms, calls }) => [op, ms, calls])).toEqual([
      ['slow', 7, 1],
      ['fast', 4, 2],
    ]);
    expect([measured.total.ms, measured.elapsed]).toEqual([11, 111]);
  });

  test('does not count the time of an operation that failed', () => {
    const clock = stoppedClock();
    const slow = slowOn(clock, 'slow', 1);
    const { ops } = profile(() => {
      expect(() => zeros([2]).add(zeros([3]) as Tensor)).toThrow();
      clock.now += 50;
      slow(zeros([1]));
    });
    expect(ops.map(({ op, ms }) => [op, ms])).toEqual([['slow', 1]]);
  });

  test('takes for backward what grad(), hooks and second calls of what was checkpointed do', () => {
    const x = leaf([3]);
    const y = checkpoint((z: Tensor) => z.exp(), x).sum();
    const phases = (fn: () => unknown): string[] => Object.keys(countsOf(profile(fn))).sort();
    expect(phases(() => grad(y, x))).toEqual([
      'backward clone',
      'backward exp',
      'backward expand',
      'backward mul',
      'backward reshape',
    ]);
    const w = leaf([3]);
    const v = w.neg();
    v.registerHook(g => g.cos());
    const loss = v.sum();
    expect(phases(() => loss.backward())).toContain('backward cos');
    expect(phases(() => w.backward(w.grad!.sin()))).toEqual(['backward add', 'backward clone', 'forward sin']);
  });

  test('is in the forward phase again after a backward that failed', () => {
    const w = leaf([2]);
    const y = w.exp();
    y.registerHook(() => {
      throw new Error('in the hook');
    });
    const measured = profile(() => {
      expect(() => y.sum().backward()).toThrow('in the hook');
      ones([1]).sin();
    });
    expect(Object.keys(countsOf(measured))).toContain('forward sin');
  });

  test('changes nothing in how weight gradients are computed: rows wait for one product', () => {
    const W = leaf([4, 4]);
    const loss = (): Tensor => {
      let h: Tensor = ones([2, 4]);
      for (let t = 0; t < 10; t++) h = h.matmul(W).tanh();
      return h.sum();
    };
    const y = loss();
    const counts = countsOf(profile(() => y.backward()));
    // 9 gradients of h, and one product of 20 rows for W.
    expect(counts['backward matmul']).toEqual([10, 4 * (9 * 8 + 16), 9 * (2 * 2 * 4 * 4) + 2 * 4 * 20 * 4]);
  });

  test('leaves nobody listening, also after an error', () => {
    expect(() =>
      profile(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(isObserved()).toBe(false);
  });

  test('counts for the outer profile too when one is within another', () => {
    let inner: Profile<Tensor> | undefined;
    const outer = profile(() => {
      ones([1]).exp();
      inner = profile(() => ones([1]).sin());
      ones([1]).exp();
      leaf([1]).sin().backward();
    });
    expect(Object.keys(countsOf(inner!))).toEqual(['forward sin']);
    expect(countsOf(outer)).toMatchObject({ 'forward exp': [2, 8, 2], 'forward sin': [2, 8, 2] });
    const nested = profile(() => profile(() => leaf([1]).square().backward()));
    expect(countsOf(nested)).toEqual(countsOf(nested.result));
    expect(countsOf(nested)['backward mul'][0]).toBe(2);
  });

  test('goes together with detectAnomaly, either within the other', () => {
    const bad = (): Tensor => zeros([1]).log();
    expect(() => profile(() => detectAnomaly(bad))).toThrow(/^detectAnomaly: log/);
    expect(() => detectAnomaly(() => profile(bad))).toThrow(/^detectAnomaly: log/);
    const x = tensor([0], { requiresGrad: true });
    expect(() => detectAnomaly(() => profile(() => x.sqrt().sum().backward()))).toThrow(/the gradient of sqrt/);
    expect(Object.keys(countsOf(profile(() => detectAnomaly(() => ones([1]).exp()))))).toEqual(['forward exp']);
  });

  test('shows an operation of your own by its name, as one', () => {
    const twice = defineOp({ name: 'twice', forward: (x: Tensor) => x.add(x), backward: g => g.mul(2) });
    expect(
      countsOf(
        profile(() =>
          twice(leaf([3]))
            .sum()
            .backward(),
        ),
      ),
    ).toMatchObject({
      'forward twice': [1, 12, 0],
      'backward mul': [1, 12, 3],
    });
  });

  test('sees the operations of a compiled function, which is run as what it was made of', () => {
    const fn = compile((x: Tensor) => x.exp().sum());
    const x = ones([4]);
    const expected = fn(x).item();
    const measured = profile(() => fn(x).item());
    expect(measured.result).toBeCloseTo(expected, 5);
    expect(Object.keys(countsOf(measured)).sort()).toEqual(['forward exp', 'forward sum']);
  });

  test('refuses what is asynchronous, what is no function, and to be part of a compiled function', () => {
    expect(() => profile(async () => 1)).toThrow(GradError);
    expect(() => profile(async () => 1)).toThrow(/^profile: expected a synchronous function, got one that returned/);
    expect(() => profile(3 as never)).toThrow(new ArgumentError('profile: expected a function, got number'));
    const within = compile((x: Tensor) => profile(() => x.exp()).result);
    expect(() => within(ones([2]))).toThrow(/^profile: cannot be recorded, because it measures what runs once/);
  });

  test('prints a table', () => {
    const clock = stoppedClock();
    const [slow, fast] = [slowOn(clock, 'slow', 7.5), slowOn(clock, 'fast', 2.5)];
    const measured = profile(() => {
      slow(zeros([300]));
      const x = leaf([1]);
      fast(fast(x)).backward();
      clock.now += 1;
    });
    const text = String(measured).split('\n');
    expect(text.slice(0, 3)).toEqual([
      'op     phase     calls      ms   share  bytes  flops',
      'slow   forward       1   7.500   60.0%  1.20k      0',
      'fast   forward       2   5.000   40.0%      8      0',
    ]);
    expect(text.at(-2)).toBe('total                6  12.500  100.0%  1.22k      2');
    expect(text.at(-1)).toBe('13.500 ms in all, with what is between the operations');
  });

  test('prints a table of nothing', () => {
    expect(String(profile(() => {}))).toMatch(/^op {5}phase[^\n]*\ntotal[^\n]*0[^\n]*\n[\d.]+ ms in all/);
  });

  test('keeps numbers and names alone', () => {
    const { ops } = profile(() => ones([2]).exp());
    const keys: (keyof ProfiledOp)[] = ['bytes', 'calls', 'flops', 'ms', 'op', 'phase'];
    expect(Object.keys(ops[0]).sort()).toEqual(keys);
    for (const value of Object.values(ops[0])) expect(typeof value).toMatch(/^(string|number)$/);
  });
});
