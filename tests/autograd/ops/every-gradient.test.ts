import { gradcheck, gradgradcheck, type Tensor } from '@tapegrad/autograd';
import { sizeOf } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { call, type Fixture, fixtures, load } from './fixtures.ts';
import { type Fn, spread } from './inputs.ts';

// Every operation that PyTorch has a gradient of, composition or primitive: its first and second derivatives against central
// differences, in the forms that the fixtures call it in, at points of its domain that are no kinks and no ties.

/** Where operations are smooth, if that is not between 0.2 and 0.8. */
const domains: Readonly<Record<string, readonly [low: number, high: number]>> = { acosh: [1.2, 3], floor: [0.1, 0.4] };

/** Checked elsewhere: its input has to be positive definite. */
const elsewhere = ['cholesky'];

/** Forms whose values are infinite or NaN, or that go by another formula than that of their derivative on purpose. */
const isSingular = ({ op, note }: Fixture): boolean =>
  (op === 'cosineSimilarity' && note === 'of vectors shorter than eps') ||
  ((op === 'std' || op === 'variance') && /^of (one element|. with correction)/.test(note ?? '')) ||
  (op === 'maskedFill' && note === 'with a mask that broadcasts');

const isSmall = ({ inputs }: Fixture): boolean => {
  const sizes = inputs.map(({ shape }) => sizeOf(shape));
  return sizes.every(n => n > 0) && sizes.reduce((a, b) => a + b, 0) <= 48;
};

const differentiable = fixtures.filter(c => c.grads !== undefined && !elsewhere.includes(c.op) && !isSingular(c));
const operations = [...new Set(differentiable.map(({ op }) => op))];

/** Up to four forms of an operation, the smallest ones. */
const formsOf = (op: string): Fixture[] =>
  differentiable
    .filter(c => c.op === op && isSmall(c))
    .sort((a, b) => sizeOf(a.inputs[0].shape) - sizeOf(b.inputs[0].shape))
    .filter((_, i, all) => i % Math.ceil(all.length / 4) === 0);

describe.each(operations)('%s has the derivatives of its central differences, first and second order', op => {
  test('in some form', () => expect(formsOf(op).length).toBeGreaterThan(0));

  test.each(formsOf(op).map(c => [c.note ?? 'in general', c] as const))('%s', (_, c) => {
    const [low, high] = domains[op] ?? [0.2, 0.8];
    const isFixed = (i: number): boolean => c.inputs[i].dtype !== 'float64' || c.fixed?.includes(i) === true;
    const given = c.inputs.map((stored, i) => (isFixed(i) ? load(stored) : spread([...stored.shape], low, high)));
    const free = given.flatMap((_, i) => (isFixed(i) ? [] : [i]));
    const fn: Fn = (...xs) => {
      const inputs = given.map((x, i): Tensor => (isFixed(i) ? x : xs[free.indexOf(i)]));
      return call(c, inputs, 'method').filter(y => y.dtype === 'float64') as unknown as Tensor;
    };
    const inputs = free.map(i => given[i]);
    expect(gradcheck(fn, inputs)).toBe(true);
    expect(gradgradcheck(fn, inputs, { atol: 1e-4 })).toBe(true);
  });
});
