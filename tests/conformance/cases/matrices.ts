import { grad, type Tensor } from 'tapegrad';
import { type Case, program, pure } from '../case.ts';

/** [m, k, n] of products: small, odd, long, thin, and over the edges of blocks of four and eight. */
const sizes = [
  [1, 1, 1],
  [1, 7, 1],
  [2, 3, 4],
  [5, 1, 6],
  [4, 4, 8],
  [8, 8, 8],
  [9, 17, 13],
  [1, 33, 5],
  [31, 2, 1],
  [16, 64, 24],
  [65, 70, 67],
];

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** The product of a and b, and the gradients of both. */
function product(a: Tensor, b: Tensor): Tensor[] {
  const y: Tensor = a.matmul(b);
  return [y.detach(), ...grad(y.mul(y.detach()).sum(), [a, b])];
}

export const matrixCases: Case[] = [
  ...sizes.map(([m, k, n]) =>
    pure(
      `a product of [${m}, ${k}] and [${k}, ${n}], and its gradients`,
      product,
      draw => [draw.leaf(m, k), draw.leaf(k, n)],
      { closeness: k > 60 ? 'largest' : 'each' },
    ),
  ),
  ...(
    [
      [[3], [3]],
      [[3], [3, 4]],
      [[2, 3], [3]],
      [
        [2, 3, 4],
        [4, 5],
      ],
      [
        [3, 4],
        [2, 4, 5],
      ],
      [
        [2, 1, 3, 4],
        [5, 4, 2],
      ],
      [
        [6, 2, 3],
        [6, 3, 2],
      ],
      [[4], [2, 4, 3]],
      [[2, 3, 4], [4]],
    ] as const
  ).map(([a, b]) =>
    pure(`a product of [${a.join(', ')}] and [${b.join(', ')}], and its gradients`, product, draw => [
      draw.leaf(...a),
      draw.leaf(...b),
    ]),
  ),
  pure(
    'products with each side transposed, and both',
    (a: Tensor, b: Tensor) => [a.t().matmul(b), a.matmul(b.t()), a.t().matmul(b.t().flip(0)), b.t().matmul(a)],
    draw => [draw.normal(9, 9), draw.normal(9, 9)],
  ),
  pure(
    'products of batches with transposes',
    (a: Tensor, b: Tensor) => [
      a.matmul(b.transpose(1, 2)),
      a.transpose(1, 2).matmul(b),
      a.permute([1, 0, 2]).matmul(a.permute([1, 2, 0])),
    ],
    draw => [draw.normal(3, 4, 5), draw.normal(3, 4, 5)],
  ),
  pure(
    'products with slices, expansions and reversed rows',
    (a: Tensor, b: Tensor) => [
      a.slice(1, 0, undefined, 2).matmul(b),
      a.select(0, 0).expand([4, 8]).narrow(1, 1, 4).matmul(b),
      b.flip(0).matmul(a.narrow(1, 3, 4).t()),
    ],
    draw => [draw.normal(6, 8), draw.normal(4, 4)],
  ),
  pure(
    'a chain of products',
    (a: Tensor, b: Tensor, c: Tensor) => a.matmul(b).matmul(c).matmul(a),
    draw => [draw.normal(5, 3), draw.normal(3, 4), draw.normal(4, 5)],
  ),
  pure(
    'a sum of products',
    (a: Tensor, b: Tensor, c: Tensor, d: Tensor) => [
      a.matmul(b).add(c.matmul(d)),
      a.matmul(b).add(a.matmul(d)).add(c.matmul(b)),
    ],
    draw => [draw.normal(5, 3), draw.normal(3, 4), draw.normal(5, 3), draw.normal(3, 4)],
  ),
  pure(
    'one matrix in products from both sides',
    (a: Tensor) => [a.matmul(a), a.t().matmul(a), a.matmul(a.t())],
    draw => [draw.normal(6, 6)],
  ),
  pure(
    'a product with bias and activation',
    (x: Tensor, w: Tensor, b: Tensor) => x.matmul(w).add(b).tanh(),
    draw => [draw.normal(7, 5), draw.normal(5, 9), draw.normal(9)],
  ),
  pure(
    'a product of what was just computed',
    (x: Tensor, w: Tensor) => x.mul(2).add(1).relu().matmul(w.sub(0.5)),
    draw => [draw.normal(6, 5), draw.normal(5, 6)],
  ),
  pure(
    'NaN and infinities in products',
    (x: Tensor, w: Tensor) => x.matmul(w),
    (draw, call) => [
      draw.of([
        [1, nan, 0],
        [0, infinity, 1],
        [call, 1, -infinity],
        [call, 1, 2],
      ]),
      draw.of([
        [1, 0],
        [0, 2],
        [3, 0],
      ]),
    ],
  ),
  pure(
    'linear layers of vectors, matrices and more dims, with and without bias',
    (v: Tensor, x: Tensor, y: Tensor, w: Tensor, b: Tensor) => [
      v.linear(w, b),
      x.linear(w, b),
      y.linear(w, b),
      x.linear(w),
      y.linear(w, null),
    ],
    draw => [draw.normal(5), draw.normal(3, 5), draw.normal(2, 3, 5), draw.normal(4, 5), draw.normal(4)],
  ),
  pure(
    'the gradients of a linear layer',
    (x: Tensor, w: Tensor, b: Tensor) => {
      const y: Tensor = x.linear(w, b);
      return grad(y.square().sum(), [x, w, b]);
    },
    draw => [draw.leaf(4, 3, 5), draw.leaf(6, 5), draw.leaf(6)],
  ),
  pure(
    'inner and outer products',
    (x: Tensor, y: Tensor) => [x.dot(y), x.outer(y), x.outer(y.slice(0, 2)), x.dot(x)],
    draw => [draw.normal(7), draw.normal(7)],
  ),
  pure(
    'a normal matrix, its triangles and its trace',
    (x: Tensor) => {
      const a = x.t().matmul(x);
      return [a.tril().add(a.triu(1)), a.trace(), a.diagonal().sqrt(), a.tril(-1).sum()];
    },
    draw => [draw.normal(6, 4)],
  ),
  pure(
    'attention written out, with a causal mask',
    (q: Tensor, k: Tensor, v: Tensor, causal: Tensor) => {
      const scores = q.matmul(k.transpose(-1, -2)).div(2).maskedFill(causal, -infinity);
      const y = scores.softmax(-1).matmul(v);
      return [y.detach(), ...grad(y.square().sum(), [q, k, v])];
    },
    draw => [
      draw.leaf(2, 3, 5, 4),
      draw.leaf(2, 3, 5, 4),
      draw.leaf(2, 3, 5, 4),
      draw.of(Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => (j > i ? 1 : 0)))).to('bool'),
    ],
  ),
  program('products with closed-over matrices', draw => {
    const [w, v] = [draw.normal(5, 6), draw.normal(6, 3)];
    return {
      fn: (x: Tensor) => [x.matmul(w).matmul(v), x.matmul(w.matmul(v)), w.t().matmul(w)],
      inputs: d => [d.normal(4, 5)],
      state: [w, v],
    };
  }),
  program('a recurrence over one closed-over matrix, through time', draw => {
    const [wx, wh] = [draw.leaf(3, 8), draw.normal(8, 8).mul(0.3)];
    wh.requiresGrad = true;
    return {
      fn: (x: Tensor) => {
        let h: Tensor = x.select(0, 0).matmul(wx).tanh();
        for (let t = 1; t < 6; t++) h = x.select(0, t).matmul(wx).add(h.matmul(wh)).tanh();
        const loss: Tensor = h.square().sum();
        return [loss.detach(), ...grad(loss, [wx, wh])];
      },
      inputs: d => [d.normal(6, 5, 3)],
      state: [wx, wh],
    };
  }),
];
