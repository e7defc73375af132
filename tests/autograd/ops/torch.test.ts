import { readFileSync } from 'node:fs';
import * as ops from '@tapegrad/autograd';
import { grad, type Tensor, tensor } from '@tapegrad/autograd';
import type { DType } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { strided } from './layouts.ts';

// tests/fixtures/torch/ops.py says what the fields mean.
interface Stored {
  readonly shape: number[];
  readonly dtype: DType;
  readonly data: (number | string)[];
}

interface Case {
  readonly op: string;
  readonly note?: string;
  readonly args: unknown[];
  readonly inputs: Stored[];
  readonly outputs: Stored[];
  readonly grads?: ((number | string)[] | null)[];
  readonly fixed?: number[];
  readonly tolerance?: number;
}

const fixture: { torch: string; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/torch/ops.json', import.meta.url), 'utf8'),
);

const load = ({ shape, dtype, data }: Stored): Tensor => tensor(data.map(Number), { dtype, shape });

/** An argument with the inputs and the numbers that JSON does not have put in. */
function argument(value: any, inputs: readonly Tensor[]): unknown {
  if (Array.isArray(value)) return value.map(part => argument(part, inputs));
  if (typeof value !== 'object' || value === null) return value;
  if ('skip' in value) return undefined;
  if ('input' in value) return inputs[value.input];
  if ('number' in value) return Number(value.number);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, argument(part, inputs)]));
}

function call({ op, args }: Case, inputs: readonly Tensor[]): Tensor[] {
  const given = args.map(value => argument(value, inputs));
  const result = op === 'cat' || op === 'stack' ? (ops as any)[op](inputs, ...given) : apply(op, inputs[0], given);
  if ('values' in result && 'indices' in result) return [result.values, result.indices];
  return Array.isArray(result) ? result : [result];
}

const apply = (op: string, x: Tensor, args: unknown[]): any =>
  op === 'where' ? (ops as any).where(x, ...args) : (x as any)[op](...args);

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

function check(c: Case, layout: (x: Tensor) => Tensor) {
  const inputs = c.inputs.map((stored, i) => {
    const x = layout(load(stored));
    if (c.grads !== undefined && x.dtype === 'float64' && !c.fixed?.includes(i)) x.requiresGrad = true;
    return x;
  });
  const outputs = call(c, inputs);
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

const layouts: [string, (x: Tensor) => Tensor][] = [
  ['in row-major order', x => x],
  ['with other strides', strided],
];

describe.each(layouts)('an operation on tensors %s', (_, layout) => {
  describe.each([...new Set(fixture.cases.map(c => c.op))])('%s has the values and gradients of PyTorch', op => {
    test.each(fixture.cases.filter(c => c.op === op).map(c => [c.note ?? 'in general', c] as const))('%s', (_note, c) =>
      check(c, layout),
    );
  });
});

test('the reference values come from PyTorch 1.13', () => {
  expect(fixture.torch).toMatch(/^1\.13/);
});
