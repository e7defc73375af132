import { arange, cat, eye, type Tensor, tensor, zeros } from 'tapegrad';
import { type Case, pure } from '../case.ts';
import type { Draw } from '../draw.ts';

/** Ways in which the elements of a [4, 6] tensor can lie in memory. */
const layouts: Record<string, (draw: Draw) => Tensor> = {
  'row-major': d => d.distinct(4, 6),
  transposed: d => d.distinct(6, 4).t(),
  'a slice with a step': d => d.distinct(4, 13).slice(1, 1, undefined, 2),
  'a part of a larger tensor': d => d.distinct(6, 8).narrow(0, 1, 4).narrow(1, 2, 6),
  flipped: d => d.distinct(4, 6).flip([0, 1]),
  'expanded from a row': d => d.distinct(6).expand([4, 6]),
  'expanded from a column': d => d.distinct(4, 1).expand([4, 6]),
  'expanded from a scalar': d => d.distinct().expand([4, 6]),
  'one plane of three dims': d => d.distinct(4, 3, 6).select(1, 1),
};

const names = Object.keys(layouts);

/** What is done with tensors of every layout. */
const uses: Record<string, (x: Tensor, y: Tensor) => Tensor[]> = {
  'elementwise operations': (x, y) => [x.mul(0.5).tanh(), x.add(y), y.sub(x), x.add(x.select(0, 0))],
  reductions: x => [x.sum(), x.sum(0), x.sum(1), x.amax(0), x.mean(1), x.prod(1), x.std()],
  'products of matrices': (x, y) => [x.matmul(y.t()), x.t().matmul(y), x.matmul(y.select(0, 0)), y.matmul(x.t())],
  'scans and orders': x => [x.cumsum(0), x.cumsum(1), x.argsort(0), x.argmax(1), x.mul(0.2).softmax(0)],
  'other views': x => [x.t(), x.reshape([3, 8]), x.flip(0), x.slice(1, 1, 5, 2), x.unsqueeze(1), x.expand([2, 4, 6])],
  picks: (x, y) => [
    x.indexSelect(1, tensor([5, 0, 0], { dtype: 'int32' })),
    x.gather(0, y.argsort(0)),
    x.scatterAdd(1, y.argsort(1), y),
    cat([x, y, x], 1),
  ],
  gradients: (x, y) => {
    const leaf = x.detach();
    leaf.requiresGrad = true;
    leaf
      .mul(y)
      .add(leaf.t().reshape([4, 6]))
      .square()
      .sum()
      .backward();
    return [leaf.grad!];
  },
};

const nothing = (draw: Draw, ...shape: number[]): Tensor => zeros(shape).to(draw.dtype);

