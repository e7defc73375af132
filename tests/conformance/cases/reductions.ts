import type { Tensor } from 'tapegrad';
import { type Case, pure } from '../case.ts';

type Dims = number | number[] | undefined;

const folds: Record<string, (x: Tensor, dims: Dims, keepdim: boolean) => Tensor> = {
  sum: (x, dims, keepdim) => x.sum(dims, { keepdim }),
  mean: (x, dims, keepdim) => x.mean(dims, { keepdim }),
  prod: (x, dims, keepdim) => x.prod(dims, { keepdim }),
  amax: (x, dims, keepdim) => x.amax(dims, { keepdim }),
  amin: (x, dims, keepdim) => x.amin(dims, { keepdim }),
  logsumexp: (x, dims, keepdim) => x.logsumexp(dims, { keepdim }),
  variance: (x, dims, keepdim) => x.variance(dims, { keepdim }),
  std: (x, dims, keepdim) => x.std(dims, { keepdim, correction: 0 }),
  norm: (x, dims, keepdim) => x.norm(2, dims, { keepdim }),
  all: (x, dims, keepdim) => x.gt(-0.6).all(dims, { keepdim }),
  any: (x, dims, keepdim) => x.gt(0.6).any(dims, { keepdim }),
};

const dims: Dims[] = [undefined, 0, 1, 2, [0, 1], [0, 2], [1, 2], [-1, 0, 1]];

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** The square of the gradient of the sum of squares, so that every output has a gradient of its own. */
function withGradient(fn: (x: Tensor) => Tensor): (x: Tensor) => Tensor[] {
  return x => {
    const y = fn(x);
    y.square().sum().backward();
    return [y.detach(), x.grad!];
  };
}

