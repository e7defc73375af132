import {
  detectAnomaly,
  enableGrad,
  grad,
  isGradEnabled,
  noGrad,
  observe,
  ones,
  type Tensor,
  tensor,
} from '@tapegrad/autograd';
import { DTypeError, GradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

describe('noGrad', () => {
  test('gives results that do not require a gradient', () => {
    const x = leaf([1, 2]);
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  test('returns what its function returns', () => {
    expect(noGrad(() => 'value')).toBe('value');
    expect(noGrad(() => undefined)).toBeUndefined();
  });

  test('nests with enableGrad, the innermost being in force', () => {
    const seen: boolean[] = [];
    const note = (): void => {
      seen.push(isGradEnabled());
    };
    note();
    noGrad(() => {
      note();
      enableGrad(() => {
        note();
        noGrad(note);
        note();
      });
      noGrad(note);
      note();
    });
    note();
    expect(seen).toEqual([true, false, true, false, true, false, false, true]);
  });

  test('is over when its function throws, as enableGrad is', () => {
    const fail = (): never => {
      throw new Error('inside');
    };
    expect(() => noGrad(fail)).toThrow('inside');
    expect(isGradEnabled()).toBe(true);
    noGrad(() => {
      expect(() => enableGrad(fail)).toThrow('inside');
      expect(isGradEnabled()).toBe(false);
    });
  });

  test('lets the tape made outside be walked inside', () => {
    const x = leaf(3);
    const y = x.square();
    noGrad(() => y.backward());
    expect(x.grad?.item()).toBe(6);
    expect(noGrad(() => grad(y, x, { createGraph: true })).requiresGrad).toBe(true);
  });

  test('lets leaves that require a gradient be made', () => {
    expect(noGrad(() => leaf(1)).requiresGrad).toBe(true);
  });

  test('is an error for an asynchronous function, as enableGrad, observe and detectAnomaly are', () => {
    const listener = { applied: () => {} };
    const scopes: [string, (fn: () => unknown) => unknown][] = [
      ['noGrad', noGrad],
      ['enableGrad', enableGrad],
      ['observe', fn => observe(listener, fn)],
    ];
    for (const [name, scope] of scopes)
      expect(() => scope(async () => {})).toThrow(
        new GradError(
          `${name}: expected a synchronous function, got one that returned a promise: what it does later is outside of ${name}`,
        ),
      );
    expect(() => detectAnomaly(async () => {})).toThrow(GradError);
    expect(isGradEnabled()).toBe(true);
  });
});

describe('detach', () => {
  test('cuts the history', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const d = y.detach();
    expect([d.requiresGrad, d.isLeaf, y.requiresGrad]).toEqual([false, true, true]);
    y.mul(d).sum().backward();
    expect(x.grad?.toArray()).toEqual([4, 8]);
  });

  test('shares memory with what it was taken from', () => {
    const x = tensor([1, 2, 3]);
    x.detach().assign(7);
    expect(x.toArray()).toEqual([7, 7, 7]);
  });
});

describe('requiresGrad', () => {
  test('can be switched on and off on a leaf', () => {
    const x = ones([2]);
    x.requiresGrad = true;
    x.sum().backward();
    expect(x.grad?.toArray()).toEqual([1, 1]);
    x.requiresGrad = false;
    expect(x.sum().requiresGrad).toBe(false);
    expect(x.grad?.toArray()).toEqual([1, 1]);
  });

  test('may be set to what it is', () => {
    const y = leaf(1).mul(2);
    y.requiresGrad = true;
    expect(y.isLeaf).toBe(false);
    const ids = tensor([1], { dtype: 'int32' });
    ids.requiresGrad = false;
    expect(ids.requiresGrad).toBe(false);
  });

  test('switched off and on again between two uses counts both of them', () => {
    const x = leaf(2);
    const first = x.mul(3);
    x.requiresGrad = false;
    x.requiresGrad = true;
    first.add(x.mul(4)).backward();
    expect(x.grad?.item()).toBe(7);
  });

  test('cannot be switched off on the result of an operation', () => {
    const y = leaf(1).mul(2);
    expect(() => {
      y.requiresGrad = false;
    }).toThrow(
      new GradError('requiresGrad: can only be changed on a leaf, not on the result of an operation; use detach()'),
    );
  });

  test('cannot be switched on for integers and truths', () => {
    for (const dtype of ['int32', 'bool'] as const) {
      const x = ones([2], { dtype });
      expect(() => {
        x.requiresGrad = true;
      }).toThrow(new DTypeError(`requiresGrad: only float tensors can require a gradient, got dtype ${dtype}`));
      expect(() => ones([2], { dtype, requiresGrad: true })).toThrow(DTypeError);
    }
  });
});
