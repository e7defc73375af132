// What the compiler knows of einsum, equations and losses, by strict equality. `tsc` is the test.
import {
  cholesky,
  cosineSimilarity,
  det,
  einsum,
  inverse,
  klDiv,
  ones,
  randn,
  solve,
  type Tensor,
  zeros,
} from '@tapegrad/autograd';
import type { Det, Einsum, NamedDim, Solve, Square, Unknown } from '@tapegrad/tensor';
import { type All, type Is, is } from './equal.ts';

type T<S extends readonly number[]> = Tensor<S>;
type Batch = NamedDim<'batch'>;
declare const B: number;
declare const d: Tensor;
declare const anySpec: string;
declare const list: Tensor<[2, 3]>[];
declare const either: Tensor<[2, 3]> | Tensor<[3, 3]>;

const a = zeros([2, 3]);
const b = zeros([3, 4]);

export type EinsumShapes = All<
  [
    Is<Einsum<'ij,jk->ik', [[2, 3], [3, 4]]>, [2, 4]>,
    Is<Einsum<'ij,jk', [[2, 3], [3, 4]]>, [2, 4]>,
    Is<Einsum<'ij,jk->ki', [[2, 3], [3, 4]]>, [4, 2]>,
    Is<Einsum<' i j , jk -> ik ', [[2, 3], [3, 4]]>, [2, 4]>,
    Is<Einsum<'ij->', [[2, 3]]>, []>,
    Is<Einsum<'ji', [[2, 3]]>, [3, 2]>,
    Is<Einsum<'bA', [[2, 3]]>, [3, 2]>,
    Is<Einsum<'ii', [[3, 3]]>, []>,
    Is<Einsum<'ii->i', [[3, 3]]>, [3]>,
    Is<Einsum<'iji', [[2, 3, 2]]>, [3]>,
    Is<Einsum<'', [[]]>, []>,
    Is<Einsum<'->', [[]]>, []>,
    Is<Einsum<',', [[], []]>, []>,
    Is<Einsum<'i,j,k->kji', [[2], [3], [4]]>, [4, 3, 2]>,
    Is<Einsum<'bhqd,bhkd->bhqk', [[8, 4, 10, 64], [8, 4, 12, 64]]>, [8, 4, 10, 12]>,
    Is<Einsum<'ij,jk->ijk', [[2, 1], [3, 4]]>, [2, 3, 4]>,
    Is<Einsum<'ij,ij->ij', [[1, 3], [2, 1]]>, [2, 3]>,
    Is<Einsum<'ii,i->i', [[1, 1], [4]]>, [4]>,
    Is<Einsum<'i,i->i', [[1], [0]]>, [0]>,
    Is<Einsum<'bi,ij->bj', [[number, 3], [3, 4]]>, [number, 4]>,
    Is<Einsum<'bi,ij->bj', [[Batch, number], [3, 4]]>, [Batch, 4]>,
    Is<Einsum<'bi,bi->bi', [[number, 3], [7, 3]]>, [7, 3]>,
    Is<Einsum<'ij,jk->ik', [any, [3, 4]]>, [number, 4]>,
    Is<Einsum<'ij,jk->ij', [any, [3, 4]]>, [number, 3]>,
    Is<Einsum<'...i,ij->...j', [[2, 3], [3, 4]]>, Unknown>,
    Is<Einsum<string, [[2, 3]]>, Unknown>,
    Is<Einsum<'ij->ji', [2, 3][]>, Unknown>,
    Is<
      Einsum<'ij,jk->ik', [[2, 3], [4, 5]]>,
      "einsum: label j has sizes 3 and 4, in 'ij,jk->ik' with [2, 3] and [4, 5]"
    >,
    Is<Einsum<'ii', [[3, 1]]>, "einsum: label i has sizes 3 and 1, in 'ii' with [3, 1]">,
    Is<Einsum<'i,j,i', [[2], [4], [3]]>, "einsum: label i has sizes 2 and 3, in 'i,j,i' with [2], [4] and [3]">,
    Is<Einsum<'ij,jk', [[2, 3]]>, "einsum: 'ij,jk' is for 2 operands, got 1">,
    Is<Einsum<'ij', [[2, 3], [2, 3]]>, "einsum: 'ij' is for 1 operand, got 2">,
    Is<Einsum<'i,ijk->', [[2], [2, 3]]>, "einsum: 'ijk' is for 3 dims, operand 1 has shape [2, 3], in 'i,ijk->'">,
    Is<Einsum<'ij->k', [[2, 3]]>, "einsum: output label k is that of no operand, in 'ij->k'">,
    Is<Einsum<'ij->ii', [[2, 3]]>, "einsum: output label i is repeated, in 'ij->ii'">,
  ]
>;

