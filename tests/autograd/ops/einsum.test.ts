import { einsum, grad, gradcheck, gradgradcheck, observe, ones, type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { ArgumentError, DTypeError, ShapeError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indices, pick, tensorOf } from './oracles.ts';
import { op, refuses, scalar, x } from './refusals.ts';

/** A specification as lists of labels; E2 and E1 stand for the dims of an ellipsis, counted from its end. */
interface Drawn {
  readonly spec: string;
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly tensors: readonly Tensor[];
}

const isEllipsis = (label: string): boolean => label.startsWith('E');

/** The labels as they are written, with `...` at the place of the first ellipsis dim, or at `at` where there is none. */
function written(labels: readonly string[], dots: boolean, at: number): string {
  const letters = labels.filter(label => !isEllipsis(label));
  const first = labels.findIndex(isEllipsis);
  if (dots || first >= 0) letters.splice(first >= 0 ? first : Math.min(at, letters.length), 0, '...');
  return letters.join('');
}

const letters = ['i', 'j', 'k', 'J'];

/** The labels of an operand: up to three letters, which may repeat, and the last dims of an ellipsis somewhere among them. */
const operand = (longest: number): fc.Arbitrary<string[]> =>
  fc
    .tuple(fc.array(fc.constantFrom(...letters), { maxLength: 3 }), fc.nat(longest), fc.nat(3))
    .map(([names, dims, at]) => {
      const labels = names.slice();
      labels.splice(Math.min(at, names.length), 0, ...['E2', 'E1'].slice(2 - dims));
      return labels;
    });

/** The letters that stand once, in order, behind the dims of the ellipsis. */
function implied(operands: readonly (readonly string[])[]): string[] {
  const all = operands.flat();
  const once = all.filter(label => !isEllipsis(label) && all.filter(other => other === label).length === 1);
  return [...['E2', 'E1'].filter(label => all.includes(label)), ...once.sort()];
}

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    operands: fc.nat(2).chain(longest => fc.array(operand(longest), { minLength: 1, maxLength: 4 })),
    sizes: fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
    single: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 24, maxLength: 24 }),
    order: fc.shuffledSubarray(['i', 'j', 'k', 'J', '...'], { minLength: 0 }),
    explicit: fc.boolean(),
    at: fc.nat(3),
  })
  .chain(({ operands, sizes, single, order, explicit, at }) => {
    const names = [...letters, 'E2', 'E1'];
    const hasEllipsis = operands.some(labels => labels.some(isEllipsis));
    const shapes = operands.map((labels, o) =>
      labels.map(label => (single[6 * o + names.indexOf(label)] === 0 ? 1 : sizes[names.indexOf(label)])),
    );
    const all = operands.flat();
    const ellipsis = ['E2', 'E1'].filter(label => all.includes(label));
    const kept = order.filter(label => label === '...' || all.includes(label));
    const output = explicit ? kept.flatMap(label => (label === '...' ? ellipsis : [label])) : implied(operands);
    const left = operands.map((labels, o) => written(labels, hasEllipsis && single[o] > 4, at)).join(',');
    const spec = explicit ? `${left}->${kept.join('')}` : left;
    return fc.tuple(...shapes.map(shape => tensorOf(shape))).map(tensors => ({ spec, operands, output, tensors }));
  });

/** The sum over all values of the labels that are not in the output of the products of the elements there. */
function naive({ operands, output, tensors }: Drawn): { shape: number[]; data: number[] } {
  const sizes = new Map<string, number>();
  operands.forEach((labels, o) => {
    labels.forEach((label, d) => {
      const n = tensors[o].shape[d];
      if ((sizes.get(label) ?? 1) === 1) sizes.set(label, n);
    });
  });
  const summed = [...sizes.keys()].filter(label => !output.includes(label));
  const shapeOf = (labels: readonly string[]): number[] => labels.map(label => sizes.get(label)!);
  const nested = tensors.map(t => t.toArray());
  const element = (o: number, at: ReadonlyMap<string, number>): number =>
    pick(
      nested[o],
      operands[o].map((label, d) => (tensors[o].shape[d] === 1 ? 0 : at.get(label)!)),
    );
  const data = indices(shapeOf(output)).map(outer => {
    let sum = 0;
    for (const inner of indices(shapeOf(summed))) {
      const at = new Map([
        ...output.map((label, d): [string, number] => [label, outer[d]]),
        ...summed.map((label, d): [string, number] => [label, inner[d]]),
      ]);
      sum += operands.reduce((product, _, o) => product * element(o, at), 1);
    }
    return sum;
  });
  return { shape: shapeOf(output), data };
}

