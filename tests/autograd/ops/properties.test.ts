import * as functions from '@tapegrad/autograd';
import { type Tensor, tensor } from '@tapegrad/autograd';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broadcastable, broadcastIndex, build, elements, indices, pick, tensorOf, viewed } from './oracles.ts';

// Plain nested arrays and one formula per element, against strides, views and fused loops.
const settings = { seed: 20, numRuns: 150 };

const modulo = (a: number, b: number): number => {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
};

const binaries: Record<string, (a: number, b: number) => number | boolean> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => (a === 1 ? 1 : a ** b),
  maximum: Math.max,
  minimum: Math.min,
  atan2: Math.atan2,
  remainder: modulo,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  logicalAnd: (a, b) => a !== 0 && b !== 0,
  logicalOr: (a, b) => a !== 0 || b !== 0,
  logicalXor: (a, b) => (a !== 0) !== (b !== 0),
};

describe.each(Object.entries(binaries))('%s', (name, formula) => {
  test('broadcasts as the formula over nested arrays does', () => {
    const property = fc.property(
      broadcastable.chain(([a, b]) => fc.tuple(tensorOf(a), tensorOf(b))),
      ([x, y]) => {
        const ndim = Math.max(x.ndim, y.ndim);
        const full = (t: Tensor): number[] => [...new Array(ndim - t.ndim).fill(1), ...t.shape];
        const shape = full(x).map((n, d) => (n === 1 ? full(y)[d] : n));
        const [p, q] = [x.toArray(), y.toArray()];
        const result: Tensor = (x as any)[name](y);
        expect(result.shape).toEqual(shape);
        expect(result.toArray()).toEqual(
          build(shape, i => formula(pick(p, broadcastIndex(i, x.shape)), pick(q, broadcastIndex(i, y.shape)))),
        );
      },
    );
    fc.assert(property, settings);
  });
});

const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0);
const reductions: Record<string, { fold: (xs: number[]) => number | boolean; empty: boolean }> = {
  sum: { fold: sum, empty: true },
  prod: { fold: xs => xs.reduce((a, b) => a * b, 1), empty: true },
  mean: { fold: xs => sum(xs) / xs.length, empty: true },
  amax: { fold: xs => Math.max(...xs), empty: false },
  amin: { fold: xs => Math.min(...xs), empty: false },
  all: { fold: xs => xs.every(x => x !== 0), empty: true },
  any: { fold: xs => xs.some(x => x !== 0), empty: true },
  logsumexp: { fold: xs => Math.log(sum(xs.map(Math.exp))), empty: true },
  norm: { fold: xs => Math.hypot(...xs), empty: true },
};

const reduced = viewed.chain(x =>
  fc.tuple(fc.constant(x), fc.subarray([...x.shape.keys()], { minLength: 1 }), fc.boolean(), fc.boolean()),
);

describe.each(Object.entries(reductions))('%s', (name, { fold, empty }) => {
  test('over random dims of random views folds what nested arrays hold there', () => {
    const property = fc.property(reduced, ([x, dims, keepdim, fromEnd]) => {
      if (!empty && dims.some(d => x.shape[d] === 0)) return;
      const named = dims.map(d => (fromEnd ? d - x.ndim : d));
      const args = name === 'norm' ? [2, named] : [named];
      const result: Tensor = (x as any)[name](...args, { keepdim });
      const kept = x.shape.map((n: number, d: number) => (dims.includes(d) ? 1 : n));
      const nested = x.toArray();
      const oracle = indices(kept).map(index =>
        fold(
          indices(x.shape.map((n: number, d: number) => (dims.includes(d) ? n : 1))).map(inner =>
            pick(
              nested,
              inner.map((i, d) => i + index[d]),
            ),
          ),
        ),
      );
      expect(result.shape).toEqual(keepdim ? kept : kept.filter((_: number, d: number) => !dims.includes(d)));
      expect(result.data.length).toBe(oracle.length);
      oracle.forEach((expected, i) => {
        if (Number.isFinite(Number(expected))) expect(result.data[i]).toBeCloseTo(Number(expected), 10);
        else expect(result.data[i]).toBe(expected);
      });
    });
    fc.assert(property, settings);
  });
});

