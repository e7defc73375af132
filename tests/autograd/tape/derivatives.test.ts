import {
  hessian,
  jacobian,
  jvp,
  noGrad,
  ones,
  randn,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
} from '@tapegrad/autograd';
import { DTypeError, Generator, GradError, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const x64 = (data: number[]): Tensor => tensor(data, { dtype: 'float64' });

function expectValues(t: Tensor, expected: readonly number[]): void {
  expect(t.size).toBe(expected.length);
  expected.forEach((e, i) => {
    expect(t.data[i]).toBeCloseTo(e, 9);
  });
}

/** f(x) = (x0 x1, sin x1, x0²), of which the Jacobian is [[x1, x0], [0, cos x1], [2 x0, 0]]. */
function f(x: Tensor): Tensor {
  const [a, b] = x;
  return a
    .mul(b)
    .reshape([1])
    .join([b.sin().reshape([1]), a.square().reshape([1])], 0);
}

const at = [0.7, -1.2];
const jacobianOfF = [-1.2, 0.7, 0, Math.cos(-1.2), 1.4, 0];

describe('valueAndGrad', () => {
  test('gives the value and the gradient of every argument', () => {
    const fn = valueAndGrad((x: Tensor, y: Tensor) => x.square().mul(y).sum());
    const [value, [gx, gy]] = fn(x64([1, 2]), x64([3, 4]));
    expect(value.item()).toBe(19);
    expectValues(gx, [6, 16]);
    expectValues(gy, [1, 4]);
  });

  test('gives zeros for an argument that does not matter, and for all where none does', () => {
    const [, [gx, gy]] = valueAndGrad((x: Tensor, _y: Tensor) => x.sum())(ones([2]), ones([3]));
    expect([gx.toArray(), gy.toArray()]).toEqual([
      [1, 1],
      [0, 0, 0],
    ]);
    const [, [g]] = valueAndGrad((_x: Tensor) => ones([]))(ones([2]));
    expect(g.toArray()).toEqual([0, 0]);
  });

  test('leaves its arguments untouched', () => {
    const [x, y] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4])];
    const [value, [gx]] = valueAndGrad((a: Tensor, b: Tensor) => a.mul(b).sum())(x, y);
    expect([x.grad, y.grad, y.requiresGrad]).toEqual([null, null, false]);
    expect([value.requiresGrad, gx.requiresGrad]).toEqual([false, false]);
    expect([x.toArray(), y.toArray()]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('works inside of noGrad', () => {
    const [, [g]] = noGrad(() => valueAndGrad((x: Tensor) => x.square().sum())(tensor([1, 2])));
    expect(g.toArray()).toEqual([2, 4]);
  });

  test('is an error for a value of several elements, and for integers', () => {
    expect(() => valueAndGrad((x: Tensor) => x.mul(2))(ones([2]))).toThrow(
      new GradError('valueAndGrad: expected the function to return one element, got shape [2]'),
    );
    expect(() => valueAndGrad((x: Tensor) => x.sum())(ones([2], { dtype: 'int32' }))).toThrow(
      new DTypeError('valueAndGrad: expected float inputs, got dtype int32 for input 0'),
    );
  });
});

describe('vjp', () => {
  test('pulls a gradient of the value back through the Jacobian, as often as asked', () => {
    const [value, pull] = vjp(f, [x64(at)]);
    expectValues(value, [at[0] * at[1], Math.sin(at[1]), at[0] ** 2]);
    expectValues(pull(x64([1, 0, 0]))[0], [at[1], at[0]]);
    expectValues(pull(x64([1, 2, 3]))[0], [
      jacobianOfF[0] + 2 * jacobianOfF[2] + 3 * jacobianOfF[4],
      jacobianOfF[1] + 2 * jacobianOfF[3] + 3 * jacobianOfF[5],
    ]);
  });

  test('starts from one where the value is a scalar', () => {
    const [, pull] = vjp((x: Tensor, y: Tensor) => x.mul(y).sum(), [x64([1, 2]), x64([3, 4])]);
    const [gx, gy] = pull();
    expectValues(gx, [3, 4]);
    expectValues(gy, [1, 2]);
  });
});

describe('jvp', () => {
  test('gives the derivative along the tangents', () => {
    const [value, tangent] = jvp(f, [x64(at)], [x64([2, 3])]);
    expectValues(value, [at[0] * at[1], Math.sin(at[1]), at[0] ** 2]);
    expectValues(tangent, [2 * at[1] + 3 * at[0], 3 * Math.cos(at[1]), 4 * at[0]]);
  });

  test('adds up what several inputs contribute', () => {
    const [, tangent] = jvp((x: Tensor, y: Tensor) => x.mul(y), [x64([2]), x64([5])], [x64([1]), x64([10])]);
    expectValues(tangent, [5 + 20]);
  });

  test('is zero along an input that does not matter, and everywhere for a constant', () => {
    const [, along] = jvp((x: Tensor, _y: Tensor) => x.square(), [x64([3]), x64([4])], [x64([1]), x64([1])]);
    expectValues(along, [6]);
    const [, constant] = jvp((_x: Tensor) => ones([2]), [x64([3])], [x64([1])]);
    expect(constant.toArray()).toEqual([0, 0]);
  });

  test('agrees with vjp: <u, J v> = <J^T u, v>', () => {
    const generator = new Generator(3);
    const draw = (shape: number[]): Tensor => randn(shape, { generator, dtype: 'float64' });
    const w = draw([4, 5]);
    const fn = (x: Tensor): Tensor => x.matmul(w).tanh().softmax(1);
    const [x, v, u] = [draw([3, 4]), draw([3, 4]), draw([3, 5])];
    const [, forward] = jvp(fn, [x], [v]);
    const [back] = vjp(fn, [x])[1](u);
    expect(forward.mul(u).sum().item()).toBeCloseTo(back.mul(v).sum().item(), 12);
  });

  test('is an error for tangents of the wrong number or shape', () => {
    expect(() => jvp(f, [x64(at)], [])).toThrow(new GradError('jvp: expected one tangent for each of 1 inputs, got 0'));
    expect(() => jvp(f, [x64(at)], [x64([1])])).toThrow(
      new ShapeError("jvp: expected tangent 0 to have its input's shape [2], got [1]"),
    );
  });
});

describe('jacobian', () => {
  test('has the closed form', () => {
    const J = jacobian(f, x64(at));
    expect(J.shape).toEqual([3, 2]);
    expectValues(J.reshape([-1]), jacobianOfF);
  });

  test('has the shape of the value and then that of the input', () => {
    const x = randn([2, 3], { generator: new Generator(1) });
    expect(jacobian(a => a.sum(1, { keepdim: true }), x).shape).toEqual([2, 1, 2, 3]);
    expect(jacobian(a => a.sum(), x).shape).toEqual([2, 3]);
    expect(jacobian(a => a.slice(0, 0, 0), x).shape).toEqual([0, 3, 2, 3]);
  });

  test('of a matrix product is the matrix, and of a constant zero', () => {
    const W = randn([3, 3], { generator: new Generator(1), dtype: 'float64' });
    const J = jacobian(x => W.matmul(x), x64([1, 2, 3]));
    expectValues(J.reshape([-1]), [...W.reshape([-1]).data]);
    expect(jacobian(() => ones([2]), ones([1])).toArray()).toEqual([[0], [0]]);
  });

  test('leaves its argument untouched', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(jacobian(a => a.square(), x).requiresGrad).toBe(false);
    expect(x.grad).toBeNull();
  });
});

