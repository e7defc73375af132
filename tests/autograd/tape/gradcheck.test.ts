import { defineOp, gradcheck, gradgradcheck, randn, type Tensor, tensor } from '@tapegrad/autograd';
import { DTypeError, Generator, GradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const draw = (...shape: number[]): Tensor => randn(shape, { generator: new Generator(1) });

/** x² with a gradient of one's choice in place of 2 g x. */
const square = (backward: (right: Tensor) => Tensor): ((x: Tensor) => Tensor) =>
  defineOp({
    name: 'square',
    forward: (x: Tensor) => x.mul(x),
    backward: (g, [x]) => backward(g.mul(x).mul(2)),
  });

const maskOf = (t: Tensor, i: number): Tensor => {
  const mask = t.mul(0).detach();
  mask.data[i] = 1;
  return mask;
};

describe('gradcheck', () => {
  test('passes right gradients', () => {
    expect(gradcheck(x => x.tanh(), draw(2, 3))).toBe(true);
    expect(gradcheck((x, w, b) => x.matmul(w).add(b), [draw(2, 3), draw(3, 2), draw(2)])).toBe(true);
    expect(
      gradcheck(
        square(right => right),
        draw(3),
      ),
    ).toBe(true);
  });

  const wrong: [string, (right: Tensor) => Tensor][] = [
    ['twice too large', right => right.mul(2)],
    ['of the wrong sign', right => right.neg()],
    ['wrong in one element', right => right.add(maskOf(right, 2))],
    ['missing in one element', right => right.mul(maskOf(right, 2).neg().add(1))],
    ['1 % off', right => right.mul(1.01)],
    ['NaN', right => right.mul(Number.NaN)],
    ['NaN in one element', right => right.add(maskOf(right, 1).log().mul(0))],
    ['infinite', right => right.div(0)],
    ['reversed', right => right.flip(0)],
    ['zero', right => right.mul(0)],
  ];

  test.each(wrong)('fails a gradient that is %s', (_kind, backward) => {
    expect(() => gradcheck(square(backward), tensor([1, 2, 3]))).toThrow(GradError);
  });

  test('names the input, the element, the analytic and the numeric value', () => {
    const fn = square(right => right.add(maskOf(right, 4)));
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(() => gradcheck((_a, b) => fn(b), [draw(2), x])).toThrow(
      /^gradcheck: input 1 of shape \[2, 3\], element \[1, 1\], output 0, element \[0, 0\]: analytic 1, numeric 0$/,
    );
  });

  test('checks every one of several outputs', () => {
    const right = (x: Tensor): Tensor[] => [x.sin(), x.sum(), x.mul(2).exp()];
    expect(gradcheck(right, draw(3))).toBe(true);
    const fn = square(r => r.mul(3));
    expect(() => gradcheck(x => [x.sin(), fn(x)], tensor([1]))).toThrow(
      /output 1, element \[0\]: analytic 6, numeric /,
    );
  });

  test('counts an output that does not depend on an input as zero', () => {
    expect(gradcheck((x, y) => [x.square(), y.square(), x.detach().sign()], [draw(3), draw(2)])).toBe(true);
    expect(() => gradcheck(x => x.detach().square(), draw(2))).toThrow(GradError);
  });

  test('computes in float64 whatever the inputs are', () => {
    const seen = new Set<string>();
    gradcheck(
      (x, y) => {
        seen.add(x.dtype).add(y.dtype);
        return x.mul(y);
      },
      [draw(2), randn([2], { dtype: 'float64', generator: new Generator(2) })],
    );
    expect([...seen]).toEqual(['float64']);
  });

  test('passes integers and truths on as they are', () => {
    const ids = tensor([2, 0, 0], { dtype: 'int32' });
    const mask = tensor([true, false, true]);
    const fn = (x: Tensor, i: Tensor, m: Tensor): Tensor => {
      expect(i).toBe(ids);
      expect(m).toBe(mask);
      return x.indexSelect(0, i).maskedFill(m, 0);
    };
    expect(gradcheck(fn, [draw(3), ids, mask])).toBe(true);
  });

  test('leaves its inputs as they were', () => {
    const x = tensor([0.1, 0.7], { requiresGrad: true });
    const view = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64' },
    )
      .transpose(0, 1)
      .select(0, 1);
    const before = [x.toArray(), view.toArray()];
    gradcheck((a, b) => a.mul(b), [x, view]);
    expect(() =>
      gradcheck(
        square(r => r.neg()),
        x,
      ),
    ).toThrow(GradError);
    expect([x.toArray(), view.toArray()]).toEqual(before);
    expect(x.grad).toBeNull();
    expect(view.requiresGrad).toBe(false);
  });

  test('takes its step and its tolerances from the options', () => {
    const off = square(right => right.mul(1.01));
    expect(gradcheck(off, tensor([1, 2]), { rtol: 0.02 })).toBe(true);
    expect(gradcheck(off, tensor([1, 2]), { atol: 0.1 })).toBe(true);
    expect(() => gradcheck(x => x.pow(3), tensor([1]), { eps: 0.5 })).toThrow(/analytic 3, numeric 3\.25$/);
  });

  test('is an error without a float input, and for an output in another dtype', () => {
    expect(() => gradcheck(x => x, tensor([1], { dtype: 'int32' }))).toThrow(
      new DTypeError('gradcheck: expected at least one float input'),
    );
    expect(() => gradcheck(x => [x, x.to('float32')], draw(2))).toThrow(
      new DTypeError('gradcheck: expected output 1 to be float64, as the inputs are, got float32'),
    );
  });
});

describe('gradgradcheck', () => {
  test('passes right second derivatives', () => {
    expect(gradgradcheck(x => x.tanh(), draw(2, 2))).toBe(true);
    expect(gradgradcheck((x, w) => x.matmul(w).softmax(1), [draw(2, 3), draw(3, 2)])).toBe(true);
    expect(gradgradcheck(x => [x.exp(), x.sum()], draw(2))).toBe(true);
  });

  test('fails a first derivative that is right and does not differentiate again', () => {
    const raw = square(right => right.detach());
    expect(gradcheck(raw, tensor([1, 2]))).toBe(true);
    expect(() => gradgradcheck(raw, tensor([1, 2]))).toThrow(
      /^gradgradcheck: input 0 of shape \[2\], element \[0\], output 0, element \[0\]: analytic 0, numeric /,
    );
  });

  test('names the gradient that a wrong derivative is with respect to', () => {
    const stuck = defineOp({
      name: 'stuck',
      forward: (x: Tensor) => x.mul(2),
      backward: g => g.detach().mul(2),
    });
    expect(gradcheck(stuck, tensor([1, 2]))).toBe(true);
    expect(() => gradgradcheck(stuck, tensor([1, 2]))).toThrow(
      /^gradgradcheck: the gradient of output 0 of shape \[2\], element \[0\], output 0, element \[0\]: analytic 0, numeric /,
    );
  });
});