/** One operation at least for each kernel, with arguments that fit any tensor of one dim or more. */
const throughEveryKernel: Record<string, (x: Tensor) => Tensor> = {
  'a loop of one operand': x => x.exp(),
  'a loop of two operands': x => x.mul(x.add(1)),
  'a loop with a scalar on the left': x => tensor(2, { dtype: 'float64' }).sub(x),
  'a cast': x => x.to('float32'),
  'a cast to bool': x => x.to('bool'),
  'a copy': x => x.clone(),
  'a choice': x => functions.where(x.gt(0), x, 1),
  'a full fold': x => x.sum(),
  'a fold of the first dim': x => x.sum(0),
  'a fold of the last dim': x => x.prod(-1),
  'a position': x => (x.shape.at(-1) === 0 ? x : x.argmax(-1)),
  'a running sum': x => x.cumsum(0),
  'a running product': x => x.cumprod(-1),
  'a sort': x => x.argsort(0),
  'a softmax': x => x.softmax(0),
  'a logarithm of softmax': x => x.logSoftmax(-1),
  'a product with its transpose': x => (x.ndim === 1 ? x.matmul(x) : x.matmul(x.transpose(-1, -2))),
  'a product of its transpose': x => (x.ndim === 1 ? x.matmul(x) : x.transpose(-1, -2).matmul(x)),
  'a selection by ids': x => x.indexSelect(-1, tensor(x.shape.at(-1) === 0 ? [] : [0, -0, 0], { dtype: 'int32' })),
  'a gathering': x => x.gather(0, x.argsort(0)),
  'a scattering': x => x.scatter(0, x.argsort(0), x),
  'an adding scattering': x => x.scatterAdd(-1, x.argsort(-1).mul(0), x),
  'an adding selection': x => x.indexAdd(0, tensor(Int32Array.from({ length: x.shape[0] }, () => 0)), x),
  'an adding slice': x => x.sliceAdd(x, { dim: 0, start: 0, length: x.shape[0], step: 1 }),
  'a concatenation': x => functions.cat([x, x], -1),
  'a reshaping': x => x.reshape([x.size]),
  'a row of views': x =>
    x
      .flip(0)
      .unsqueeze(0)
      .squeeze(0)
      .transpose(0, -1)
      .expand([2, ...x.transpose(0, -1).shape]),
};

describe('a view gives the same as its contiguous copy through', () => {
  test.each(Object.entries(throughEveryKernel))('%s', (_, fn) => {
    fc.assert(
      fc.property(viewed, x => {
        const [view, copy] = [fn(x), fn(tensor(x.data.slice(), { shape: x.shape }))];
        expect(view.shape).toEqual(copy.shape);
        expect(view.data).toEqual(copy.data);
        expect(view.toArray()).toEqual(copy.toArray());
      }),
      settings,
    );
  });

  test('and the random views are often not contiguous', () => {
    const drawn = fc.sample(viewed, settings);
    expect(drawn.filter(x => !x.value.contiguous).length).toBeGreaterThan(drawn.length / 4);
    expect(drawn.filter(x => x.size === 0).length).toBeGreaterThan(0);
  });
});

describe('in float32', () => {
  const ops: Record<string, (x: Tensor) => Tensor> = {
    exp: x => x.exp(),
    tanh: x => x.tanh(),
    erf: x => x.erf(),
    gelu: x => x.gelu(),
    add: x => x.add(0.1),
    mul: x => x.mul(x.sub(1.7)),
    div: x => x.div(3),
    sum: x => x.sum(),
    mean: x => x.mean(0),
    std: x => x.std(0, { correction: 0 }),
    logsumexp: x => x.logsumexp(0),
    softmax: x => x.softmax(0),
    matmul: x => x.matmul(x),
    layerNorm: x => x.layerNorm(x.shape[0]),
    rmsNorm: x => x.rmsNorm(x.shape[0]),
    groupNorm: x => x.expand([2, 1, x.size]).groupNorm(1),
  };

  test.each(Object.keys(ops))('%s equals the float64 result to float32 precision', name => {
    const property = fc.property(fc.array(elements, { minLength: 1, maxLength: 40 }), data => {
      const [single, double] = [ops[name](tensor(data)), ops[name](tensor(data, { dtype: 'float64' }))];
      expect(single.dtype).toBe('float32');
      const largest = Math.max(1, ...double.data.map(Math.abs));
      single.data.forEach((v, i) => {
        expect(Math.abs(v - double.data[i])).toBeLessThanOrEqual(4e-6 * largest);
      });
    });
    fc.assert(property, settings);
  });
});
