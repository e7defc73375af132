import {
  batchNorm,
  grad,
  gradcheck,
  gradgradcheck,
  groupNorm,
  noGrad,
  ones,
  rmsNorm,
  stack,
  type Tensor,
  tensor,
  zeros,
} from '@tapegrad/autograd';
import { ArgumentError, DTypeError, ShapeError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fn, spread } from './cases.ts';
import { cube, ids, ints, op, refuses, scalar, x } from './refusals.ts';

const float64 = { dtype: 'float64' } as const;

/** The same elements, two apart in the buffer. */
const strided = (x: Tensor): Tensor => stack([x, x], -1).select(-1, 0);

/** Differences of sums of what is normalised are all zero: a cube tells its elements apart. */
const cubed =
  (fn: Fn): Fn =>
  (...inputs) =>
    fn(...inputs).pow(3);

const [mean, variance] = [spread([3]), spread([3], 0.5, 2)];

const checks: [string, Fn, Tensor[]][] = [
  ['rmsNorm', x => x.rmsNorm(4), [spread([3, 4])]],
  ['rmsNorm of two dims, with weight', (x, w) => x.rmsNorm([2, 3], w), [spread([2, 2, 3]), spread([2, 3])]],
  ['rmsNorm of zeros', x => x.rmsNorm(3, null, { eps: 0.5 }), [zeros([2, 3], float64)]],
  ['rmsNorm of one element', (x, w) => x.rmsNorm(1, w, { eps: 0.5 }), [spread([2, 1]), spread([1])]],
  ['rmsNorm of nothing', (x, w) => x.rmsNorm(3, w), [zeros([0, 3], float64), spread([3])]],
  ['groupNorm with weight and bias', (x, w, b) => x.groupNorm(2, w, b), [spread([2, 4, 3]), spread([4]), spread([4])]],
  ['groupNorm of one group', x => x.groupNorm(1), [spread([2, 4])]],
  ['groupNorm of equal elements', x => x.groupNorm(2, null, null, { eps: 0.5 }), [ones([2, 4], float64)]],
  ['groupNorm of single elements', (x, w, b) => x.groupNorm(2, w, b), [spread([3, 2]), spread([2]), spread([2])]],
  ['groupNorm of no batch', (x, w) => x.groupNorm(2, w), [zeros([0, 4], float64), spread([4])]],
  [
    'batchNorm in training',
    (x, w, b) => x.batchNorm(null, null, w, b, { training: true }),
    [spread([4, 3]), spread([3]), spread([3])],
  ],
  [
    'batchNorm in training with positions',
    (x, w, b) => x.batchNorm(null, null, w, b, { training: true }),
    [spread([2, 3, 1, 2]), spread([3]), spread([3])],
  ],
  ['batchNorm in training, bare', x => x.batchNorm(null, null, null, null, { training: true }), [spread([3, 3])]],
  [
    'batchNorm in training of equal elements',
    x => x.batchNorm(null, null, null, null, { training: true, eps: 0.5 }),
    [ones([3, 2], float64)],
  ],
  [
    'batchNorm in training of nothing',
    (x, w, b) => x.batchNorm(null, null, w, b, { training: true }),
    [zeros([0, 3], float64), spread([3]), spread([3])],
  ],
  [
    'batchNorm outside of training',
    (x, w, b) => x.batchNorm(mean, variance, w, b),
    [spread([2, 3, 2]), spread([3]), spread([3])],
  ],
  [
    'batchNorm outside of training, by the running statistics too',
    (x, m, v) => x.batchNorm(m, v),
    [spread([4, 3]), spread([3]), spread([3], 0.5, 2)],
  ],
  ['batchNorm of one value outside of training', x => x.batchNorm(mean, variance), [spread([1, 3])]],
];

describe('normalisation has the gradient of its central differences, first and second order', () => {
  test.each(checks)('%s', (_, fn, inputs) => {
    for (const layout of [(x: Tensor) => x, strided]) {
      const bent: Fn = (...given) => cubed(fn)(...given.map(layout));
      expect(gradcheck(bent, inputs)).toBe(true);
      expect(gradgradcheck(bent, inputs, { atol: 1e-4 })).toBe(true);
    }
  });
});

describe('rmsNorm', () => {
  test('takes as eps what its dtype has between 1 and the next number', () => {
    const tiny = 2 ** -30;
    const y = (dtype: 'float32' | 'float64'): number =>
      rmsNorm(tensor([tiny], { dtype }), 1)
        .to('float64')
        .item();
    expect(y('float32')).toBeCloseTo(tiny / Math.sqrt(tiny ** 2 + 2 ** -23), 12);
    expect(y('float64')).toBeCloseTo(tiny / Math.sqrt(tiny ** 2 + 2 ** -52), 12);
  });
});

