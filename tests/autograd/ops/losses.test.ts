import { grad, gradcheck, gradgradcheck, ones, type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { compile } from '@tapegrad/compile';
import { ArgumentError, DTypeError, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { bools, ids, ints, op, refuses, scalar, x } from './refusals.ts';

const f64 = (data: any): Tensor => tensor(data, { dtype: 'float64' });

describe('the losses of probabilities have gradients of the first and second order', () => {
  const p = f64([
    [0.25, 0.5, 0.875],
    [0.125, 0.75, 0.0625],
  ]);
  const t = f64([
    [0.3, 0.9, 0.5],
    [0.25, 0.6, 0.1],
  ]);
  const weight = f64([0.5, 2, 1.5]);
  const cases: Record<string, (...xs: Tensor[]) => Tensor> = {
    binaryCrossEntropy: (x, y) => x.binaryCrossEntropy(y, { weight }),
    'binaryCrossEntropy of certain targets': x => x.binaryCrossEntropy(p.gt(0.3).to('float64'), { reduction: 'sum' }),
    binaryCrossEntropyWithLogits: (x, y) => x.binaryCrossEntropyWithLogits(y, { weight, posWeight: weight.mul(2) }),
    klDiv: (x, y) => x.log().klDiv(y, { reduction: 'batchmean' }),
    'klDiv of logarithms': (x, y) => x.klDiv(y, { logTarget: true, reduction: 'sum' }),
    cosineSimilarity: (x, y) => x.cosineSimilarity(y),
    'cosineSimilarity, broadcast': (x, y) => x.cosineSimilarity(y.select(0, 0), 0),
  };

  test.each(Object.entries(cases))('%s', (_, fn) => {
    const inputs = fn.length === 1 ? [p] : [p, t];
    expect(gradcheck(fn, inputs)).toBe(true);
    expect(gradgradcheck(fn, inputs)).toBe(true);
  });
});

describe('at the ends of what they take', () => {
  test('a sure prediction that is right costs 0, one that is wrong 100', () => {
    const p: Tensor = tensor([0, 1, 0, 1]);
    expect(p.binaryCrossEntropy(tensor([0, 1, 1, 0]), { reduction: 'none' }).data).toEqual(
      Float32Array.of(0, 0, 100, 100),
    );
  });

  test('null as a weight is none, as for the weights of layers', () => {
    const [p, t]: Tensor[] = [f64([[0.25, 0.75]]), f64([[1, 0]])];
    const none = { weight: null, posWeight: null };
    expect(p.crossEntropy(ids(1), none).item()).toBe(p.crossEntropy(ids(1)).item());
    expect(p.crossEntropy(t, none).item()).toBe(p.crossEntropy(t).item());
    expect(p.nllLoss(ids(1), none).item()).toBe(-0.75);
    expect(p.binaryCrossEntropy(t, none).item()).toBe(p.binaryCrossEntropy(t).item());
    expect(p.binaryCrossEntropyWithLogits(t, none).item()).toBe(p.binaryCrossEntropyWithLogits(t).item());
  });

  test('targets may be bools or whole numbers', () => {
    const p: Tensor = tensor([0.5, 0.25]);
    const expected = p.binaryCrossEntropy(tensor([1, 0])).item();
    expect(p.binaryCrossEntropy(tensor([true, false])).item()).toBe(expected);
    expect(p.binaryCrossEntropy(ids(1, 0)).item()).toBe(expected);
  });

  test('the gradient of a Kullback-Leibler target that is 0 is minus the log-probability, where PyTorch has NaN', () => {
    const target: Tensor = f64([0, 1]);
    target.requiresGrad = true;
    const loss: Tensor = f64([-2, -3]).klDiv(target, { reduction: 'sum' });
    expect(grad(loss, [target])[0].toArray()).toEqual([2, 4]);
  });

  test('the gradient of a cosine is finite where a vector is zero', () => {
    const [a, b]: Tensor[] = [zeros([1, 3], { requiresGrad: true }), ones([1, 3], { requiresGrad: true })];
    const similarity: Tensor = a.cosineSimilarity(b);
    expect(similarity.toArray()).toEqual([0]);
    for (const g of grad(similarity.sum(), [a, b])) expect(g.isFinite().all().item()).toBe(true);
  });

  test('a cosine of long vectors is one of short ones, and its dtype that of both', () => {
    const a: Tensor = tensor([3, 4]);
    expect(a.mul(1e15).cosineSimilarity(a.mul(1e-5), 0).item()).toBeCloseTo(1, 6);
    expect(a.cosineSimilarity(f64([4, 3]), 0).dtype).toBe('float64');
    expect(a.cosineSimilarity(ids(4, 3), 0).item()).toBeCloseTo(0.96, 6);
  });
});

describe('in a compiled function', () => {
  test('binaryCrossEntropy looks at the probabilities of the first call; later ones that are none make it NaN', () => {
    const loss = compile((p: Tensor) => p.binaryCrossEntropy(tensor([1, 0])));
    expect(() => loss(tensor([0.5, 1.5]))).toThrow('binaryCrossEntropy: expected probabilities in [0, 1], got 1.5');
    expect(loss(tensor([0.5, 0.5])).item()).toBeCloseTo(Math.LN2, 6);
    expect(loss(tensor([0.5, 1.5])).item()).toBeNaN();
    expect(loss(tensor([-0.5, 0.5])).item()).toBeNaN();
  });
});

describe('what losses do not take is named', () => {
  const p = tensor([
    [0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5],
  ]) as any;
  const wrongReduction = (name: string, ...args: unknown[]): [string, () => unknown, typeof ArgumentError] => [
    `${name}: expected reduction to be 'mean', 'sum' or 'none', got "avg"`,
    () => p[name](...args, { reduction: 'avg' }),
    ArgumentError,
  ];
  const two = [
    'mseLoss',
    'l1Loss',
    'smoothL1Loss',
    'huberLoss',
    'binaryCrossEntropy',
    'binaryCrossEntropyWithLogits',
    'klDiv',
  ];
  refuses([
    ...['mseLoss', 'l1Loss', 'smoothL1Loss', 'huberLoss', 'binaryCrossEntropy', 'binaryCrossEntropyWithLogits'].map(
      name => wrongReduction(name, p),
    ),
    wrongReduction('crossEntropy', ids(0, 1)),
    wrongReduction('nllLoss', ids(0, 1)),
    [
      "klDiv: expected reduction to be 'mean', 'batchmean', 'sum' or 'none', got \"avg\"",
      () => p.klDiv(p, { reduction: 'avg' }),
      ArgumentError,
    ],
    [
      "mseLoss: expected reduction to be 'mean', 'sum' or 'none', got \"batchmean\"",
      () => p.mseLoss(p, { reduction: 'batchmean' }),
      ArgumentError,
    ],
    ...two.flatMap((name): [string, () => unknown, new (message: string) => Error][] => [
      [
        `${name}: expected a target of the prediction's shape [2, 3], got [3]`,
        () => p[name](p.select(0, 0)),
        ShapeError,
      ],
      [
        `${name}: expected a target of the prediction's shape [2, 3], got [2, 3, 1]`,
        () => p[name](p.unsqueeze(2)),
        ShapeError,
      ],
      [`${name}: expected the target to be a tensor, got undefined`, () => p[name](), ArgumentError],
      [`${name}: expected the options to be an object, got null`, () => p[name](p, null), ArgumentError],
    ]),
    [
      'crossEntropy: expected the options to be an object, got string',
      () => p.crossEntropy(ids(0, 1), 'sum'),
      ArgumentError,
    ],
    ['nllLoss: expected the options to be an object, got string', () => p.nllLoss(ids(0, 1), 'sum'), ArgumentError],
    [
      'crossEntropy: expected weight to be a tensor, got an array',
      () => p.crossEntropy(ids(0, 1), { weight: [1, 1, 1] }),
      ArgumentError,
    ],
    [
      'crossEntropy: expected class ids as targets where ignoreIndex is given, got probabilities',
      () => p.crossEntropy(p, { ignoreIndex: 1 }),
      ArgumentError,
    ],
    [
      'binaryCrossEntropy: expected weight to be a tensor, got number',
      () => p.binaryCrossEntropy(p, { weight: 2 }),
      ArgumentError,
    ],
    [
      "binaryCrossEntropy: expected weight to broadcast to the prediction's shape [2, 3], got [2]",
      () => p.binaryCrossEntropy(p, { weight: ones([2]) }),
      ShapeError,
    ],
    [
      "binaryCrossEntropyWithLogits: expected posWeight to broadcast to the prediction's shape [2, 3], got [4, 2, 3]",
      () => p.binaryCrossEntropyWithLogits(p, { posWeight: ones([4, 2, 3]) }),
      ShapeError,
    ],
    ...[-0.5, 1.5, Number.NaN].map((value): [string, () => unknown, typeof ArgumentError] => [
      `binaryCrossEntropy: expected probabilities in [0, 1], got ${value}; use sigmoid(), or binaryCrossEntropyWithLogits`,
      () => tensor([0.5, value]).binaryCrossEntropy(tensor([1, 0])),
      ArgumentError,
    ]),
    ['binaryCrossEntropy: expected a float tensor, got dtype bool', () => bools.binaryCrossEntropy(bools), DTypeError],
    ['klDiv: expected logTarget to be true or false, got 1', () => p.klDiv(p, { logTarget: 1 }), ArgumentError],
    [
      'cosineSimilarity: shapes [2, 3] and [2] do not broadcast: 3 vs 2',
      () => p.cosineSimilarity(ones([2])),
      ShapeError,
    ],
    [
      'cosineSimilarity: dim 1 is out of range for shape [2]',
      () => tensor([1, 2]).cosineSimilarity(tensor([1, 2]) as any),
      ShapeError,
    ],
    ['cosineSimilarity: dim 0 is out of range for shape []', () => scalar.cosineSimilarity(scalar, 0), ShapeError],
    ['cosineSimilarity: expected a float tensor, got dtype int32', () => ints.cosineSimilarity(ints), DTypeError],
    [
      'cosineSimilarity: expected the other operand to be a tensor, got number',
      () => x.cosineSimilarity(1),
      ArgumentError,
    ],
    [
      'cosineSimilarity: expected eps to be a number, got string',
      () => x.cosineSimilarity(x, 1, { eps: '1' }),
      ArgumentError,
    ],
    [
      'cosineSimilarity: expected the options to be an object, got number',
      () => x.cosineSimilarity(x, 1, 1e-8),
      ArgumentError,
    ],
  ]);
});

describe('a loss throws an error of its own, or works, whatever stands for an argument', () => {
  const calls: Record<string, unknown[]> = {
    crossEntropy: [ids(0, 1), {}],
    nllLoss: [ids(0, 1), {}],
    mseLoss: [x, {}],
    l1Loss: [x, {}],
    smoothL1Loss: [x, {}],
    huberLoss: [x, {}],
    binaryCrossEntropy: [x, {}],
    binaryCrossEntropyWithLogits: [x, {}],
    klDiv: [x, {}],
    cosineSimilarity: [x, 1, {}],
    solve: [x, 0],
    cholesky: [{}],
    einsum: [x],
  };
  const odd = [undefined, null, 'x', {}, Number.NaN, true, [], [undefined], ['a'], 1.5, -99, () => 1];
  const options = [
    'reduction',
    'weight',
    'posWeight',
    'ignoreIndex',
    'labelSmoothing',
    'beta',
    'delta',
    'logTarget',
    'eps',
    'upper',
  ];
  const given = [...odd, ...odd.flatMap(value => options.map(name => ({ [name]: value })))];

  test.each(Object.entries(calls))('%s', (name, args) => {
    const foreign: unknown[] = [];
    args.forEach((_, i) => {
      for (const value of given)
        try {
          op[name](x.sigmoid(), ...args.with(i, value));
        } catch (error) {
          if (!/^\w*Error: \w+: /.test(String(error)) || error instanceof TypeError) foreign.push([i, value, error]);
        }
    });
    expect(foreign).toEqual([]);
  });
});
