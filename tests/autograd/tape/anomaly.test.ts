import { defineOp, detectAnomaly, grad, ones, type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { GradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

/** The line within this file that a text names; in a browser, of its address and what the server made of it. */
const lineIn = (text = ''): number => Number(/anomaly\.test\.ts(?:\?\S*)?:(\d+):/.exec(text)?.[1]);

/** The line that calls this one. */
const thisLine = (): number => lineIn(new Error().stack?.split('\n')[2]);

/** The message of the anomaly in `fn`. */
const anomalyIn = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    if (error instanceof GradError) return error.message;
    throw error;
  }
  throw new Error('expected an anomaly');
};

describe('detectAnomaly', () => {
  test('returns what its function returns where all is well', () => {
    expect(detectAnomaly(() => leaf([1, 2]).square().sum().item())).toBe(5);
  });

  test('names the operation that gives NaN, its shapes and the line that called it', () => {
    let here = 0;
    const message = anomalyIn(() =>
      detectAnomaly(() => {
        const x = tensor([4, -1]);
        here = thisLine();
        return x.sqrt();
      }),
    );
    expect(message).toMatch(/^detectAnomaly: sqrt of \[2\] gave NaN at element 1, called at /);
    expect(lineIn(message)).toBe(here + 1);
  });

  test('names the operation that gives Infinity', () => {
    expect(() => detectAnomaly(() => ones([2, 3]).div(tensor([1, 0, 1])))).toThrow(
      /^detectAnomaly: div of \[2, 3\], \[3\] gave Infinity at element 1, called at .*anomaly\.test\.ts/,
    );
    expect(() => detectAnomaly(() => zeros([]).log())).toThrow(
      /^detectAnomaly: log of \[\] gave -Infinity at element 0/,
    );
  });

  test('names the caller of a composed operation, not the line within it', () => {
    expect(() => detectAnomaly(() => tensor([-1]).std(0, { correction: 1 }))).toThrow(
      /gave NaN at element 0, called at .*anomaly\.test\.ts/,
    );
  });

  test('names the operation whose gradient is infinite, and the line that called it forward', () => {
    let here = 0;
    const message = anomalyIn(() =>
      detectAnomaly(() => {
        const x = leaf([0, 4]);
        here = thisLine();
        const y = x.sqrt();
        return y.sum().backward();
      }),
    );
    expect(message).toMatch(/^detectAnomaly: the gradient of sqrt of shape \[2\] is Infinity at element 0, called at /);
    expect(lineIn(message)).toBe(here + 1);
  });

  test('names the operation whose gradient is NaN: 0 times the infinite slope of a root at 0', () => {
    expect(() => detectAnomaly(() => leaf([0]).sqrt().mul(0).sum().backward())).toThrow(
      /^detectAnomaly: the gradient of sqrt of shape \[1\] is NaN at element 0, called at .*anomaly\.test\.ts/,
    );
  });

  test('finds it in grad(), in a graph being created, and for part of a tensor', () => {
    const x = leaf([0, 1]);
    expect(() => detectAnomaly(() => grad(x.sqrt().sum(), x, { createGraph: true }))).toThrow(/the gradient of sqrt/);
    expect(() => detectAnomaly(() => x.slice(0, 0, 1).backward(tensor([Number.NaN])))).toThrow(
      /^detectAnomaly: the gradient of slice of shape \[1\] is NaN at element 0/,
    );
  });

  test('leaves every grad as it was', () => {
    const [x, w] = [leaf([0]), leaf([1])];
    expect(() => detectAnomaly(() => x.sqrt().add(w).sum().backward())).toThrow(GradError);
    expect([x.grad, w.grad]).toEqual([null, null]);
  });

  test('says of an operation that was called before it only that', () => {
    const y = leaf([0]).sqrt().sum();
    expect(() => detectAnomaly(() => y.backward())).toThrow(
      new GradError(
        'detectAnomaly: the gradient of sqrt of shape [1] is Infinity at element 0, called before detectAnomaly',
      ),
    );
  });

  test('minds only the result of a gradient rule, not what is infinite on the way', () => {
    const [x, y] = [leaf([0]), leaf([2])];
    detectAnomaly(() => x.pow(y).sum().backward()); // 0² log 0 is masked
    expect([x.grad?.item(), y.grad?.item()]).toEqual([0, 0]);
  });

  test('finds it in the gradients of an operation of your own', () => {
    const broken = defineOp({
      name: 'broken',
      forward: (a: Tensor, b: Tensor) => a.add(b),
      backward: g => [null, g.mul(Number.NaN)],
    });
    expect(() => detectAnomaly(() => broken(leaf(1), leaf(2)).backward())).toThrow(
      /^detectAnomaly: the gradient of broken of shape \[\] is NaN at element 0, called at .*anomaly\.test\.ts/,
    );
  });

  test('is not concerned with integers', () => {
    expect(detectAnomaly(() => tensor([1, 2], { dtype: 'int32' }).add(1).toArray())).toEqual([2, 3]);
  });

  test('nests, and is over when its function returns or throws', () => {
    const bad = (): Tensor => zeros([]).log();
    detectAnomaly(() => {
      detectAnomaly(() => ones([]));
      expect(() => detectAnomaly(bad)).toThrow(GradError);
      expect(bad).toThrow(GradError);
    });
    expect(bad().item()).toBe(-Infinity);
  });

  test('goes on after an anomaly in a gradient that was caught', () => {
    detectAnomaly(() => {
      expect(() => leaf([0]).sqrt().sum().backward()).toThrow(GradError);
      expect(() => zeros([]).log()).toThrow(GradError);
    });
  });

  test('finds the caller however shallow stack traces are, and leaves them so', () => {
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 1;
    try {
      expect(() => detectAnomaly(() => zeros([]).log())).toThrow(/called at .*anomaly\.test\.ts/);
      expect(Error.stackTraceLimit).toBe(1);
    } finally {
      Error.stackTraceLimit = before;
    }
  });
});
