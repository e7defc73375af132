// What the compiler knows of tensors, by strict equality. `tsc` is the test.
import {
  add,
  arange,
  at,
  batchNorm,
  cat,
  defineOp,
  embedding,
  eye,
  full,
  grad,
  matmul,
  ones,
  randint,
  randn,
  reshape,
  rmsNorm,
  scaledDotProductAttention,
  stack,
  sum,
  type Tensor,
  tensor,
  unbind,
  valueAndGrad,
  where,
  zeros,
  zerosLike,
} from '@tapegrad/autograd';
import type { NamedDim } from '@tapegrad/tensor';
import { is } from './equal.ts';

type T<S extends readonly number[]> = Tensor<S>;
declare const B: number;
declare const d: Tensor;
declare const open: Tensor<number[]>;
declare const dims: number[];
declare const anyDim: number;

const x = zeros([14, 3]);
const w = zeros([3, 4]);
const v = zeros([4]);
const xb = randn([B, 3]);
const q = zeros([2, 3, 4, 5]);

// Plain values.
is<number[][]>()(x.toArray());
is<number[][]>()(xb.toArray());
is<number>()(zeros([]).toArray());
is<boolean[]>()(v.gt(0).toArray<boolean>());
export const signs: boolean[] = v.gt(0).toArray();
is<any>()(d.toArray());
is<any>()(open.toArray());

// Creation: literal sizes are known, run-time ones are wildcards.
is<T<[14, 3]>>()(x);
is<T<[number, 3]>>()(xb);
is<T<[]>>()(zeros([]));
is<T<[4, 2]>>()(
  tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]),
);
is<T<[]>>()(tensor(3));
is<T<[2]>>()(tensor([true, false]));
is<T<[number]>>()(tensor(new Float32Array(6)));
is<T<[2, 3]>>()(tensor(new Float32Array(6), { shape: [2, 3] }));
is<T<[number]>>()(tensor(dims));
is<T<[2, 2]>>()(full([2, 2], 7));
is<T<[3, 3]>>()(eye(3));
is<T<[2, 3]>>()(eye(2, 3));
is<T<[number]>>()(arange(5));
is<T<[7, 2]>>()(randint(0, 5, [7, 2]));
is<T<[14, 3]>>()(zerosLike(x));
is<Tensor>()(zeros(dims));

// Elementwise and broadcasting.
is<T<[14, 3]>>()(x.add(1));
is<T<[14, 3]>>()(x.add(x));
is<T<[14, 3]>>()(x.add(zeros([3])));
is<T<[14, 3]>>()(zeros([14, 1]).mul(zeros([1, 3])));
is<T<[14, 3]>>()(xb.add(x));
is<T<[number, 3]>>()(xb.add(zeros([3])));
is<T<[2, 14, 3]>>()(x.add(zeros([2, 1, 1])));
is<T<[14, 3]>>()(x.tanh().neg().gelu());
is<T<[14, 3]>>()(x.gt(0));
is<Tensor>()(x.add(d));
is<Tensor>()(d.add(x));
is<Tensor>()(d.add(1));
is<Tensor>()(open.add(x));
is<T<[14, 3]>>()(x.maskedFill(x.gt(0), 1));
is<T<[2, 14, 3]>>()(x.maskedFill(zeros([2, 1, 1]).gt(0), 1));
is<T<[14, 3]>>()(where(x.gt(0), x, 0));
is<T<[14, 3]>>()(x.clamp(0, 1));
is<T<[14, 3]>>()(x.clamp(zeros([3]), 1));
is<T<[2, 14, 3]>>()(x.clamp(undefined, zeros([2, 1, 1])));
is<T<[2, 14, 3]>>()(x.clamp(zeros([14, 1]), zeros([2, 1, 3])));
is<Tensor>()(d.clamp(0, x));
is<Tensor>()(d.clamp(0));
is<T<[14, 3]>>()(where(x.gt(0), 1, 0));
// @ts-expect-error shapes do not broadcast
x.add(w);
// @ts-expect-error a string is no operand
d.add('hello');
// @ts-expect-error nor is null
x.mul(null);

// Matmul.
is<T<[14, 4]>>()(x.matmul(w));
is<T<[number, 4]>>()(xb.matmul(w));
is<T<[14]>>()(x.matmul(zeros([3])));
is<T<[4]>>()(zeros([3]).matmul(w));
is<T<[]>>()(v.matmul(v));
is<T<[8, 2, 5, 7]>>()(zeros([8, 1, 5, 6]).matmul(zeros([2, 6, 7])));
is<Tensor>()(d.matmul(w));
is<Tensor>()(w.matmul(d));
is<T<[14, 8]>>()(x.linear(zeros([8, 3]), zeros([8])));
// @ts-expect-error inner dimensions differ
x.matmul(x);

