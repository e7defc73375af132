// Layers that normalise, through steps of training and evaluation, held against PyTorch; see
// tests/fixtures/torch/normalization_layers.py.
import { ArgumentError, compile, nn, noGrad, ones, randn, ShapeError, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';
import { expectClose, leaf, wave } from './torch.ts';

interface Step {
  shape: number[];
  training: boolean;
  output: number[];
  inputGradient: number[];
  gradients: Record<string, number[]>;
  buffers: Record<string, number[]>;
}

const { layers }: { layers: { name: string; names: string[]; steps: Step[] }[] } =
  await json('torch/normalization_layers');

const dtype = 'float64';

const made: Record<string, () => nn.Module> = {
  BatchNorm1d: () => new nn.BatchNorm1d(3, { dtype }),
  'BatchNorm1d of three dims': () => new nn.BatchNorm1d(3, { dtype }),
  'BatchNorm1d with options': () => new nn.BatchNorm1d(2, { eps: 0.1, momentum: 0.4, dtype }),
  'BatchNorm1d with a cumulative average': () => new nn.BatchNorm1d(2, { momentum: null, dtype }),
  'BatchNorm1d without affine': () => new nn.BatchNorm1d(2, { affine: false, dtype }),
  'BatchNorm1d without tracking': () => new nn.BatchNorm1d(2, { trackRunningStats: false, dtype }),
  'BatchNorm1d without anything': () => new nn.BatchNorm1d(2, { affine: false, trackRunningStats: false }),
  BatchNorm2d: () => new nn.BatchNorm2d(2, { dtype }),
  'BatchNorm2d with a cumulative average': () => new nn.BatchNorm2d(2, { momentum: null, dtype }),
  GroupNorm: () => new nn.GroupNorm(2, 4, { dtype }),
  'GroupNorm with options': () => new nn.GroupNorm(2, 4, { eps: 0.1, affine: false }),
};

/** The model with the weights of the fixture. */
function start(name: string): nn.Module {
  const module = made[name]();
  noGrad(() => {
    for (const [i, p] of module.parameters().entries()) p.assign(wave(p.shape, 10 + i, 0.8));
  });
  return module;
}

function expectStep(module: nn.Module, x: Tensor, y: Tensor, expected: Step): void {
  expectClose(y.data, expected.output, 'output');
  expectClose(x.grad!.data, expected.inputGradient, 'gradient of the input');
  const found = module.namedParameters().map(([name, p]) => [name, p.grad] as const);
  expect(found.map(([name]) => name)).toEqual(Object.keys(expected.gradients));
  for (const [name, g] of found) expectClose(g!.data, expected.gradients[name], `gradient of ${name}`);
  expect(module.namedBuffers().map(([name]) => name)).toEqual(Object.keys(expected.buffers));
  for (const [name, b] of module.namedBuffers()) expectClose(b.data, expected.buffers[name], name);
}

describe('outputs, gradients and running statistics are those of PyTorch, step by step', () => {
  test('for every layer of the fixture', () => {
    expect(Object.keys(made)).toEqual(layers.map(({ name }) => name));
  });

  describe.each(['eager', 'wasm', 'javascript'] as const)('%s', mode => {
    test.each(layers.map(given => [given.name, given] as const))('%s', (name, { names, steps }) => {
      const module = start(name);
      expect(Object.keys(module.stateDict())).toEqual(names);
      const pass = (x: Tensor): Tensor => {
        const y: Tensor = module.forward(x);
        y.mul(wave(y.shape, 50)).sum().backward();
        return y.detach();
      };
      const run = mode === 'eager' ? pass : compile(pass, { executor: mode });
      for (const [i, expected] of steps.entries()) {
        module.train(expected.training);
        const x = leaf(expected.shape, i);
        expectStep(module, x, run(x), expected);
      }
    });
  });
});

describe('batch norm', () => {
  test('has parameters and buffers by the names of PyTorch, in its order', () => {
    const norm = new nn.BatchNorm1d(2);
    expect(Object.entries(norm.stateDict()).map(([name, t]) => [name, t.toArray(), t.dtype])).toEqual([
      ['weight', [1, 1], 'float32'],
      ['bias', [0, 0], 'float32'],
      ['running_mean', [0, 0], 'float32'],
      ['running_var', [1, 1], 'float32'],
      ['num_batches_tracked', 0, 'int32'],
    ]);
    expect(Object.keys(new nn.BatchNorm2d(2, { affine: false }).stateDict())).toEqual([
      'running_mean',
      'running_var',
      'num_batches_tracked',
    ]);
    expect(Object.keys(new nn.BatchNorm2d(2, { trackRunningStats: false }).stateDict())).toEqual(['weight', 'bias']);
  });

  test('keeps its count of batches an int32 when it is cast', () => {
    const norm = new nn.BatchNorm1d(2).to('float64');
    norm.forward(zeros([3, 2], { dtype: 'float64' }));
    const { running_var, num_batches_tracked } = norm;
    expect([running_var?.dtype, num_batches_tracked?.dtype, num_batches_tracked?.item()]).toEqual([
      'float64',
      'int32',
      1,
    ]);
  });

  test('has seen no batch that it refused', () => {
    const norm = new nn.BatchNorm1d(2);
    expect(() => norm.forward(ones([1, 2]))).toThrow(
      new ShapeError('batchNorm: expected more than 1 value per channel when training, got shape [1, 2]'),
    );
    expect(norm.num_batches_tracked?.item()).toBe(0);
    expect(norm.running_mean?.toArray()).toEqual([0, 0]);
  });

  test('gives of one value in evaluation what the running statistics make of it', () => {
    const norm = new nn.BatchNorm1d(1, { eps: 0 });
    norm.loadStateDict({
      weight: tensor([3]),
      bias: tensor([1]),
      running_mean: tensor([2]),
      running_var: tensor([4]),
      num_batches_tracked: tensor(5, { dtype: 'int32' }),
    });
    expect(
      norm
        .eval()
        .forward(tensor([[6]]))
        .item(),
    ).toBe(7);
  });

  test('uses the statistics of the batch in evaluation too, where none are tracked', () => {
    const norm = new nn.BatchNorm1d(1, { trackRunningStats: false, eps: 0 });
    const x = tensor([[1], [3]]);
    expect(norm.eval().forward(x).toArray()).toEqual([[-1], [1]]);
  });

  test('averages all batches so far with momentum null', () => {
    const norm = new nn.BatchNorm1d(1, { momentum: null });
    for (const center of [1, 2, 6]) norm.forward(tensor([[center - 1], [center + 1]]));
    expect(norm.running_mean?.item()).toBeCloseTo(3, 6);
    expect(norm.running_var?.item()).toBeCloseTo(2, 6);
  });
});

describe('layers that normalise refuse', () => {
  const cases: [string, () => unknown, new (message: string) => Error][] = [
    [
      'BatchNorm1d: expected x of shape [batch, 3] or [batch, 3, length], got [2, 4]',
      () => new nn.BatchNorm1d(3).forward(zeros([2, 4] as number[])),
      ShapeError,
    ],
    [
      'BatchNorm1d: expected x of shape [batch, 3] or [batch, 3, length], got [2, 3, 1, 1]',
      () => new nn.BatchNorm1d(3).forward(zeros([2, 3, 1, 1] as number[])),
      ShapeError,
    ],
    [
      'BatchNorm2d: expected x of shape [batch, 3, height, width], got [2, 3, 4]',
      () => new nn.BatchNorm2d(3).forward(zeros([2, 3, 4] as number[])),
      ShapeError,
    ],
    [
      'BatchNorm2d: expected x to be a tensor of shape [batch, 3, height, width], got null',
      () => (new nn.BatchNorm2d(3) as nn.Module).forward(null),
      ArgumentError,
    ],
    [
      'BatchNorm2d: expected numFeatures to be a whole number of 1 or more, got 0',
      () => new nn.BatchNorm2d(0),
      ArgumentError,
    ],
    [
      'GroupNorm: expected x of shape [batch, 4, ...], got [4]',
      () => new nn.GroupNorm(2, 4).forward(zeros([4] as number[])),
      ShapeError,
    ],
    [
      'GroupNorm: expected x of shape [batch, 4, ...], got [2, 6]',
      () => new nn.GroupNorm(2, 4).forward(zeros([2, 6] as number[])),
      ShapeError,
    ],
    ['GroupNorm: expected numGroups to divide numChannels, got 3 and 4', () => new nn.GroupNorm(3, 4), ArgumentError],
    [
      'GroupNorm: expected numGroups to be a whole number of 1 or more, got 0',
      () => new nn.GroupNorm(0, 4),
      ArgumentError,
    ],
    [
      'rmsNorm: expected an input whose last dims are [3], got shape [2, 4]',
      () => new nn.RMSNorm(3).forward(zeros([2, 4] as number[])),
      ShapeError,
    ],
    [
      'RMSNorm: expected every size of normalizedShape to be a whole number of 1 or more, got -1',
      () => new nn.RMSNorm([2, -1]),
      ArgumentError,
    ],
  ];

  test.each(cases)('%s', (message, call, kind) => {
    expect(call).toThrow(new kind(message));
  });
});

test('RMSNorm starts with ones, may have no weight, and takes the eps of the dtype where none is given', () => {
  const x: Tensor = randn([2, 3]);
  const bare: Tensor = new nn.RMSNorm(3, { elementwiseAffine: false }).forward(x);
  expect(new nn.RMSNorm(3).forward(x).toArray()).toEqual(bare.toArray());
  expect(bare.toArray()).toEqual(x.rmsNorm(3).toArray());
  expect(new nn.RMSNorm(3, { eps: 1 }).forward(x).toArray()).toEqual(x.rmsNorm(3, null, { eps: 1 }).toArray());
  expect(Object.keys(new nn.RMSNorm(3).stateDict())).toEqual(['weight']);
  expect(new nn.RMSNorm(3, { elementwiseAffine: false }).weight).toBeNull();
});

test('layers that normalise print their options', () => {
  const lines = [
    new nn.BatchNorm1d(3, { momentum: null }),
    new nn.BatchNorm2d(3, { eps: 0.1, affine: false, trackRunningStats: false }),
    new nn.GroupNorm(2, 4),
    new nn.RMSNorm([2, 3]),
    new nn.RMSNorm(3, { eps: 0.1, elementwiseAffine: false }),
  ].map(String);
  expect(lines).toEqual([
    'BatchNorm1d(3, eps=0.00001, momentum=null, affine=true, trackRunningStats=true)',
    'BatchNorm2d(3, eps=0.1, momentum=0.1, affine=false, trackRunningStats=false)',
    'GroupNorm(2, 4, eps=0.00001, affine=true)',
    'RMSNorm([2, 3], elementwiseAffine=true)',
    'RMSNorm([3], eps=0.1, elementwiseAffine=false)',
  ]);
});