export const layoutCases: Case[] = [
  ...Object.entries(uses).flatMap(([use, fn]) =>
    names.map(name =>
      pure(
        `${use} of a tensor that is ${name}`,
        (x: Tensor, y: Tensor) => fn(x, y),
        draw => [layouts[name](draw), draw.distinct(4, 6)],
      ),
    ),
  ),
  ...Object.entries(uses).map(([use, fn]) =>
    pure(
      `${use} of tensors whose layout is another in every call`,
      (x: Tensor, y: Tensor) => fn(x, y),
      (draw, call) => [layouts[names[call]](draw), layouts[names[call + 3]](draw)],
    ),
  ),
  pure(
    'views of views of views',
    (x: Tensor) => x.permute([2, 0, 1]).flip(0).slice(1, 1).select(2, 1).t().unsqueeze(1).expand([2, 3, 4]),
    draw => [draw.normal(3, 4, 4)],
    { closeness: 'bits' },
  ),
  pure(
    'a transpose that is reshaped, in which the elements move',
    (x: Tensor) => [x.t().reshape([-1]), x.t().reshape([2, -1]), x.flip(1).flatten()],
    draw => [draw.normal(4, 6)],
    { closeness: 'bits' },
  ),
  pure(
    'dims of size 1 that come and go',
    (x: Tensor) => [x.squeeze(), x.squeeze(0), x.unsqueeze(-1), x.t().unsqueeze(0).squeeze(), x.t().squeeze()],
    draw => [draw.normal(1, 5)],
    { closeness: 'bits' },
  ),
  pure(
    'rolled, tiled and padded tensors',
    (x: Tensor) => [
      x.roll(1, 0),
      x.roll([-1, 2], [0, 1]),
      x.roll(3),
      x.tile([2, 3]),
      x.tile([2, 1, 1]),
      x.pad([1, 2]),
      x.pad([1, 0, 2, 1], { value: -1 }),
      x.pad([1, 2], { mode: 'reflect' }),
      x.pad([2, 1], { mode: 'replicate' }),
      x.pad([1, 3], { mode: 'circular' }),
      x.pad([-1, -1]),
    ],
    draw => [draw.normal(3, 4)],
    { closeness: 'bits' },
  ),
  pure(
    'split tensors whose parts are joined in another order',
    (x: Tensor) => {
      const [a, b, c] = x.split([1, 3, 2], 1);
      const [top, bottom] = x.chunk(2, 0);
      return [cat([c, a, b], 1), cat([bottom, top]), cat(x.unbind(0).reverse()), cat([a, a, a], 0)];
    },
    draw => [draw.normal(4, 6)],
    { closeness: 'bits' },
  ),
  pure(
    'joined tensors of different dtypes and sizes, some of them empty',
    (x: Tensor, ids: Tensor) => cat([x, ids, x.slice(0, 0, 0), ids.slice(0, 1)]),
    draw => [draw.normal(3), draw.ids(0, 9, 2)],
  ),
  pure(
    'triangles, diagonals and traces',
    (x: Tensor) => [
      x.tril(),
      x.triu(1),
      x.tril(-1),
      x.triu(-2),
      x.diagonal(),
      x.diagonal(1),
      x.diagonal(-2),
      x.trace(),
    ],
    draw => [draw.normal(4, 5)],
  ),
  pure(
    'tensors without elements',
    (x: Tensor, y: Tensor) => [
      x.exp(),
      x.add(y),
      x.sum(),
      x.sum(0),
      x.prod(0),
      x.mean(0),
      x.t(),
      x.reshape([3, 0]),
      x.cumsum(0),
      x.softmax(0),
      x.argsort(1),
      x.all(),
      x.any(),
      x.logsumexp(0),
      x.clone(),
      cat([x, y, y], 0),
    ],
    draw => [nothing(draw, 0, 3), draw.normal(1, 3)],
  ),
  pure(
    'products of matrices without rows, columns or anything between them',
    (x: Tensor, y: Tensor, z: Tensor) => [x.matmul(y), y.matmul(x), y.matmul(z), z.t().matmul(y.t())],
    draw => [nothing(draw, 3, 0), nothing(draw, 0, 3), draw.normal(3, 2)],
  ),
  pure(
    'gradients of tensors without elements',
    (x: Tensor, w: Tensor) => {
      const y: Tensor = x.matmul(w).tanh().sum();
      y.backward();
      return [y.detach(), x.grad, w.grad];
    },
    draw => {
      const x = nothing(draw, 0, 3);
      x.requiresGrad = true;
      return [x, draw.leaf(3, 2)];
    },
  ),
  pure(
    'scalars',
    (x: Tensor, y: Tensor) => [
      x.mul(y),
      x.sum(),
      x.mean(),
      x.softmax(0),
      x.cumsum(0),
      x.max(),
      x.argmax(),
      x.reshape([1, 1]),
      x.unsqueeze(0),
      x.expand([2, 2]),
      x.sort().values,
      x.topk(1, 0).values,
      x.clone(),
      x.norm(),
    ],
    draw => [draw.normal(), draw.normal()],
  ),
  pure(
    'constants made inside of the function',
    (x: Tensor) => [
      x.add(arange(4)),
      x.matmul(eye(4)),
      x.mul(zeros([1]).add(2)),
      arange(3),
      tensor([1.5, 2.5]),
      tensor([[true], [false]]),
    ],
    draw => [draw.normal(3, 4)],
  ),
];
