import { cat, grad, ones, randn, type Tensor, tensor, where } from '@tapegrad/autograd';
import { Generator } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

// A gradient rule finds on the tape only what it said that it reads, and only where gradients flow to its input. So the
// gradient of each input alone must be what it is when all inputs require one.

const ids = tensor(
  [
    [0, 2],
    [1, 1],
  ],
  { dtype: 'int32' },
);
const condition = tensor([
  [true, false],
  [false, true],
]);

const operations: [name: string, fn: (...inputs: Tensor[]) => Tensor, shapes: number[][]][] = [
  ['add', (x, y) => x.add(y), [[2, 2], [2]]],
  ['sub', (x, y) => x.sub(y), [[2, 2], [2]]],
  ['mul', (x, y) => x.mul(y), [[2, 2], [2]]],
  ['div', (x, y) => x.div(y), [[2, 2], [2]]],
  ['pow', (x, y) => x.abs().pow(y), [[2, 2], [2]]],
  ['maximum', (x, y) => x.maximum(y), [[2, 2], [2]]],
  ['minimum', (x, y) => x.minimum(y), [[2, 2], [2]]],
  ['atan2', (x, y) => x.atan2(y), [[2, 2], [2]]],
  ['remainder', (x, y) => x.remainder(y), [[2, 2], [2]]],
  ['where', (x, y) => where(condition, x, y), [[2, 2], [2]]],
  [
    'matmul',
    (x, y) => x.matmul(y),
    [
      [2, 3],
      [3, 2],
    ],
  ],
  ['linear', (x, w, b) => x.linear(w, b), [[2, 3], [4, 3], [4]]],
  [
    'cat',
    (x, y) => cat([x, y, x]),
    [
      [2, 2],
      [3, 2],
    ],
  ],
  ['gather', x => x.gather(1, ids), [[2, 3]]],
  [
    'scatter',
    (x, y) => x.scatter(1, ids.slice(0, 0, 1), y),
    [
      [2, 3],
      [2, 2],
    ],
  ],
  [
    'scatterAdd',
    (x, y) => x.scatterAdd(1, ids, y),
    [
      [2, 3],
      [2, 2],
    ],
  ],
  [
    'indexAdd',
    (x, y) => x.indexAdd(0, ids.select(0, 1), y),
    [
      [2, 3],
      [2, 3],
    ],
  ],
  ['layerNorm', (x, w, b) => x.layerNorm(3, w, b), [[2, 3], [3], [3]]],
  ['rmsNorm', (x, w) => x.rmsNorm(3, w), [[2, 3], [3]]],
  ['groupNorm', (x, w, b) => x.groupNorm(1, w, b), [[2, 3], [3], [3]]],
  ['batchNorm', (x, w, b) => x.batchNorm(null, null, w, b, { training: true }), [[2, 3], [3], [3]]],
];

describe('the gradient of one input alone', () => {
  test.each(operations)('is for %s the one that it is among all', (_name, fn, shapes) => {
    const generator = new Generator(3);
    const leaves = shapes.map(shape => randn(shape, { generator, dtype: 'float64', requiresGrad: true }));
    const y = fn(...leaves);
    const gradOutputs = randn(y.shape, { generator, dtype: 'float64' });
    const together = grad(y, leaves, { gradOutputs });
    leaves.forEach((x, i) => {
      const alone = fn(...leaves.map((other, k) => (k === i ? x : other.detach())));
      expect(grad(alone, x, { gradOutputs }).toArray()).toEqual(together[i].toArray());
    });
  });
});

describe('the tape keeps', () => {
  const x = ones([2, 2], { requiresGrad: true });
  const c = ones([2, 2]);

  test('of a product the other factor', () => {
    expect(x.mul(c).node?.inputs[0]).toBeUndefined();
    expect(x.mul(c).node?.inputs[1]).toBe(c);
    expect(c.matmul(x).node?.inputs[0]).toBe(c);
    expect(c.matmul(x).node?.inputs[1]).toBeUndefined();
    expect(x.mul(x).node?.inputs[1]).toBe(x);
  });

  test('of a power the result only where the exponent requires a gradient', () => {
    expect(x.pow(2).node?.output).toBeUndefined();
    const power = c.pow(x);
    expect(power.node?.output).toBe(power);
  });

  test('nothing of what is linear, or only moved', () => {
    for (const y of [
      x.add(c),
      x.sub(c),
      x.neg(),
      x.sum(),
      x.reshape([4]),
      x.transpose(0, 1),
      x.select(0, 1),
      x.to('float64'),
    ])
      expect([y.node?.inputs, y.node?.output]).toEqual([[], undefined]);
  });

  test('nothing at all where no gradient flows', () => {
    for (const y of [c.mul(c), x.gt(0), x.argmax(), x.detach().exp()]) expect(y.node).toBeNull();
  });
});
