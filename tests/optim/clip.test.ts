import { ArgumentError, nn, ones, optim, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const withGradient = (values: number[]) => {
  const p = new nn.Parameter(ones([values.length]));
  p.grad = tensor(values);
  return p;
};

const throws = (call: () => unknown, message: string): void => expect(call).toThrow(new ArgumentError(message));

describe('clipGradNorm', () => {
  test('scales gradients that are too long together, and says how long they were', () => {
    const params = [withGradient([3, 0]), withGradient([0, 4])];
    expect(optim.clipGradNorm(params, 1).item()).toBe(5);
    expect(params.map(p => p.grad?.toArray().map((g: number) => g.toFixed(5)))).toEqual([
      ['0.60000', '0.00000'],
      ['0.00000', '0.80000'],
    ]);
  });

  test('leaves short gradients as they are', () => {
    const p = withGradient([3, 4]);
    expect(optim.clipGradNorm(p, 5.1).item()).toBe(5);
    expect(p.grad?.toArray()).toEqual([3, 4]);
  });

  test('is 0 where there are no gradients', () => {
    expect(optim.clipGradNorm([], 1).item()).toBe(0);
    expect(optim.clipGradNorm([new nn.Parameter(ones([2]))], 1).item()).toBe(0);
  });

  test('leaves a tensor that was read from grad before as it was', () => {
    const p = withGradient([30, 40]);
    const { grad } = p;
    optim.clipGradNorm(p, 1);
    expect(grad?.toArray()).toEqual([30, 40]);
  });

  test('of NaN makes all gradients NaN, as in PyTorch', () => {
    const params = [withGradient([1]), withGradient([Number.NaN])];
    expect(optim.clipGradNorm(params, 1).item()).toBeNaN();
    expect(params[0].grad?.item()).toBeNaN();
  });

  test('refuses bounds that make no sense', () => {
    throws(() => optim.clipGradNorm([], Number.NaN), 'clipGradNorm: expected a max norm of 0 or more, got NaN');
    throws(() => optim.clipGradNorm([], -1), 'clipGradNorm: expected a max norm of 0 or more, got -1');
    throws(() => optim.clipGradNorm([], 1, { normType: 0 }), 'clipGradNorm: expected a normType above 0, got 0');
    const model: any = new nn.Linear(1, 1);
    throws(
      () => optim.clipGradNorm(model, 1),
      'clipGradNorm: expected params to be tensors in an array or another iterable, got an object',
    );
  });
});

describe('clipGradValue', () => {
  test('holds every element between the bounds', () => {
    const p = withGradient([-3, 0.5, 4]);
    optim.clipGradValue(p, 1);
    expect(p.grad?.toArray()).toEqual([-1, 0.5, 1]);
  });

  test('refuses bounds that make no sense', () => {
    throws(() => optim.clipGradValue([], Number.NaN), 'clipGradValue: expected a max of 0 or more, got NaN');
  });
});