describe('einsum', () => {
  test('is the sum of products over all values of the labels, for random specifications, shapes and broadcasts', () => {
    const property = fc.property(drawn, given => {
      const { shape, data } = naive(given);
      const result: Tensor = einsum(given.spec, ...given.tensors);
      expect([given.spec, result.shape]).toEqual([given.spec, shape]);
      // All sums are exact, but 0 may have either sign.
      expect(Array.from(result.data, v => v + 0)).toEqual(data.map(v => v + 0));
    });
    fc.assert(property, { seed: 20, numRuns: 1500 });
  });

  test('is tried with repeats, ellipses, broadcasts, sizes of 0, and outputs of both kinds', () => {
    const samples = fc.sample(drawn, { seed: 20, numRuns: 1500 });
    const times = (holds: (d: Drawn) => boolean): number => samples.filter(holds).length;
    expect(times(({ operands }) => operands.some(labels => new Set(labels).size < labels.length))).toBeGreaterThan(100);
    expect(times(({ spec }) => spec.includes('...'))).toBeGreaterThan(100);
    expect(times(({ spec }) => !spec.includes('->'))).toBeGreaterThan(100);
    expect(times(({ tensors }) => tensors.some(t => t.size === 0))).toBeGreaterThan(100);
    expect(times(({ tensors }) => tensors.every(t => t.size > 0))).toBeGreaterThan(100);
  });

  /** The operations that `fn` applies. */
  function applied(fn: () => unknown): string[] {
    const names: string[] = [];
    observe({ applied: ({ name }) => names.push(name) }, fn);
    return names;
  }

  test('of a matrix product is one product, and at most a transpose beside it', () => {
    const [a, b] = [ones([2, 3]), ones([3, 4])];
    expect(applied(() => einsum('ij,jk->ik', a, b))).toEqual(['matmul']);
    expect(applied(() => einsum('ij,jk', a, b))).toEqual(['matmul']);
    expect(applied(() => einsum('bij,bjk->bik', ones([2, 3, 4]), ones([2, 4, 5])))).toEqual(['matmul']);
    expect(applied(() => einsum('ij,kj->ik', a, ones([4, 3])))).toEqual(['permute', 'matmul']);
    expect(applied(() => einsum('ij,ij->ij', a, a))).toEqual(['mul']);
    expect(applied(() => einsum('ij->ji', a))).toEqual(['permute']);
  });

  test('sums a dim that stands nowhere else before it multiplies', () => {
    expect(applied(() => einsum('ij,kl->il', ones([2, 3]), ones([4, 5])))).toEqual([
      'sum',
      'sum',
      'reshape',
      'reshape',
      'mul',
    ]);
    expect(applied(() => einsum('ij,jk->i', ones([2, 3]), ones([3, 4]))).slice(0, 1)).toEqual(['sum']);
  });

  test('promotes as matmul does', () => {
    const ints: Tensor = tensor([1, 2], { dtype: 'int32' });
    expect(einsum('i,i->', ints, ints).dtype).toBe('int32');
    expect(einsum('i,i->', ints, ones([2])).dtype).toBe('float32');
    expect(einsum('i,->i', ones([2]), tensor(2, { dtype: 'float64' })).dtype).toBe('float64');
    expect(einsum('i,i->i', tensor([true, false]), ints).toArray()).toEqual([1, 0]);
    expect(einsum('i->', tensor([true, true])).toArray()).toBe(2);
    expect(einsum('ij->ji', tensor([[true, false]])).dtype).toBe('bool');
  });

  test('has gradients of the first and second order, also where a tensor is an operand twice', () => {
    const of = (...shape: number[]): Tensor =>
      tensor(
        Float64Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => ((i * 7) % 11) / 5 - 1),
        { shape },
      );
    for (const [spec, ...shapes] of [
      ['ij,jk->ki', [2, 3], [3, 2]],
      ['ii,i->i', [2, 2], [2]],
      ['...i,ij,...j->...', [2, 2], [2, 3], [1, 3]],
      ['ij,jk->ik', [2, 1], [3, 2]],
    ] as [string, ...number[][]][]) {
      const fn = (...xs: Tensor[]): Tensor => einsum(spec, ...xs);
      expect(
        gradcheck(
          fn,
          shapes.map(shape => of(...shape)),
        ),
      ).toBe(true);
      expect(
        gradgradcheck(
          fn,
          shapes.map(shape => of(...shape)),
        ),
      ).toBe(true);
    }
    const a: Tensor = tensor([1, 2], { requiresGrad: true });
    expect(grad(einsum('i,i->', a, a), [a])[0].toArray()).toEqual([2, 4]);
    expect(gradgradcheck((t: Tensor) => einsum('ij,jk,kl->il', t, t, t), [of(2, 2)])).toBe(true);
  });
});