describe('groupNorm', () => {
  test('of one group is layerNorm over all but the batch, and of as many as channels, over the positions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 5 }), (channels, positions) => {
        const x: Tensor = spread([2, channels, positions]);
        const [one, each]: Tensor[] = [groupNorm(x, 1), groupNorm(x, channels)];
        const close = (a: Tensor, b: Tensor): void => expect(a.sub(b).abs().max().item()).toBeLessThan(1e-12);
        close(one, x.layerNorm([channels, positions]));
        close(each, x.layerNorm(positions));
      }),
      { seed: 3, numRuns: 20 },
    );
  });
});

describe('the variance is made of differences, so that a large mean does not hurt', () => {
  const far: Tensor = tensor([4000, 4001, 4002, 4003]);
  const expected = [-1.3416, -0.4472, 0.4472, 1.3416];

  test.each<[string, (x: Tensor) => Tensor]>([
    ['layerNorm', x => x.layerNorm(4)],
    ['groupNorm', x => x.reshape([1, 2, 2]).groupNorm(1)],
    ['batchNorm', x => x.reshape([4, 1]).batchNorm(null, null, null, null, { training: true })],
  ])('%s', (_, fn) => {
    for (const [i, y] of fn(far).data.entries()) expect(y).toBeCloseTo(expected[i], 4);
  });
});

describe('the running statistics of batchNorm', () => {
  const batch = (): Tensor =>
    tensor(
      [
        [1, 10],
        [3, 10],
        [5, 40],
      ],
      float64,
    );
  const start = (): [Tensor, Tensor] => [tensor([1, -10], float64), tensor([1, 100], float64)];
  const numbers = (...tensors: Tensor[]): number[][] =>
    tensors.map(t => Array.from(t.data, v => Math.round(v * 1e9) / 1e9));

  test('move by the momentum towards the mean and the unbiased variance in training', () => {
    const [m, v] = start();
    batchNorm(batch(), m, v, null, null, { training: true, momentum: 0.25 });
    expect(numbers(m, v)).toEqual([
      [1.5, -2.5],
      [1.75, 150],
    ]);
  });

  test('move by 0.1 when no momentum is given, and by a tensor of no dims where that is given', () => {
    const [m, v] = start();
    batchNorm(batch(), m, v, null, null, { training: true });
    expect(numbers(m, v)).toEqual([
      [1.2, -7],
      [1.3, 120],
    ]);
    batchNorm(batch(), m, v, null, null, { training: true, momentum: tensor(1) });
    expect(numbers(m, v)).toEqual([
      [3, 20],
      [4, 300],
    ]);
  });

  test('may be one alone in training', () => {
    const [m, v] = start();
    batchNorm(batch(), m, null, null, null, { training: true, momentum: 1 });
    batchNorm(batch(), undefined, v, null, null, { training: true, momentum: 1 });
    expect(numbers(m, v)).toEqual([
      [3, 20],
      [4, 300],
    ]);
  });

  test('stay as they are outside of training, and for a batch of nothing', () => {
    const [m, v] = start();
    batchNorm(batch(), m, v);
    batchNorm(zeros([0, 2]), m, v, null, null, { training: true });
    expect(numbers(m, v)).toEqual(numbers(...start()));
  });

  test('keep their dtype, and have no history, whatever the batch has', () => {
    const [m, v]: Tensor[] = [zeros([2]), ones([2])];
    const x = batch();
    x.requiresGrad = true;
    const y = batchNorm(x, m, v, null, null, { training: true });
    expect([m, v].map(t => [t.dtype, t.requiresGrad])).toEqual([
      ['float32', false],
      ['float32', false],
    ]);
    expect([y.dtype, y.requiresGrad]).toEqual(['float64', true]);
  });

  test('may move on between a forward pass in training and its backward pass', () => {
    const [m, v] = start();
    const x = batch();
    x.requiresGrad = true;
    const forward = (): Tensor => batchNorm(x, m, v, null, null, { training: true }).pow(3).sum();
    const loss = forward();
    forward();
    noGrad(() => m.assign(7));
    const [g] = grad(loss, [x]);
    const [expected] = grad(forward(), [x]);
    expect(g.toArray()).toEqual(expected.toArray());
  });

  test('are as they were where something is wrong', () => {
    const [m, v] = start();
    const wrong: (() => unknown)[] = [
      () => op.batchNorm(batch(), m, ones([2]).expand([3, 2]), null, null, { training: true }),
      () => op.batchNorm(batch(), m, ones([1]).expand([2]), null, null, { training: true }),
      () => op.batchNorm(batch(), m, ints, null, null, { training: true }),
      () => op.batchNorm(batch(), m, v, ones([3]), null, { training: true }),
      () => op.batchNorm(batch(), m, v, null, null, { training: true, momentum: 'all' }),
    ];
    for (const call of wrong) expect(call).toThrow();
    expect(numbers(m, v)).toEqual(numbers(...start()));
  });
});

