import { type Primitive, primitives } from '@tapegrad/autograd';
import { grad, gradcheck, gradgradcheck, stack, type Tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { cases, type Fn, type Name, spread } from './cases.ts';

/** The same elements, two apart in the buffer. */
const strided = (x: Tensor): Tensor => (x.dtype === 'float64' ? stack([x, x], -1).select(-1, 0) : x);

const layouts: [string, (x: Tensor) => Tensor][] = [
  ['contiguous', x => x],
  ['strided', strided],
];

describe.each(layouts)('on %s inputs', (_, layout) => {
  describe.each(
    Object.entries(cases).flatMap(([name, list]) => (list === 'no gradient' ? [] : [[name, list] as const])),
  )('%s has the gradient of its central differences, first and second order', (_name, list) => {
    test.each(list.map(c => [c.of, c] as const))('at %s', (_of, { fn, inputs }) => {
      const bent: Fn = (...xs) => fn(...xs.map(layout));
      expect(gradcheck(bent, inputs)).toBe(true);
      expect(gradgradcheck(bent, inputs, { atol: 1e-4 })).toBe(true);
    });
  });
});

describe('a gradient has the shape of its input', () => {
  test.each(
    Object.entries(cases).flatMap(([name, list]) =>
      list === 'no gradient' ? [] : list.map(c => [`${name} at ${c.of}`, c] as const),
    ),
  )('%s', (_, { fn, inputs }) => {
    const leaves = inputs.map(x => x.clone());
    for (const x of leaves) x.requiresGrad = true;
    const gradients = grad(fn(...leaves).sum(), leaves, { createGraph: true });
    expect(gradients.map((g: Tensor) => [g.shape, g.dtype])).toEqual(inputs.map(x => [x.shape, 'float64']));
  });
});

describe('the table of primitives', () => {
  const table = primitives as Record<string, Primitive<any>>;

  test('has a case here for every primitive, and no other', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(table).sort());
  });

  test.each(Object.keys(table))('%s is differentiable just where it says so', name => {
    const { gradients } = table[name];
    const rules = Array.isArray(gradients) ? gradients : [gradients];
    expect(cases[name as Name] === 'no gradient').toBe(rules.every(rule => rule === null));
  });

  test('gives comparisons and positions without a history', () => {
    const x = spread([2, 3]);
    x.requiresGrad = true;
    const results: Tensor[] = [
      x.eq(0),
      x.ne(0),
      x.lt(0),
      x.le(0),
      x.gt(0),
      x.ge(0),
      x.logicalAnd(1),
      x.logicalOr(1),
      x.logicalXor(1),
      x.argmax(0),
      x.argmin(0),
      x.argsort(0),
    ];
    expect(results.map(y => y.requiresGrad)).toEqual(results.map(() => false));
  });
});
