// What people read when operands of einsum and of equations do not fit. Each line must fail with an error that holds its claim.
import { einsum, inverse, ones, solve, zeros } from '@tapegrad/autograd';

const a = zeros([2, 3]);
const square = zeros([8, 3, 3]);

einsum('ij,jk->ik', a, zeros([4, 5])); //~ "einsum: label j has sizes 3 and 4, in 'ij,jk->ik' with [2, 3] and [4, 5]"
einsum('ij,jk->ik', a); //~ "einsum: 'ij,jk->ik' is for 2 operands, got 1"
einsum('ijk->i', a); //~ "einsum: 'ijk' is for 3 dims, operand 0 has shape [2, 3], in 'ijk->i'"
einsum('ij->k', a); //~ "einsum: output label k is that of no operand, in 'ij->k'"
einsum('ij->ii', a); //~ "einsum: output label i is repeated, in 'ij->ii'"
a.inverse(); //~ "inverse: expected square matrices [..., n, n], got [2, 3]"
inverse(a); //~ "inverse: expected square matrices [..., n, n], got [2, 3]"
a.cholesky(); //~ "cholesky: expected square matrices [..., n, n], got [2, 3]"
square.select(0, 0).solve(ones([4])); //~ "solve: expected a right side of 3 rows, got [4] for [3, 3]"
solve(square, ones([7, 3, 1])); //~ "solve: batch dims of [8, 3, 3] and [7, 3, 1] do not broadcast"
a.cosineSimilarity(zeros([4])); //~ "shapes [2, 3] and [4] do not broadcast: 3 vs 4"
a.cosineSimilarity(a, 2); //~ "cosineSimilarity: dim 2 is out of range for shape [2, 3]"
