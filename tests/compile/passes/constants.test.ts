import { full, ones, rand, randn, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../packages/compile/src/graph/graph.ts';
import { foldConstants } from '../../../packages/compile/src/passes/constants.ts';
import { changed, graphOf, namesAfter } from './graphs.ts';

const x = randn([2, 3]);

/** The numbers of the constants that a graph reads. */
const constantsOf = ({ operations, results }: Graph): number[][] =>
  [...operations.flatMap(({ inputs }) => inputs), ...results].flatMap(({ value: { origin } }) =>
    origin.from === 'constant' ? [Array.from(origin.data)] : [],
  );

test('what depends on constants alone is computed beforehand', () => {
  const fn = (x: Tensor): Tensor => x.add(tensor([1, 2, 3]).mul(2).flip(0));
  expect(changed(foldConstants, fn, x)).toEqual({
    before: [
      'v1 [3] = mul(constant1 [3], 2)',
      'v2 [2, 3] = add(input1 [2, 3], v1 [3] strides [-1] from 2)',
      'return v2 [2, 3]',
    ],
    after: ['v2 [2, 3] = add(input1 [2, 3], constant2 [3] strides [-1] from 2)', 'return v2 [2, 3]'],
  });
  expect(constantsOf(foldConstants(graphOf(fn, x)))).toEqual([[2, 4, 6]]);
});

test('an array of one number is that number, everywhere', () => {
  expect(changed(foldConstants, (x: Tensor) => x.mul(full([2, 3], 4)), x).after[0]).toBe(
    'v1 [2, 3] = mul(input1 [2, 3], 4)',
  );
  const [{ inputs }] = foldConstants(graphOf((x: Tensor) => x.matmul(full([4, 3], 2).t().slice(1, 1)), x)).operations;
  expect(inputs[1]).toMatchObject({ shape: [3, 3], strides: [0, 0], offset: 0 });
});

test('arrays of NaN, and of -0, are one number; of 0 and -0 they are not', () => {
  const sizes = [
    [Number.NaN, Number.NaN],
    [-0, -0],
    [0, -0],
  ].map(data => constantsOf(foldConstants(graphOf((x: Tensor) => x.add(tensor(data)), zeros([2])))));
  expect(sizes).toEqual([[[Number.NaN]], [[-0]], [[0, -0]]]);
});

test('a result that is a constant keeps its array', () => {
  expect(changed(foldConstants, () => [ones([2, 2]), ones([2]).mul(3)]).after).toEqual([
    'return constant2 [2, 2], constant3 [2]',
  ]);
});

describe('left as it is', () => {
  test('is what depends on arguments, closed-over tensors, and what is drawn', () => {
    const w = ones([3]);
    expect(namesAfter(foldConstants, (x: Tensor) => [x.exp(), w.exp(), rand([3]).exp()], x)).toEqual(
      Array(3).fill('exp'),
    );
  });

  test('is what would take much memory to keep', () => {
    const outer = (n: number) => () => [
      tensor([[1], [2]])
        .expand([2, n])
        .mul(tensor([1, 2]).unsqueeze(1))
        .exp(),
    ];
    expect(namesAfter(foldConstants, outer(32_768))).toEqual([]);
    expect(namesAfter(foldConstants, outer(32_769))).toEqual(['mul', 'exp']);
  });

  test('is a constant that the function has overwritten', () => {
    const fn = (x: Tensor): Tensor[] => {
      const sum = zeros([2, 3]);
      const before = sum.add(1);
      sum.assign(x);
      return [before, sum.exp()];
    };
    expect(changed(foldConstants, fn, x).after).toEqual([
      'v2 [2, 3] = write(input1 [2, 3])',
      'v3 [2, 3] = exp(v2 [2, 3])',
      'return constant2 [2, 3], v3 [2, 3]',
    ]);
  });
});
