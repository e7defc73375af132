// What people read when shapes do not fit. Each line must fail with an error that holds its claim.
import { cat, matmul, stack, tensor, zeros } from '@tapegrad/autograd';

const x = zeros([14, 3]);
const w = zeros([3, 4]);
const q = zeros([2, 3, 4, 5]);

x.matmul(zeros([4, 4])); //~ "matmul: inner dimensions differ, 3 vs 4, in [14, 3] @ [4, 4]"
matmul(x, x); //~ "matmul: inner dimensions differ, 3 vs 14, in [14, 3] @ [14, 3]"
x.add(w); //~ "shapes [14, 3] and [3, 4] do not broadcast: 3 vs 4"
x.clamp(w); //~ "shapes [14, 3] and [3, 4] do not broadcast: 3 vs 4"
x.clamp(0, w); //~ "shapes [14, 3] and [3, 4] do not broadcast: 3 vs 4"
x.clamp(zeros([2, 1, 3]), zeros([5, 1, 1])); //~ "shapes [2, 14, 3] and [5, 1, 1] do not broadcast: 2 vs 5"
x.sum(2); //~ "sum: dim 2 is out of range for shape [14, 3]"
x.softmax(-3); //~ "softmax: dim -3 is out of range for shape [14, 3]"
q.transpose(1, 4); //~ "transpose: dim 4 is out of range for shape [2, 3, 4, 5]"
q.reshape([7, 20]); //~ "reshape: [2, 3, 4, 5] has 120 elements, [7, 20] has 140"
q.permute([0, 1]); //~ permute
x.unsqueeze(5); //~ "unsqueeze: dim 5 is out of range
x.select(2, 0); //~ "select: dim 2 is out of range for shape [14, 3]"
cat([x, w]); //~ cat
stack([x, w]); //~ stack
x.linear(zeros([8, 4])); //~ "linear: last dim of x [14, 3] is 3, expected 4"
tensor([1, 2]).embedding(w).matmul(x); //~ "matmul: inner dimensions differ, 4 vs 14, in [2, 4] @ [14, 3]"
x.layerNorm(4); //~ "layerNorm: expected an input whose last dims are [4], got shape [14, 3]"
x.layerNorm([]); //~ "layerNorm: expected an input whose last dims are [], got shape [14, 3]"
x.rmsNorm([7, 3]); //~ "rmsNorm: expected an input whose last dims are [7, 3], got shape [14, 3]"
x.tanh(1); //~ Expected 0 arguments
x.at(0, 0, 0); //~ "at: too many indices for shape [14, 3]"
x.scaledDotProductAttention(zeros([5, 4]), zeros([5, 2])); //~ "scaledDotProductAttention: last dims of q [14, 3] and k [5, 4] differ, 3 vs 4"
x.scaledDotProductAttention(zeros([5, 3]), zeros([6, 2])); //~ "scaledDotProductAttention: places of k [5, 3] and v [6, 2] differ, 5 vs 6"
