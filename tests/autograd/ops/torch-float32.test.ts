import { grad, type Tensor, tensor } from '@tapegrad/autograd';
import { describe, expect, test } from 'vitest';
import { call, type Fixture, fixtures, load, numbersOf, type Stored } from './fixtures.ts';

// The same calls in float32, whose results lie within 2e-6 of those in float64, relative to the element. Sums that
// cancel are of elements of about 1, and lie within 5e-7.

/** Whether float32 has all the numbers of a tensor. */
const isExact = (stored: Stored): boolean =>
  stored.dtype !== 'float64' || numbersOf(stored).every(x => Object.is(Math.fround(x), x));

const inFloat32 = (stored: Stored): Tensor => {
  const x = load(stored);
  return stored.dtype === 'float64' ? x.to('float32') : x;
};

const seedFor = (y: Tensor): Tensor =>
  tensor(
    Float32Array.from({ length: y.size }, (_, j) => (((7 * j) % 11) - 5) / 4 + 0.1),
    { shape: y.shape },
  );

function expectClose(what: string, got: ArrayLike<number>, expected: readonly number[]): void {
  for (let i = 0; i < expected.length; i++) {
    const e = Math.fround(expected[i]);
    const close = Object.is(got[i], e) || Math.abs(got[i] - expected[i]) <= 2e-6 * Math.abs(e) + 5e-7 || got[i] === e;
    expect(close, `${what}, element ${i}: got ${got[i]}, PyTorch has ${expected[i]} in float64`).toBe(true);
  }
}

function check(c: Fixture): void {
  const inputs = c.inputs.map((stored, i) => {
    const x = inFloat32(stored);
    if (c.grads !== undefined && x.dtype === 'float32' && !c.fixed?.includes(i)) x.requiresGrad = true;
    return x;
  });
  const outputs = call(c, inputs, 'method');
  c.outputs.forEach((expected, k) => {
    expect(outputs[k].dtype, `dtype of output ${k}`).toBe(expected.dtype === 'float64' ? 'float32' : expected.dtype);
    expectClose(`output ${k}`, outputs[k].data, numbersOf(expected));
  });
  const { grads } = c;
  const live = outputs.filter(y => y.requiresGrad);
  const wanted = inputs.flatMap((x, i) => (x.requiresGrad && grads?.[i] ? [i] : []));
  if (grads === undefined || wanted.length === 0) return;
  const leaves = wanted.map(i => inputs[i]);
  const found = grad(live, leaves, { gradOutputs: live.map(seedFor), allowUnused: true });
  wanted.forEach((i, k) => {
    const zeros = new Float32Array(inputs[i].size);
    expectClose(`gradient of input ${i}`, found[k]?.data ?? zeros, grads[i]!.map(Number));
  });
}

const all = fixtures.filter(({ inputs }) => inputs.every(isExact));

describe.each([...new Set(all.map(c => c.op))])('%s in float32 is that of PyTorch', op => {
  test.each(all.filter(c => c.op === op).map(c => [c.note ?? 'in general', c] as const))('%s', (_, c) => check(c));
});
