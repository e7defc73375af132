import { grad, type Tensor, tensor } from '@tapegrad/autograd';
import { describe, expect, test } from 'vitest';
import { call, type Fixture, fixtureFiles, fixtures, load } from './fixtures.ts';
import { strided } from './layouts.ts';

const seedFor = (y: Tensor): Tensor =>
  tensor(
    Float64Array.from({ length: y.size }, (_, j) => (((7 * j) % 11) - 5) / 4 + 0.1),
    { shape: y.shape },
  );

function expectClose(what: string, got: ArrayLike<number>, expected: readonly (number | string)[], tolerance: number) {
  expect(got.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const e = Number(expected[i]);
    const close = Object.is(got[i], e) || Math.abs(got[i] - e) <= tolerance * Math.max(Math.abs(e), 1);
    expect(close, `${what}, element ${i}: got ${got[i]}, PyTorch has ${e}`).toBe(true);
  }
}

function check(c: Fixture, layout: (x: Tensor) => Tensor, by: 'method' | 'function') {
  const inputs = c.inputs.map((stored, i) => {
    const x = layout(load(stored));
    if (c.grads !== undefined && x.dtype === 'float64' && !c.fixed?.includes(i)) x.requiresGrad = true;
    return x;
  });
  const outputs = call(c, inputs, by);
  const tolerance = c.tolerance ?? 1e-12;
  c.outputs.forEach((expected, k) => {
    expect(outputs[k].shape, `shape of output ${k}`).toEqual(expected.shape);
    expect(outputs[k].dtype, `dtype of output ${k}`).toBe(expected.dtype);
    expectClose(`output ${k}`, outputs[k].data, expected.data, tolerance);
  });
  const { grads } = c;
  if (grads === undefined) return;
  const live = outputs.filter(y => y.requiresGrad);
  const wanted = inputs.flatMap((x, i) => (x.requiresGrad ? [i] : []));
  const found = grad(
    live,
    wanted.map(i => inputs[i]),
    { gradOutputs: live.map(seedFor), allowUnused: true },
  );
  wanted.forEach((i, k) => {
    const expected = grads[i] ?? new Array(inputs[i].size).fill(0);
    expectClose(`gradient of input ${i}`, found[k]?.data ?? new Float64Array(inputs[i].size), expected, tolerance);
  });
}

const layouts: [string, (x: Tensor) => Tensor, 'method' | 'function'][] = [
  ['in row-major order, by its method', x => x, 'method'],
  ['with other strides, by its function', strided, 'function'],
];

describe.each(layouts)('an operation on tensors %s', (_, layout, by) => {
  describe.each([...new Set(fixtures.map(c => c.op))])('%s has the values and gradients of PyTorch', op => {
    test.each(fixtures.filter(c => c.op === op).map(c => [c.note ?? 'in general', c] as const))('%s', (_note, c) =>
      check(c, layout, by),
    );
  });
});

test('the reference values come from PyTorch 1.13', () => {
  expect(fixtureFiles.map(({ torch }) => torch.slice(0, 4))).toEqual(fixtureFiles.map(() => '1.13'));
});