// Attention.
is<T<[14, 5]>>()(x.scaledDotProductAttention(zeros([6, 3]), zeros([6, 5])));
is<T<[2, 14, 5]>>()(x.scaledDotProductAttention(zeros([2, 6, 3]), zeros([6, 5]), { causal: true }));
is<T<[number, 3]>>()(xb.scaledDotProductAttention(xb, xb));
is<Tensor>()(d.scaledDotProductAttention(x, x));
is<Tensor>()(x.scaledDotProductAttention(d, d));
is<T<[14, 3]>>()(scaledDotProductAttention(x, x, x, { mask: d, dropout: 0.1 }));
// @ts-expect-error features of the keys differ
x.scaledDotProductAttention(w, w);
// @ts-expect-error there are more keys than values
x.scaledDotProductAttention(x, w);

// Reductions.
is<T<[]>>()(x.sum());
is<T<[14]>>()(x.sum(1));
is<T<[14]>>()(x.sum(-1));
is<T<[14, 1]>>()(x.sum(-1, { keepdim: true }));
is<T<[1, 1]>>()(x.sum(undefined, { keepdim: true }));
is<T<[3]>>()(zeros([2, 3, 4]).sum([0, -1]));
is<T<[1, 3, 1]>>()(zeros([2, 3, 4]).mean([0, -1], { keepdim: true }));
is<T<[14]>>()(x.max(1));
is<T<[14]>>()(x.argmax(1));
is<T<[14, 3]>>()(x.softmax(-1));
is<T<[14]>>()(x.norm(2, 1));
is<T<[14]>>()(x.variance(1, { correction: 0 }));
is<T<[14, 3]>>()(x.layerNorm(3));
is<T<[14, 3]>>()(x.layerNorm([14, 3], x, x, { eps: 0.1 }));
is<T<[number, 3]>>()(rmsNorm(xb, B));
is<T<[14, 3]>>()(x.rmsNorm(dims));
is<T<[2, 3, 4, 5]>>()(q.groupNorm(3));
is<T<[2, 3, 4, 5]>>()(q.batchNorm(null, null, null, null, { training: true, momentum: zeros([]) }));
is<Tensor>()(d.layerNorm(3));
is<Tensor>()(batchNorm(d, v, v));
// @ts-expect-error no options by this name
x.groupNorm(3, null, null, { epsilon: 1 });
is<Tensor>()(d.sum(0));
is<Tensor>()(x.sum(anyDim));
is<Tensor>()(x.sum(dims));
// @ts-expect-error no dim 2
x.sum(2);
// @ts-expect-error no dim 3
zeros([2, 3, 4]).sum([0, 3]);
// @ts-expect-error no dim 2
x.softmax(2);

// Movement.
is<T<[2, 3, 5, 4]>>()(q.transpose(-1, -2));
is<T<[5, 4, 2, 3]>>()(q.permute([3, 2, 0, 1]));
is<T<[3, 14]>>()(x.t());
is<T<[6, 20]>>()(q.reshape([6, 20]));
is<T<[2, 60]>>()(q.reshape([2, -1]));
is<T<[120]>>()(q.reshape([-1]));
is<T<[2, 60]>>()(q.flatten(1));
is<T<[120]>>()(q.flatten());
is<T<[number, 400]>>()(zeros([B, 16, 5, 5]).flatten(1));
is<T<[2, 3]>>()(d.reshape([2, 3]));
is<T<[2, 1, 3, 4, 5]>>()(q.unsqueeze(1));
is<T<[2, 3, 4, 5, 1]>>()(q.unsqueeze(-1));
is<T<[14, 3]>>()(zeros([14, 1, 3]).squeeze(1));
is<T<[14, 3]>>()(zeros([14, 1, 3]).squeeze());
is<T<[7, 14, 3]>>()(x.expand([7, 14, 3]));
// @ts-expect-error no dim 4
q.transpose(1, 4);
// @ts-expect-error two dims for four
q.permute([0, 1]);
// @ts-expect-error 120 elements, not 140
q.reshape([7, 20]);

// Picking.
is<T<[2, 4, 5]>>()(q.select(1, 0));
is<T<[2, number, 4, 5]>>()(q.slice(1, 0, 2));
is<T<[2, 2, 4, 5]>>()(q.narrow(1, 0, 2));
is<T<[number, 4, 5]>>()(q.at(0, [0, 2]));
is<T<[3, 4, 5]>>()(q.at(0, []));
is<T<[1, 2, 3, 4]>>()(q.at(null, '...', 0));
is<T<[2, 5, 64]>>()(embedding(zeros([2, 5]), zeros([1000, 64])));
is<T<[2, 5, 10]>>()(zeros([2, 5]).oneHot(10));
is<T<[14, 7]>>()(x.gather(1, randint(0, 3, [14, 7])));
is<T<[14, 7]>>()(x.indexSelect(1, randint(0, 3, [7])));
is<T<[2, 3, 4, 5]>>()(q.slice(1));
is<T<[2, 3, 4]>>()(zeros([2, 3, 4]).scatterAdd(1, randint(0, 3, [2, 1, 4]), 1));
is<T<[number, 2]>>()(xb.gather(-1, randint(0, 3, [B, 2])));
// @ts-expect-error no dim 4
q.select(4, 0);
// @ts-expect-error no index 3
q.select(1, 3);
// @ts-expect-error ids of other rank
x.gather(1, randint(0, 3, [14]));
// @ts-expect-error ids of other rank
x.scatter(1, randint(0, 3, [14]), 0);
// @ts-expect-error too many indices
x.at(0, 0, 0);

