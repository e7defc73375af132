import { grad, type Tensor, tensor, where } from '@tapegrad/autograd';
import { describe, expect, test } from 'vitest';

// Some functions are primitives for the sake of speed alone: one pass instead of several. Each is what it would be as a
// composition of others, values, gradients and second derivatives.

type Fn = (x: Tensor) => Tensor;

const points = [-Infinity, -1000, -6, -3.5, -3, -2, -1, -0.5, -0.25, -0, 0, 0.25, 0.5, 1, 2, 3, 3.5, 6, 1000, Infinity];
const held = (x: Tensor, min: number, max: number): Tensor => where(x.lt(min), min, where(x.gt(max), max, x));

const functions: [name: string, fused: Fn, composed: Fn][] = [
  ['leakyRelu', x => x.leakyRelu(0.2), x => where(x.gt(0), x, x.mul(0.2))],
  ['elu', x => x.elu(0.7), x => where(x.gt(0), x, where(x.gt(0), 0, x).exp().sub(1).mul(0.7))],
  ['hardsigmoid', x => x.hardsigmoid(), x => where(x.le(-3), 0, where(x.ge(3), 1, x.add(3).div(6)))],
  [
    'hardswish',
    x => x.hardswish(),
    x =>
      where(
        x.ge(3),
        x,
        held(x, -3, 3)
          .mul(held(x, -3, 3).add(3))
          .div(6),
      ).maskedFill(x.eq(-Infinity), Number.NaN), // Which is -Infinity · 0.
  ],
  ['clamp', x => x.clamp(-0.5, 2), x => held(x, -0.5, 2)],
  ['clamp from below', x => x.clamp(-0.5), x => where(x.lt(-0.5), -0.5, x)],
  ['clamp from above', x => x.clamp(undefined, 2), x => where(x.gt(2), 2, x)],
  ['clamp with crossed bounds', x => x.clamp(2, -0.5), x => where(x.lt(Infinity), -0.5, -0.5)],
  ['hardtanh', x => x.hardtanh(-0.5, 2), x => where(x.le(-0.5), -0.5, where(x.ge(2), 2, x))],
  ['the power 2, which is a square,', x => x.pow(2), x => x.mul(x)],
  ['sums of squares', x => x.clamp(-9, 9).norm(2).square(), x => x.clamp(-9, 9).mul(x.clamp(-9, 9)).sum()],
];

/** The value, the gradient of its sum, and that of the gradient's sum of squares. */
function derivatives(fn: Fn): number[][] {
  const x: Tensor = tensor(points, { dtype: 'float64', requiresGrad: true });
  const y = fn(x);
  if (!y.requiresGrad) return [Array.from(y.data), points.map(() => 0), points.map(() => 0)];
  const first: Tensor = grad(y.sum(), x, { createGraph: true });
  if (!first.requiresGrad) return [y, first].map(({ data }) => Array.from(data)).concat([points.map(() => 0)]);
  const second: Tensor | null = grad(first.square().sum(), x, { allowUnused: true });
  return [Array.from(y.data), Array.from(first.data), Array.from(second?.data ?? points.map(() => 0))];
}

const close = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b));

describe('a fused primitive is its composition', () => {
  test.each(functions)('%s', (_, fused, composed) => {
    const [got, expected] = [derivatives(fused), derivatives(composed)];
    got.forEach((list, order) => {
      list.forEach((value, i) => {
        const e = expected[order][i] + 0; // -0 is 0
        expect(close(value + 0, e), `order ${order} at ${points[i]}: ${value}, not ${e}`).toBe(true);
      });
    });
  });

  test('and so it is of integers and bools, where the composition has a meaning', () => {
    const ints = tensor([-5, 0, 5], { dtype: 'int32' });
    expect([ints.clamp(-2, 3).dtype, ints.clamp(-2, 3).toArray()]).toEqual(['int32', [-2, 0, 3]]);
    expect([ints.clamp(1).dtype, ints.clamp(1).toArray()]).toEqual(['int32', [1, 1, 5]]);
    expect([ints.clamp(-0.5, 3).dtype, ints.clamp(-0.5, 3).toArray()]).toEqual(['float32', [-0.5, 0, 3]]);
    expect(tensor([true, false]).clamp(undefined, 0).toArray()).toEqual([0, 0]);
    expect([ints.hardswish().dtype, ints.leakyRelu(0.5).toArray()]).toEqual(['float32', [-2.5, 0, 5]]);
  });
});

test('the powers 2 and 0.5 of floats are squares and roots, for which programs have code', () => {
  const x = tensor([1, 4], { requiresGrad: true });
  expect([x.pow(2), x.pow(0.5), x.pow(3)].map(y => y.node?.op?.name)).toEqual(['square', 'sqrt', 'pow']);
  expect(tensor([3], { dtype: 'int32' }).pow(2).dtype).toBe('int32');
});