is<T<[2, 4]>>()(einsum('ij,jk->ik', a, b));
is<T<[4, 2]>>()(einsum('ij,jk->ki', a, b));
is<T<[]>>()(einsum('ij->', a));
is<T<[number, 4]>>()(einsum('ij,jk', randn([B, 3]), b));
is<T<[number, 4]>>()(einsum('ij,jk->ik', d, b));
is<Tensor>()(einsum('...j,jk->...k', a, b));
is<Tensor>()(einsum(anySpec, a, b));
is<Tensor>()(einsum('ij,ij->ij', ...list));
is<T<[2] | [3]>>()(einsum('ij->i', either));
// @ts-expect-error j is 3 and 2
einsum('ij,jk->ik', a, a);
// @ts-expect-error one operand is missing
einsum('ij,jk->ik', a);
// @ts-expect-error a number is no tensor
einsum('ij,->ij', a, 2);

export type Equations = All<
  [
    Is<Square<'inverse', [3, 3]>, [3, 3]>,
    Is<Square<'inverse', [8, number, 3]>, [8, number, 3]>,
    Is<Square<'inverse', any>, Unknown>,
    Is<Square<'inverse', [2, 3]>, 'inverse: expected square matrices [..., n, n], got [2, 3]'>,
    Is<Square<'inverse', [3]>, 'inverse: expected square matrices [..., n, n], got [3]'>,
    Is<Det<[3, 3]>, []>,
    Is<Det<[8, 4, 3, 3]>, [8, 4]>,
    Is<Det<any>, Unknown>,
    Is<Det<[2, 3]>, 'det: expected square matrices [..., n, n], got [2, 3]'>,
    Is<Solve<[3, 3], [3]>, [3]>,
    Is<Solve<[3, 3], [3, 2]>, [3, 2]>,
    Is<Solve<[8, 3, 3], [3]>, [8, 3]>,
    Is<Solve<[8, 3, 3], [8, 3]>, [8, 3]>,
    Is<Solve<[8, 3, 3], [3, 2]>, [8, 3, 2]>,
    Is<Solve<[8, 3, 3], [8, 3, 2]>, [8, 3, 2]>,
    Is<Solve<[3, 3], [8, 3, 2]>, [8, 3, 2]>,
    Is<Solve<[8, 1, 3, 3], [7, 3, 2]>, [8, 7, 3, 2]>,
    Is<Solve<[number, 3, 3], [number, 3, 2]>, [number, 3, 2]>,
    Is<Solve<[number, 3, 3], [3, 2]>, Unknown>,
    Is<Solve<any, [3]>, Unknown>,
    Is<Solve<[3, 3], any>, Unknown>,
    Is<Solve<[2, 3], [2]>, 'solve: expected square matrices [..., n, n], got [2, 3]'>,
    Is<Solve<[3, 3], [4]>, 'solve: expected a right side of 3 rows, got [4] for [3, 3]'>,
    Is<Solve<[3, 3], []>, 'solve: expected a right side of 3 rows, got [] for [3, 3]'>,
    Is<Solve<[8, 3, 3], [8, 4]>, 'solve: expected a right side of 3 rows, got [8, 4] for [8, 3, 3]'>,
    Is<Solve<[8, 3, 3], [7, 3, 2]>, 'solve: batch dims of [8, 3, 3] and [7, 3, 2] do not broadcast'>,
  ]
>;

const square = zeros([8, 3, 3]);
is<T<[8, 3, 3]>>()(square.inverse());
is<T<[8, 3, 3]>>()(inverse(square));
is<T<[8]>>()(square.det());
is<T<[8]>>()(det(square));
is<T<[8, 3]>>()(square.solve(ones([3])));
is<T<[8, 3, 2]>>()(solve(square, ones([3, 2])));
is<T<[8, 3, 3]>>()(square.cholesky({ upper: true }));
is<T<[8, 3, 3]>>()(cholesky(square));
is<T<[number, number]>>()(zeros([B, B]).inverse());
is<Tensor>()(d.inverse());
is<Tensor>()(d.det());
is<Tensor>()(d.solve(ones([3])));
// @ts-expect-error not square
a.inverse();
// @ts-expect-error not square
det(a);
// @ts-expect-error a right side of two rows
square.solve(ones([2]));

is<T<[2]>>()(a.cosineSimilarity(a));
is<T<[3]>>()(cosineSimilarity(a, zeros([3]), 0));
is<T<[2]>>()(a.cosineSimilarity(zeros([1, 3]), -1, { eps: 1e-6 }));
is<Tensor>()(a.cosineSimilarity(d));
is<Tensor>()(klDiv(a, a, { reduction: 'batchmean', logTarget: true }));
// @ts-expect-error shapes do not broadcast
a.cosineSimilarity(b);
// @ts-expect-error no dim 2
a.cosineSimilarity(a, 2);
// @ts-expect-error batchmean is a reduction of klDiv alone
a.mseLoss(a, { reduction: 'batchmean' });