// Parts.
is<T<[14, 1]>[]>()(x.split(1, 1));
is<T<[number, 3]>[]>()(x.split(4));
is<T<[number, 3]>[]>()(x.split([10, 4]));
is<T<[7, 3]>[]>()(x.chunk(2));
is<T<[14, number]>[]>()(x.chunk(2, -1));
is<T<[3]>[]>()(x.unbind());
is<T<[14]>[]>()(unbind(x, 1));
is<Tensor[]>()(d.split(2));
is<Tensor[]>()(d.unbind(anyDim));
// @ts-expect-error no dim 2
x.split(2, 2);
// @ts-expect-error no dim 2
x.chunk(2, 2);
// @ts-expect-error no dim 2
x.unbind(2);

// Joining.
is<T<[14, 6]>>()(cat([x, x], 1));
is<T<[28, 3]>>()(cat([x, x]));
is<T<[2, 14, 3]>>()(stack([x, x]));
is<T<[14, 3, 3]>>()(stack([x, x, x], -1));
declare const list: Tensor<[8, 16]>[];
is<T<[number, 8, 16]>>()(stack(list));
is<T<[number, 16]>>()(cat(list));
is<Tensor>()(cat([x, d]));
// @ts-expect-error other sizes differ
cat([x, w]);
// @ts-expect-error shapes differ
stack([x, w]);

// Functions have the types of the methods.
is<T<[14, 4]>>()(matmul(x, w));
is<T<[14, 3]>>()(add(x, zeros([3])));
is<T<[3]>>()(sum(x, 0));
is<T<[6, 20]>>()(reshape(q, [6, 20]));
is<T<[3]>>()(at(x, 0));
// @ts-expect-error inner dimensions differ
matmul(x, x);

// Gradients have the shapes of what they are gradients of.
is<T<[14, 3]>>()(grad(x.sum(), x));
is<[T<[14, 3]>, T<[3, 4]>]>()(grad(x.matmul(w).sum(), [x, w]));
is<T<[14, 3]> | null>()(grad(x.sum(), x, { allowUnused: true }));
is<T<[14, 3]> | null>()(x.grad);
const [value, [dx, dw]] = valueAndGrad((a: T<[14, 3]>, b: T<[3, 4]>) => a.matmul(b).sum())(x, w);
is<T<[]>>()(value);
is<T<[14, 3]>>()(dx);
is<T<[3, 4]>>()(dw);

// An operation of one's own has the shape that its forward declares.
const double = defineOp({ name: 'double', forward: (a: T<[2, 3]>) => a.mul(2), backward: g => g.mul(2) });
is<T<[2, 3]>>()(double(zeros([2, 3])));
// @ts-expect-error another shape
double(zeros([2, 4]));

// Gradual: bare `Tensor` goes everywhere, both ways.
const bare: Tensor = x;
const back: Tensor<[14, 3]> = bare;
const wider: Tensor<[number, 3]> = back;
function layer(t: Tensor) {
  return t.matmul(w).add(1).sum();
}
is<Tensor>()(layer(wider));
function cell<N extends number, H extends number>(input: Tensor<[N, H]>, weight: Tensor<[H, H]>): Tensor<[N, H]> {
  const h: Tensor = input;
  return h.matmul(weight).tanh();
}
is<T<[5, 6]>>()(cell(zeros([5, 6]), zeros([6, 6])));
function same<S extends readonly number[]>(t: Tensor<S>) {
  return t.mul(2).tanh();
}
is<T<[2, 3, 4, 5]>>()(same(q));
declare const coin: boolean;
const either = coin ? zeros([2, 3]) : zeros([3, 3]);
export const product: Tensor<[2, 4] | [3, 4]> = either.matmul(zeros([3, 4]));
// @ts-expect-error none of the alternatives fits
either.matmul(zeros([4, 4]));
const weights = [zeros([3, 4]), zeros([4]), zeros([4, 2])];
export const total = weights.map(p => p.mul(p).sum()).reduce((a, b) => a.add(b));
let changing: Tensor = zeros([4, 3]);
changing = changing.matmul(w);
let fixed = zeros([4, 3]);
// @ts-expect-error a variable keeps the shape it was made with; annotate it as `Tensor`
fixed = fixed.matmul(w);

// Named run-time sizes do not mix.
declare const batch: NamedDim<'batch'>;
declare const time: NamedDim<'time'>;
const named = ones([batch, time, 3]);
is<Tensor<[NamedDim<'batch'>, NamedDim<'time'>]>>()(named.sum(-1));
is<Tensor<[NamedDim<'batch'>, NamedDim<'time'>, 8]>>()(named.matmul(zeros([3, 8])));
// @ts-expect-error batch is not time
named.transpose(0, 1).add(named);
