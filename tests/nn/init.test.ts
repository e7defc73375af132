import { ArgumentError, eye, Generator, nn, ShapeError, type Tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';

const { init } = nn;
const seeded = () => ({ generator: new Generator(5) });
const big = (): Tensor => zeros([60, 80], { dtype: 'float64' });

/** Mean, standard deviation and largest absolute value, from the elements. */
function statistics(x: Tensor): { mean: number; std: number; largest: number } {
  return { mean: x.mean().item(), std: x.std().item(), largest: x.abs().max().item() };
}

test('an initialiser overwrites a parameter in place, without a history, and returns it', () => {
  const p = new nn.Parameter(zeros([2, 2]));
  const { data } = p;
  for (const same of [init.uniform(p), init.normal(p), init.constant(p, 3), init.orthogonal(p), init.eye(p)])
    expect(same).toBe(p);
  expect([p.isLeaf, p.requiresGrad, p.data === data, p.toArray()]).toEqual([true, true, true, eye(2).toArray()]);
});

test('the same seed gives the same numbers', () => {
  const fill = [init.uniform, init.normal] as const;
  for (const f of fill) expect(f(big(), 0, 1, seeded()).toArray()).toEqual(f(big(), 0, 1, seeded()).toArray());
  expect(init.orthogonal(big(), seeded()).toArray()).toEqual(init.orthogonal(big(), seeded()).toArray());
});

test('constant, zeros and ones fill', () => {
  const x = zeros([2]);
  expect(init.constant(x, 0.5).toArray()).toEqual([0.5, 0.5]);
  expect(init.ones(x).toArray()).toEqual([1, 1]);
  expect(init.zeros(x).toArray()).toEqual([0, 0]);
});

test('eye takes matrices of any proportions, and nothing else', () => {
  expect(init.eye(zeros([2, 3])).toArray()).toEqual(eye(2, 3).toArray());
  expect(() => init.eye(zeros([2]))).toThrow(new ShapeError('init.eye: expected a tensor of two dims, got shape [2]'));
});

describe('spread', () => {
  // [60 out, 80 in]: the kernel of a convolution multiplies both.
  const uniformBound = (bound: number, x: Tensor): void => {
    const { mean, std, largest } = statistics(x);
    expect(largest).toBeLessThan(bound);
    expect(largest / bound).toBeGreaterThan(0.99);
    expect(std / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
    expect(Math.abs(mean) / bound).toBeLessThan(0.05);
  };
  const normalStd = (expected: number, x: Tensor): void => {
    const { mean, std, largest } = statistics(x);
    expect(std / expected).toBeCloseTo(1, 1);
    expect(Math.abs(mean) / expected).toBeLessThan(0.05);
    expect(largest / expected).toBeGreaterThan(2.5);
  };

  test('uniform lies in its range, normal has its mean and deviation', () => {
    uniformBound(0.3, init.uniform(big(), -0.3, 0.3, seeded()));
    normalStd(0.3, init.normal(big(), 2, 0.3, seeded()).sub(2));
  });

  test('xavier looks at inputs and outputs', () => {
    uniformBound(2 * Math.sqrt(6 / 140), init.xavierUniform(big(), { gain: 2, ...seeded() }));
    normalStd(2 * Math.sqrt(2 / 140), init.xavierNormal(big(), { gain: 2, ...seeded() }));
    uniformBound(Math.sqrt(6 / (140 * 4)), init.xavierUniform(zeros([60, 80, 2, 2]), seeded()));
  });

  test('kaiming looks at one of them', () => {
    uniformBound(Math.sqrt(6 / 80), init.kaimingUniform(big(), seeded()));
    uniformBound(1 / Math.sqrt(80), init.kaimingUniform(big(), { a: Math.sqrt(5), ...seeded() }));
    uniformBound(
      Math.sqrt(3 / 60),
      init.kaimingUniform(big(), { mode: 'fanOut', nonlinearity: 'linear', ...seeded() }),
    );
    normalStd(Math.sqrt(2 / 80), init.kaimingNormal(big(), { nonlinearity: 'relu', ...seeded() }));
    normalStd(5 / 3 / Math.sqrt(60), init.kaimingNormal(big(), { mode: 'fanOut', nonlinearity: 'tanh', ...seeded() }));
  });
});

describe('orthogonal', () => {
  const close = (actual: Tensor, expected: Tensor, tolerance: number): void =>
    expect(actual.sub(expected).abs().max().item()).toBeLessThan(tolerance);

  test('has orthonormal rows, or columns where there are more rows', () => {
    const wide = init.orthogonal(zeros([20, 30], { dtype: 'float64' }), seeded());
    close(wide.matmul(wide.t()), eye(20, { dtype: 'float64' }), 1e-13);
    const tall = init.orthogonal(zeros([30, 20]), { gain: 2, ...seeded() });
    close(tall.t().matmul(tall), eye(20).mul(4), 1e-5);
  });

  test('sees further dims as one', () => {
    const kernel: Tensor = init.orthogonal(zeros([4, 3, 2]), seeded());
    const rows = kernel.reshape([4, 6]);
    close(rows.matmul(rows.t()), eye(4), 1e-6);
  });
});

test('gains are those of PyTorch', async () => {
  const { gains } = await json('torch/layers');
  for (const [name, gain] of Object.entries(gains))
    expect(init.calculateGain(name as 'relu')).toBeCloseTo(gain as number, 14);
  expect(init.calculateGain('leakyRelu', 0.5)).toBeCloseTo(Math.sqrt(2 / 1.25), 14);
});

test('what makes no sense is refused', () => {
  const unknown: any = 'swish';
  const bad: [call: () => unknown, error: Error][] = [
    [
      () => init.calculateGain(unknown),
      new ArgumentError('calculateGain: expected linear, sigmoid, tanh, relu, leakyRelu or selu, got "swish"'),
    ],
    [
      () => init.kaimingUniform(big(), { mode: unknown }),
      new ArgumentError(`init.kaimingUniform: expected mode to be 'fanIn' or 'fanOut', got "swish"`),
    ],
    [
      () => init.xavierNormal(zeros([3])),
      new ShapeError('init.xavierNormal: expected a tensor of two dims or more, [out, in, ...], got shape [3]'),
    ],
    [
      () => init.orthogonal(zeros([3])),
      new ShapeError('init.orthogonal: expected a tensor of two dims or more, [out, in, ...], got shape [3]'),
    ],
    [() => init.uniform(zeros([3]), 2, 1), new ArgumentError('init.uniform: expected low <= high, got low 2, high 1')],
    [() => init.normal(zeros([3]), 0, -1), new ArgumentError('init.normal: expected std to be 0 or more, got -1')],
  ];
  for (const [call, error] of bad) expect(call).toThrow(error);
});
