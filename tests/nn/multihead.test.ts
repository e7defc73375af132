import {
  ArgumentError,
  DTypeError,
  Generator,
  gradcheck,
  gradgradcheck,
  nn,
  ones,
  ShapeError,
  type Tensor,
  tensor,
  where,
  zeros,
} from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { wave } from './torch.ts';

const throws = (call: () => unknown, kind: new (message: string) => Error, message: string): void =>
  expect(call).toThrow(new kind(message));

const of = (...shape: number[]): Tensor => zeros(shape);
const options = { dtype: 'float64', generator: new Generator(6) } as const;

/** Both have one shape, and nearly the same numbers. */
const close = (a: Tensor, b: Tensor): void => {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(1e-14);
};

describe('MultiheadAttention', () => {
  const attention: nn.MultiheadAttention = new nn.MultiheadAttention(4, 2, options);
  const x = wave([3, 2, 4], 1);

  test('starts Xavier-uniform, with biases of zero', () => {
    const { in_proj_weight, in_proj_bias, out_proj } = new nn.MultiheadAttention(32, 4, {
      generator: new Generator(1),
    });
    const bound = Math.sqrt(6 / (4 * 32));
    expect(in_proj_weight?.abs().max().item()).toBeLessThan(bound);
    expect(in_proj_weight?.abs().max().item()).toBeGreaterThan(0.98 * bound);
    expect(out_proj.weight.abs().max().item()).toBeLessThan(1 / Math.sqrt(32));
    expect(in_proj_bias?.abs().max().item()).toBe(0);
    expect(out_proj.bias?.abs().max().item()).toBe(0);
  });

  test('starts with a learnt key and value that are Xavier-normal, and weights apart for keys of other features', () => {
    const { bias_k, bias_v, in_proj_weight, k_proj_weight, v_proj_weight } = new nn.MultiheadAttention(400, 2, {
      addBiasKv: true,
      kdim: 3,
      generator: new Generator(1),
    });
    // Of [1, 1, 400] it takes 400 as the inputs, and as the outputs 1 · 400.
    for (const added of [bias_k, bias_v]) expect(added?.std().item()).toBeCloseTo(Math.sqrt(2 / 800), 2);
    expect([in_proj_weight, k_proj_weight?.shape, v_proj_weight?.shape]).toEqual([null, [400, 3], [400, 400]]);
  });

  test('gives the same whether the weights are wanted or not', () => {
    const [out, weights] = attention.forward(x, x, x, { isCausal: true });
    const [alone, none] = attention.forward(x, x, x, { isCausal: true, needWeights: false });
    close(alone, out);
    expect(none).toBeNull();
    expect(weights.shape).toEqual([2, 3, 3]);
    expect(weights.sum(-1).toArray()).toEqual(wave([2, 3], 1).mul(0).add(1).toArray());
  });

  test('gives the same for one input as for three that are equal', () => {
    const [out] = attention.forward(x, x.clone(), x.clone());
    close(out, attention.forward(x, x, x)[0]);
  });

  test('sees what comes before alone when it is causal, with masks and added keys too', () => {
    const after = ones([3, 3], { dtype: 'bool' }).triu(1);
    const padding = tensor([
      [false, true, false],
      [false, false, true],
    ]);
    const module: nn.MultiheadAttention = new nn.MultiheadAttention(4, 2, { ...options, addZeroAttn: true });
    for (const layer of [attention, module])
      for (const keyPaddingMask of [null, padding]) {
        const [expected, weights] = layer.forward(x, x, x, { attnMask: after, keyPaddingMask });
        close(layer.forward(x, x, x, { isCausal: true, keyPaddingMask })[0], expected);
        expect(weights.slice(-1, 0, 3).mul(after.to('float64')).sum().item()).toBe(0);
      }
  });

  test('gives weights of zero, and the bias of its last layer, to a query that every key is hidden from', () => {
    const hidden = tensor([
      [false, true, false],
      [true, true, true],
      [false, false, false],
    ]);
    const q = wave([3, 1, 4], 2);
    q.requiresGrad = true;
    for (const attnMask of [hidden, where(hidden, -Infinity, 0)]) {
      const [out, weights] = attention.forward(q, x.narrow(1, 0, 1), x.narrow(1, 0, 1), { attnMask });
      const [alone] = attention.forward(q, x.narrow(1, 0, 1), x.narrow(1, 0, 1), { attnMask, needWeights: false });
      expect(weights.at(0, 1).toArray()).toEqual([0, 0, 0]);
      expect(out.at(1, 0).toArray()).toEqual(attention.out_proj.bias?.toArray());
      close(alone, out);
      q.zeroGrad();
      out.square().sum().add(weights.square().sum()).backward();
      expect(q.grad?.at(1, 0).toArray()).toEqual([0, 0, 0, 0]);
      expect(q.grad?.isFinite().all().item<boolean>()).toBe(true);
    }
  });

  test('drops weights in training alone, from the generator that it was given', () => {
    const make = (): nn.MultiheadAttention =>
      new nn.MultiheadAttention(4, 2, { dropout: 0.5, dtype: 'float64', generator: new Generator(3) });
    const layer = make();
    const [, weights] = layer.forward(x, x, x, { averageAttnWeights: false });
    expect(weights.eq(0).any().item<boolean>()).toBe(true);
    // The same numbers are drawn whether the weights are wanted or not.
    close(make().forward(x, x, x, { needWeights: false })[0], make().forward(x, x, x)[0]);
    const [, whole] = layer.eval().forward(x, x, x);
    expect(whole.eq(0).any().item<boolean>()).toBe(false);
  });

  test('has the gradients of its central differences, first and second order', () => {
    const module: nn.MultiheadAttention = new nn.MultiheadAttention(2, 2, { ...options, addBiasKv: true });
    const mask = tensor([
      [true, false],
      [false, false],
    ]);
    const fn = (q: Tensor, k: Tensor, v: Tensor): Tensor => {
      const [out, weights] = module.forward(q, k, v, { attnMask: mask });
      return out.sum().add(weights.square().sum());
    };
    const inputs = [1, 2, 3].map(i => wave([2, 1, 2], i));
    expect(gradcheck(fn, inputs)).toBe(true);
    expect(gradgradcheck(fn, inputs, { atol: 1e-4 })).toBe(true);
  });

  test('prints what is not as usual', () => {
    expect(String(attention)).toBe(
      'MultiheadAttention(\n  4, 2\n  (out_proj): Linear(inFeatures=4, outFeatures=4, bias=true)\n)',
    );
    const all = { kdim: 3, vdim: 2, dropout: 0.5, bias: false, batchFirst: true, addBiasKv: true, addZeroAttn: true };
    expect(new nn.MultiheadAttention(4, 2, all).extraRepr()).toBe(
      '4, 2, kdim=3, vdim=2, dropout=0.5, bias=false, batchFirst=true, addBiasKv=true, addZeroAttn=true',
    );
  });

  test('refuses sizes that do not fit', () => {
    throws(
      () => new nn.MultiheadAttention(6, 4),
      ArgumentError,
      'MultiheadAttention: expected dim to be a multiple of heads, got dim 6 and 4 heads',
    );
    throws(
      () => new nn.MultiheadAttention(4, 0),
      ArgumentError,
      'MultiheadAttention: expected heads to be a whole number of 1 or more, got 0',
    );
    throws(
      () => new nn.MultiheadAttention(4, 2, { dropout: 2 }),
      ArgumentError,
      'MultiheadAttention: expected a probability dropout in [0, 1], got 2',
    );
  });

  test('refuses inputs that do not fit', () => {
    const forward =
      (...inputs: any[]) =>
      () =>
        new nn.MultiheadAttention(4, 2).forward(...(inputs as [Tensor, Tensor, Tensor]));
    throws(
      forward(of(3, 2, 5), of(3, 2, 4), of(3, 2, 4)),
      ShapeError,
      'MultiheadAttention: expected q of shape [time, batch, 4] or [time, 4], got [3, 2, 5]',
    );
    throws(
      forward(of(3, 2, 4), of(3, 4), of(3, 2, 4)),
      ShapeError,
      'MultiheadAttention: expected k of shape [time, batch, 4], got [3, 4]',
    );
    throws(
      forward(of(3, 4), of(3, 4), 5),
      ArgumentError,
      'MultiheadAttention: expected v to be a tensor of shape [time, 4], got number',
    );
    throws(
      forward(of(3, 2, 4), of(3, 1, 4), of(3, 1, 4)),
      ShapeError,
      'MultiheadAttention: expected q, k and v of one batch size, got [3, 2, 4], [3, 1, 4], [3, 1, 4]',
    );
    throws(
      forward(of(3, 2, 4), of(3, 2, 4), of(5, 2, 4)),
      ShapeError,
      'MultiheadAttention: expected a value in v for each key in k, got [3, 2, 4], [3, 2, 4], [5, 2, 4]',
    );
    throws(
      () => new nn.MultiheadAttention(4, 2, { batchFirst: true }).forward(of(2, 3, 4), of(3, 3, 4), of(3, 3, 4)),
      ShapeError,
      'MultiheadAttention: expected q, k and v of one batch size, got [2, 3, 4], [3, 3, 4], [3, 3, 4]',
    );
  });

  test('refuses masks that do not fit', () => {
    const forward = (masks: any) => () =>
      new nn.MultiheadAttention(4, 2).forward(of(3, 2, 4), of(5, 2, 4), of(5, 2, 4), masks);
    const bools = (...shape: number[]): Tensor => zeros(shape, { dtype: 'bool' });
    throws(
      forward({ attnMask: bools(5, 3) }),
      ShapeError,
      'MultiheadAttention: expected attnMask of shape [3, 5] or [4, 3, 5], got [5, 3]',
    );
    throws(
      forward({ attnMask: of(2, 3, 5) }),
      ShapeError,
      'MultiheadAttention: expected attnMask of shape [3, 5] or [4, 3, 5], got [2, 3, 5]',
    );
    throws(
      forward({ attnMask: zeros([3, 5], { dtype: 'int32' }) }),
      DTypeError,
      'MultiheadAttention: expected attnMask to be of bool or floats, got dtype int32',
    );
    throws(
      forward({ attnMask: true }),
      ArgumentError,
      'MultiheadAttention: expected attnMask to be a tensor of shape [3, 5] or [4, 3, 5], got boolean',
    );
    throws(
      forward({ keyPaddingMask: bools(3, 2) }),
      ShapeError,
      'MultiheadAttention: expected keyPaddingMask of shape [2, 5], got [3, 2]',
    );
    throws(
      () => new nn.MultiheadAttention(4, 2).forward(of(3, 4), of(3, 4), of(3, 4), { keyPaddingMask: bools(1, 3) }),
      ShapeError,
      'MultiheadAttention: expected keyPaddingMask of shape [3], got [1, 3]',
    );
  });
});