describe('hessian', () => {
  test('has the closed form', () => {
    // g = x0² x1 + exp(x1): [[2 x1, 2 x0], [2 x0, exp(x1)]]
    const g = (x: Tensor): Tensor => {
      const [a, b] = x;
      return a.square().mul(b).add(b.exp());
    };
    const H = hessian(g, x64(at));
    expectValues(H.reshape([-1]), [2 * at[1], 2 * at[0], 2 * at[0], Math.exp(at[1])]);
    expect(H.requiresGrad).toBe(false);
  });

  test('of a quadratic form is the matrix plus its transpose, in the shape of the input twice', () => {
    const A = randn([4, 4], { generator: new Generator(2), dtype: 'float64' });
    const quadratic = (x: Tensor): Tensor => x.reshape([4]).dot(A.matmul(x.reshape([4])));
    const H = hessian(quadratic, randn([2, 2], { generator: new Generator(3), dtype: 'float64' }));
    expect(H.shape).toEqual([2, 2, 2, 2]);
    expectValues(H.reshape([-1]), [...A.add(A.transpose(0, 1)).reshape([-1]).data]);
  });

  test('of a linear function is zero', () => {
    expect(hessian(x => x.sum(), ones([2])).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('is an error for a value of several elements', () => {
    expect(() => hessian(x => x, ones([2]))).toThrow(
      new GradError('hessian: expected the function to return one element, got shape [2]'),
    );
  });
});