describe('normalisation refuses', () => {
  const three = ones([3]);
  const result = tensor([1, 1, 1], { requiresGrad: true }).mul(2);
  const training = { training: true };
  refuses([
    ['rmsNorm: expected a float tensor, got dtype int32', () => ints.rmsNorm(3), DTypeError],
    ['rmsNorm: expected an input whose last dims are [2], got shape [2, 3]', () => x.rmsNorm(2), ShapeError],
    ['rmsNorm: expected an input whose last dims are [], got shape [2, 3]', () => x.rmsNorm([]), ShapeError],
    [
      'rmsNorm: expected the normalized shape to be an array of whole numbers, got undefined',
      () => x.rmsNorm(),
      ArgumentError,
    ],
    ['rmsNorm: expected weight of shape [3], got [2, 3]', () => x.rmsNorm(3, x), ShapeError],
    ['rmsNorm: expected weight to be a tensor, got number', () => x.rmsNorm(3, 2), ArgumentError],
    ['rmsNorm: expected eps to be a number, got string', () => x.rmsNorm(3, null, { eps: '1' }), ArgumentError],
    [
      'layerNorm: expected options such as { eps: 0.00001 }, got 0.1',
      () => x.layerNorm(3, null, null, 0.1),
      ArgumentError,
    ],
    ['groupNorm: expected a float tensor, got dtype int32', () => ints.groupNorm(1), DTypeError],
    ['groupNorm: expected an input of shape [batch, channels, ...], got [3]', () => op.groupNorm(three, 1), ShapeError],
    ['groupNorm: expected channels that 2 divides, got 3, in [2, 3]', () => x.groupNorm(2), ShapeError],
    ['groupNorm: expected groups to be a whole number of 1 or more, got 0', () => x.groupNorm(0), ArgumentError],
    ['groupNorm: expected groups to be a whole number of 1 or more, got undefined', () => x.groupNorm(), ArgumentError],
    ['groupNorm: expected weight of shape [3], got [4]', () => cube.groupNorm(1, ones([4])), ShapeError],
    ['groupNorm: expected bias of shape [3], got []', () => cube.groupNorm(1, null, scalar), ShapeError],
    [
      'groupNorm: expected more than 1 value per group, got shape [1, 3]',
      () => op.groupNorm(ones([1, 3]), 3),
      ShapeError,
    ],
    ['batchNorm: expected a float tensor, got dtype int32', () => ints.batchNorm(three, three), DTypeError],
    [
      'batchNorm: expected an input of shape [batch, channels, ...], got []',
      () => scalar.batchNorm(three, three),
      ShapeError,
    ],
    ['batchNorm: expected weight of shape [3], got [2, 3]', () => x.batchNorm(three, three, x), ShapeError],
    ['batchNorm: expected bias to be a tensor, got number', () => x.batchNorm(three, three, null, 1), ArgumentError],
    ['batchNorm: expected running mean of shape [3], got []', () => x.batchNorm(scalar, three), ShapeError],
    ['batchNorm: expected running variance of shape [3], got [2, 3]', () => x.batchNorm(three, x), ShapeError],
    [
      'batchNorm: running mean: expected a float tensor, got dtype int32',
      () => x.batchNorm(ids(0, 0, 0), three),
      DTypeError,
    ],
    ['batchNorm: expected a running mean outside of training, got undefined', () => x.batchNorm(), ArgumentError],
    [
      'batchNorm: expected a running variance outside of training, got null',
      () => x.batchNorm(three, null),
      ArgumentError,
    ],
    [
      'batchNorm: expected a running variance that is a leaf in training, got the result of an operation',
      () => x.batchNorm(three, result, null, null, training),
      ArgumentError,
    ],
    [
      'batchNorm: expected more than 1 value per channel when training, got shape [1, 3]',
      () => op.batchNorm(ones([1, 3]), null, null, null, null, training),
      ShapeError,
    ],
    [
      'batchNorm: expected momentum to be a number or a tensor of no dims, got null',
      () => x.batchNorm(three, three, null, null, { training: true, momentum: null }),
      ArgumentError,
    ],
    [
      'batchNorm: expected momentum of shape [], got [3]',
      () => x.batchNorm(three, three, null, null, { training: true, momentum: three }),
      ShapeError,
    ],
    [
      'batchNorm: expected options such as { eps: 0.00001 }, got true',
      () => x.batchNorm(three, three, null, null, true),
      ArgumentError,
    ],
  ]);
});