export const reductionCases: Case[] = [
  ...Object.entries(folds).map(([name, fold]) =>
    pure(
      `${name} along every choice of dims, kept or not`,
      (x: Tensor) => dims.flatMap(dim => [fold(x, dim, false), fold(x, dim, true)]),
      draw => [draw.distinct(3, 4, 5).mul(0.1)],
    ),
  ),
  ...['sum', 'mean', 'prod', 'amax', 'amin', 'logsumexp', 'variance', 'std', 'norm'].map(name =>
    pure(
      `the gradient of ${name} along the first, the last and two dims`,
      (x: Tensor) =>
        [0, 2, [0, 2]].flatMap(dim => {
          x.zeroGrad();
          return withGradient(y => folds[name](y, dim, false))(x);
        }),
      draw => {
        const x = draw.distinct(3, 2, 5).mul(0.1);
        x.requiresGrad = true;
        return [x];
      },
    ),
  ),
  pure(
    'sums of ten thousand elements',
    (x: Tensor) => [x.sum(), x.mean(), x.sum(0), x.sum(1), x.square().sum(), x.norm(), x.variance()],
    draw => [draw.normal(100, 100)],
    { closeness: 'largest' },
  ),
  pure(
    'a long vector: sum, extremes, their places, softmax and running sum',
    (x: Tensor) => [x.sum(), x.amax(), x.argmax(), x.argmin(), x.softmax(0), x.cumsum(0), x.logsumexp()],
    draw => [draw.uniform(0.1, 1, 10007)],
  ),
  pure(
    'reductions of what was just computed',
    (x: Tensor, y: Tensor) => [
      x.sub(y).square().sum(),
      x.mul(y).mean(0),
      x.add(y).tanh().sum(1),
      x.exp().amax(1, { keepdim: true }),
      x.mul(y).exp().sum([0, 1]).log(),
    ],
    draw => [draw.normal(7, 9), draw.normal(9)],
  ),
  pure(
    'a reduction between elementwise operations',
    (x: Tensor) => {
      const centered = x.sub(x.mean(1, { keepdim: true }));
      return centered
        .div(centered.square().mean(1, { keepdim: true }).add(1e-5).sqrt())
        .mul(2)
        .add(1);
    },
    draw => [draw.normal(5, 11)],
  ),
  pure(
    'norms of every order',
    (x: Tensor) => [0, 1, 2, 3, 0.5, infinity, -infinity].flatMap(p => [x.norm(p), x.norm(p, 1), x.norm(p, [0, 1])]),
    draw => [draw.distinct(3, 5)],
  ),
  pure(
    'gradients of norms at zero',
    withGradient(x => x.norm(2, 1)),
    (draw, call) => {
      const x = draw.of([
        [0, 0, 0],
        [3, 0, 4 + call],
      ]);
      x.requiresGrad = true;
      return [x];
    },
  ),
  pure(
    'NaN and infinities in reductions',
    (x: Tensor) => [x.sum(1), x.amax(1), x.amin(1), x.max(1), x.min(1), x.argmax(1), x.argmin(1), x.logsumexp(1)],
    (draw, call) => [
      draw.of([
        [1, nan, call],
        [infinity, 1, -infinity],
        [infinity, infinity, 2],
        [-infinity, -infinity, -infinity],
        [-infinity, 0, call],
      ]),
    ],
  ),
  pure(
    'softmax of rows with minus infinity',
    (x: Tensor) => [x.softmax(1), x.logSoftmax(1), x.softmax(0), x.logSoftmax(0)],
    (draw, call) => [
      draw.of([
        [1, -infinity, call],
        [-infinity, -infinity, 2],
        [-infinity, -infinity, -infinity],
        [1000, 999, -1000],
      ]),
    ],
  ),
  pure(
    'softmax of a masked score, and its gradient',
    (x: Tensor, mask: Tensor) => {
      const weights = x.maskedFill(mask, -infinity).softmax(-1);
      weights.square().sum().backward();
      return [weights.detach(), x.grad];
    },
    (draw, call) => [
      draw.leaf(3, 4),
      // The last column is always seen: a row that is hidden as a whole is NaN.
      draw.mask(3, 4).logicalAnd(draw.of([true, true, call > 1, false]).to('bool')),
    ],
  ),
  pure(
    'softmax and its logarithm along every dim, and their gradients',
    (x: Tensor) =>
      [0, 1, 2].flatMap(dim => {
        x.zeroGrad();
        const [p, l] = [x.softmax(dim), x.logSoftmax(dim)];
        p.square().add(l.mul(0.3)).sum().backward();
        return [p.detach(), l.detach(), x.grad];
      }),
    draw => [draw.leaf(2, 5, 3)],
  ),
  pure(
    'softmax written out',
    (x: Tensor) => {
      const e = x.sub(x.amax(1, { keepdim: true })).exp();
      return e.div(e.sum(1, { keepdim: true }));
    },
    draw => [draw.normal(4, 9).mul(5)],
  ),
  pure(
    'running sums and products along every dim',
    (x: Tensor) => [0, 1, 2].flatMap(dim => [x.cumsum(dim), x.cumprod(dim), x.flip(dim).cumsum(dim)]),
    draw => [draw.uniform(0.5, 1.5, 3, 4, 5)],
  ),
  pure(
    'gradients of running sums and products, with zeros',
    (x: Tensor) => {
      const y = x.cumsum(0).add(x.cumprod(1));
      y.square().sum().backward();
      return [y.detach(), x.grad];
    },
    (draw, call) => {
      const x = draw.uniform(0.5, 1.5, 4, 5);
      x.select(0, call).assign(0);
      x.requiresGrad = true;
      return [x];
    },
  ),
  pure(
    'the gradient of a product with one zero, and with two',
    withGradient(x => x.prod(1)),
    (draw, call) => {
      const x = draw.of([
        [2, 0, 3, 1 + call],
        [0, 1, 0, 2],
        [1, 2, 3, 4],
      ]);
      x.requiresGrad = true;
      return [x];
    },
  ),
  pure(
    'places of extremes, the first of equals',
    (x: Tensor) => [x.argmax(), x.argmin(), x.argmax(0), x.argmin(1), x.argmax(1, { keepdim: true })],
    draw => [draw.ids(0, 3, 4, 6).to(draw.dtype)],
  ),
  pure(
    'gradients of extremes that tie',
    (x: Tensor) =>
      [(y: Tensor) => y.max(), (y: Tensor) => y.max(1), (y: Tensor) => y.amin(0), (y: Tensor) => y.min(0)].flatMap(
        fn => {
          x.zeroGrad();
          return withGradient(fn)(x);
        },
      ),
    draw => {
      const x = draw.ids(0, 3, 4, 5).to(draw.dtype);
      x.requiresGrad = true;
      return [x];
    },
  ),
  pure(
    'sorted elements and their places, equal ones in their order',
    (x: Tensor) => [
      x.argsort(),
      x.argsort(0, { descending: true }),
      ...Object.values(x.sort(0)),
      ...Object.values(x.sort(1, { descending: true })),
    ],
    draw => [draw.ids(0, 4, 5, 7).to(draw.dtype)],
    { closeness: 'bits' },
  ),
  pure(
    'NaN, infinities and zeros of both signs, sorted',
    (x: Tensor) => [x.argsort(), x.argsort(0, { descending: true }), x.sort().values, x.topk(3).values],
    (draw, call) => [draw.of([2, nan, -infinity, 0, -0, infinity, nan, call])],
    { closeness: 'bits' },
  ),
  pure(
    'int32 and bool, sorted',
    (x: Tensor, b: Tensor) => [x.argsort(), x.sort().values, b.argsort(), x.topk(2).indices],
    draw => [draw.ids(-99, 99, 3, 8), draw.mask(9)],
  ),
  pure(
    'the largest and smallest few, and their gradient',
    (x: Tensor) => {
      const [largest, smallest] = [x.topk(3, 1), x.topk(2, 0, { largest: false })];
      largest.values.square().sum().add(smallest.values.sum()).backward();
      return [largest.values.detach(), largest.indices, smallest.values.detach(), smallest.indices, x.grad];
    },
    draw => {
      const x = draw.distinct(4, 6);
      x.requiresGrad = true;
      return [x];
    },
  ),
];
