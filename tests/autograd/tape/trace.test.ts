import { defineOp, detectAnomaly, grad, ones, profile, type Tensor } from '@tapegrad/autograd';
import { afterEach, describe, expect, test, vi } from 'vitest';

const leaf = (shape: number[]): Tensor => ones(shape, { requiresGrad: true });

function layer(x: Tensor): Tensor {
  return x.softmax(0).exp();
}

class Network {
  forward(x: Tensor): Tensor {
    return layer(x).sum();
  }
}

const pathsOf = (fn: () => unknown): string[] =>
  profile(fn, { trace: true }).calls.map(({ op, callers }) => [...callers, op].join(' > '));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('profile with trace', () => {
  test('keeps every call in order, with its shapes, and nothing without', () => {
    const step = (): Tensor =>
      leaf([2, 3])
        .matmul(ones([3, 4]))
        .sum();
    expect(profile(step).calls).toEqual([]);
    const { calls, ops, total } = profile(step, { trace: true });
    expect(calls.map(({ op, phase, inputs, output, flops }) => [op, phase, inputs, output, flops])).toEqual([
      [
        'matmul',
        'forward',
        [
          [2, 3],
          [3, 4],
        ],
        [2, 4],
        48,
      ],
      ['sum', 'forward', [[2, 4]], [], 8],
    ]);
    expect(calls.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(total.ms, 9);
    expect(calls[1].start).toBeGreaterThanOrEqual(calls[0].start + calls[0].ms);
    expect(ops).toHaveLength(2);
  });

  test('names the functions between the profiled one and the operation', () => {
    const network = new Network();
    expect(pathsOf(() => network.forward(leaf([3])))).toEqual([
      'Network.forward > layer > softmax',
      'Network.forward > layer > exp',
      'Network.forward > sum',
    ]);
  });

  test('names gradients by the operation, where that was called', () => {
    const network = new Network();
    const paths = pathsOf(() => network.forward(leaf([3])).backward());
    expect(paths).toContain('backward > Network.forward > layer > gradient of exp > mul');
    expect(
      paths.filter(path => path.startsWith('backward > Network.forward > layer > gradient of softmax')),
    ).not.toEqual([]);
  });

  test('names a gradient by the operation alone where that was before', () => {
    const y = leaf([3]).exp();
    expect(pathsOf(() => y.backward(ones([3])))[0]).toBe('backward > gradient of exp > mul');
  });

  test('finds a gradient of a gradient under both', () => {
    const x = leaf([]);
    const paths = pathsOf(() => {
      const [g] = grad([x.exp()], [x], { createGraph: true });
      g.backward();
    });
    expect(paths[0]).toBe('exp');
    expect(paths).toContain('grad > gradient of exp > mul');
    expect(paths).toContain('backward > grad > gradient of exp > gradient of mul > mul');
  });

  test('names operations within hooks and rules of one’s own', () => {
    const double = defineOp({ name: 'double', forward: (x: Tensor) => x.mul(2), backward: g => halve(g) });
    const halve = (g: Tensor): Tensor => g.mul(2);
    const paths = pathsOf(() =>
      double(leaf([2]))
        .sum()
        .backward(),
    );
    expect(paths).toContain('double');
    expect(paths).toContain('backward > gradient of double > backward > halve > mul');
  });

  test('is flat in an engine that tells no names', () => {
    vi.spyOn(globalThis, 'Error').mockImplementation(function (this: object) {
      return Object.assign(this, { stack: undefined });
    } as never);
    const paths = pathsOf(() => layer(leaf([3])).sum());
    expect(paths).toEqual(['softmax', 'exp', 'sum']);
  });

  test('takes nobody else’s functions for its own, in whatever folder a bundle lies', async () => {
    const { folderOf } = await import('../../../packages/autograd/src/trace.ts');
    const installed = folderOf('    at apply (file:///app/node_modules/@tapegrad/autograd/dist/tape/apply.js:3:10)');
    expect(installed).toBe(folderOf('apply@http://localhost/node_modules/@tapegrad/autograd/dist/profile.js:1:1'));
    expect(installed).toMatch(/autograd$/);
    expect(folderOf('    at outer (file:///app/dist/main.js:3:10)')).toBeUndefined();
  });

  test('reads the stacks of other engines', async () => {
    const { nameIn } = await import('../../../packages/autograd/src/trace.ts');
    expect(nameIn('forward@http://localhost/src/model.js:3:10')).toBe('forward');
    expect(nameIn('layer/<@http://localhost/src/model.js:3:10')).toBe('layer');
    expect(nameIn('@http://localhost/src/model.js:3:10')).toBe('');
    expect(nameIn('map@[native code]')).toBe('');
    expect(nameIn('    at new Net (file:///src/model.js:3:10)')).toBe('Net');
    expect(nameIn('    at Net.get [as value] (file:///src/model.js:3:10)')).toBe('Net.get');
    expect(nameIn('    at file:///src/model.js:3:10')).toBe('');
    expect(nameIn('    at Array.map (<anonymous>)')).toBe('');
  });

  test('restores the length of stacks, and goes with the search for anomalies', () => {
    const before = Error.stackTraceLimit;
    expect(() => profile(() => fail(), { trace: true })).toThrow('on purpose');
    expect(Error.stackTraceLimit).toBe(before);
    expect(pathsOf(() => detectAnomaly(() => layer(leaf([2]))))).toContain('detectAnomaly > layer > exp');
  });
});

function fail(): never {
  throw new Error('on purpose');
}