describe('einsum names what does not fit', () => {
  const [a, b] = [zeros([2, 3]), zeros([4, 5])];
  refuses([
    [
      "einsum: label j has sizes 3 and 4, in 'ij,jk->ik' with [2, 3] and [4, 5]",
      () => op.einsum('ij,jk->ik', a, b),
      ShapeError,
    ],
    ["einsum: label i has sizes 2 and 3, in 'ii' with [2, 3]", () => op.einsum('ii', a), ShapeError],
    ["einsum: label i has sizes 3 and 1, in 'ii' with [3, 1]", () => op.einsum('ii', zeros([3, 1])), ShapeError],
    [
      "einsum: label i has sizes 2 and 3, in 'i,j,i->' with [2], [4] and [3]",
      () => op.einsum('i,j,i->', zeros([2]), zeros([4]), zeros([3])),
      ShapeError,
    ],
    [
      "einsum: a dim of '...' has sizes 2 and 4, in '...,...->' with [2, 3] and [4, 5]",
      () => op.einsum('...,...->', a, b),
      ShapeError,
    ],
    [
      "einsum: 'ijk' is for 3 dims, operand 1 has shape [4, 5], in 'ij,ijk->i'",
      () => op.einsum('ij,ijk->i', a, b),
      ShapeError,
    ],
    ["einsum: 'i' is for 1 dim, operand 0 has shape [], in 'i->i'", () => op.einsum('i->i', scalar), ShapeError],
    [
      "einsum: 'i...jk' is for 3 dims or more, operand 0 has shape [2, 3], in 'i...jk->i'",
      () => op.einsum('i...jk->i', a),
      ShapeError,
    ],
    ["einsum: 'ij,jk' is for 2 operands, got 1", () => op.einsum('ij,jk', a), ArgumentError],
    ["einsum: 'ij' is for 1 operand, got 2", () => op.einsum('ij', a, b), ArgumentError],
    ["einsum: output label k is that of no operand, in 'ij->k'", () => op.einsum('ij->k', a), ArgumentError],
    ["einsum: output label i is repeated, in 'ij->ii'", () => op.einsum('ij->ii', a), ArgumentError],
    ["einsum: expected at most one '->', got 'ij->ji->ij'", () => op.einsum('ij->ji->ij', a), ArgumentError],
    ...['i1', 'i.j', '....ij', '...i...', 'i-j', 'i>j', 'ij..', '. . .', 'i\tj', 'é'].map(
      (part): [string, () => unknown, typeof ArgumentError] => [
        `einsum: expected letters, and '...' at most once, got '${part}' in '${part}->'`,
        () => op.einsum(`${part}->`, a),
        ArgumentError,
      ],
    ),
    [
      "einsum: expected letters, and '...' at most once, got '......' in 'ij->......'",
      () => op.einsum('ij->......', a),
      ArgumentError,
    ],
    ["einsum: expected a specification such as 'ij,jk->ik', got object", () => op.einsum(x, 'ij->ji'), ArgumentError],
    ["einsum: expected a specification such as 'ij,jk->ik', got undefined", () => op.einsum(), ArgumentError],
    ['einsum: expected tensor 1 to be a tensor, got number', () => op.einsum('ij,->ij', a, 2), ArgumentError],
    ['einsum: expected tensor 0 to be a tensor, got an array', () => op.einsum('ij,jk', [a, b]), ArgumentError],
    ['einsum: expected at least one tensor, got none', () => op.einsum('ij'), ArgumentError],
    [
      'einsum: expected numbers, got 2 bool tensors; use to()',
      () => op.einsum('i,i', tensor([true]), tensor([true])),
      DTypeError,
    ],
  ]);
});
