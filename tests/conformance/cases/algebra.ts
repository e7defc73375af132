import { einsum, eye, grad, type Tensor } from 'tapegrad';
import { type Case, program, pure } from '../case.ts';
import type { Draw } from '../draw.ts';

/** The results of a function, and the gradients of its arguments. */
const withGradients =
  (fn: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]): (Tensor | null)[] => {
    const y = fn(...inputs);
    const wanted = inputs.filter(x => x.requiresGrad);
    return [y.detach(), ...grad(y.mul(y.detach()).sum(), wanted)];
  };

/** Operands of an einsum: shapes of few elements, so that the sums stay small. */
const einsums: readonly (readonly [string, ...(readonly number[])[]])[] = [
  ['ij,jk->ik', [3, 4], [4, 5]],
  ['ij,kj->ki', [3, 4], [5, 4]],
  ['bhqd,bhkd->bhqk', [2, 3, 4, 5], [2, 3, 6, 5]],
  ['bqhd,bkhd->bhqk', [2, 4, 3, 5], [2, 6, 3, 5]],
  ['ii->i', [4, 4]],
  ['iji->j', [3, 4, 3]],
  ['ij->', [3, 4]],
  ['i,j->ji', [3], [4]],
  ['ij,ij->j', [3, 4], [3, 4]],
  ['...ij,...jk->...ik', [2, 1, 3, 4], [3, 4, 2]],
  ['i...,...j', [3, 2], [2, 4]],
  ['ij,jk->ijk', [3, 1], [4, 2]],
  ['ij,jk,kl->il', [3, 4], [4, 2], [2, 5]],
  ['bi,oij,bj->bo', [3, 4], [2, 4, 5], [3, 5]],
  ['ij,jk->ik', [2, 0], [0, 3]],
];

const farFromSingular = (x: Tensor): Tensor => x.add(eye(x.shape[x.ndim - 1], { dtype: x.dtype }).mul(6));

const positiveDefinite = (x: Tensor): Tensor => farFromSingular(x.matmul(x.transpose(-1, -2)));

const squares = [
  [1, 1],
  [2, 2],
  [5, 5],
  [3, 4, 4],
  [2, 1, 3, 3],
] as const;

const reductions = ['mean', 'sum', 'none'] as const;

const probabilities = (draw: Draw): Tensor => {
  const p = draw.uniform(0.05, 0.95, 4, 3);
  p.requiresGrad = true;
  return p;
};

export const algebraCases: Case[] = [
  ...einsums.map(([spec, ...shapes]) =>
    pure(
      `einsum ${spec} of ${shapes.map(shape => `[${shape}]`).join(' and ')}, and its gradients`,
      withGradients((...xs) => einsum(spec, ...xs) as Tensor),
      draw => shapes.map(shape => draw.leaf(...shape)),
    ),
  ),
  pure(
    'einsum of transposed, reversed and sliced operands',
    (a: Tensor, b: Tensor) => [
      einsum('ij,jk->ik', a.t(), b.flip(0)),
      einsum('ij,kj->ik', a.slice(1, 0, undefined, 2), b.t().narrow(1, 0, 2)),
      einsum('ij,ij->', a, b.t().t()),
    ],
    draw => [draw.normal(4, 4), draw.normal(4, 4)],
  ),
  pure(
    'einsum of whole numbers, and of whole numbers with others',
    (a: Tensor, b: Tensor) => [einsum('ij,jk->ik', a, a.t()), einsum('ij,jk->ki', a, b), einsum('ij->j', a.gt(2))],
    draw => [draw.ids(0, 5, 3, 4), draw.normal(4, 2)],
  ),
  ...squares.flatMap(shape => [
    pure(
      `the inverse of [${shape}], and its gradient`,
      withGradients(x => farFromSingular(x).inverse().mul(6)),
      draw => [draw.leaf(...shape)],
    ),
    pure(
      `determinants of [${shape}], and their gradients`,
      withGradients(x => farFromSingular(x).div(6).det()),
      draw => [draw.leaf(...shape)],
    ),
    pure(
      `triangles of [${shape}], and their gradients`,
      (x: Tensor) => {
        const a = positiveDefinite(x);
        const [l, u] = [a.cholesky(), a.cholesky({ upper: true })];
        return [l.detach(), u.detach(), ...grad(l.mul(u.transpose(-1, -2).detach()).sum(), [x])];
      },
      draw => [draw.leaf(...shape)],
    ),
    pure(
      `solutions of [${shape}], and their gradients`,
      withGradients((x, y) => farFromSingular(x).solve(y)),
      draw => [draw.leaf(...shape), draw.leaf(...shape.slice(0, -1), 2)],
    ),
  ]),
  pure(
    'solutions of one matrix for vectors and for batches',
    (x: Tensor, v: Tensor, batch: Tensor) => {
      const a = farFromSingular(x);
      return [a.solve(v), a.solve(batch), a.t().solve(v), a.expand([2, 3, 3]).solve(batch)];
    },
    draw => [draw.normal(3, 3), draw.normal(3), draw.normal(2, 3, 2)],
  ),
  pure(
    'the gradients of gradients of an inverse and of a determinant',
    (x: Tensor) => {
      const a = farFromSingular(x).div(6);
      const [g] = grad(a.inverse().sum().add(a.det()), [x], { createGraph: true });
      return [g.detach(), ...grad(g.square().sum(), [x])];
    },
    draw => [draw.leaf(3, 3)],
  ),
  program('least squares by the normal equations, with a closed-over matrix', draw => {
    const design = draw.normal(8, 3);
    return {
      fn: (y: Tensor) => farFromSingular(design.t().matmul(design)).solve(design.t().matmul(y)),
      inputs: d => [d.normal(8)],
      state: design,
    };
  }),
  ...reductions.flatMap(reduction => [
    pure(
      `binaryCrossEntropy, reduction ${reduction}`,
      withGradients((p, target, weight) => p.binaryCrossEntropy(target, { reduction, weight })),
      draw => [probabilities(draw), draw.mask(4, 3).to(draw.dtype), draw.uniform(0.5, 2, 3)],
    ),
    pure(
      `binaryCrossEntropyWithLogits with weights of both kinds, reduction ${reduction}`,
      withGradients((x, target, weight, posWeight) =>
        x.binaryCrossEntropyWithLogits(target, { reduction, weight, posWeight }),
      ),
      draw => [draw.leaf(4, 3), draw.mask(4, 3).to(draw.dtype), draw.uniform(0.5, 2, 4, 1), draw.uniform(0.5, 2, 3)],
    ),
    pure(
      `klDiv, reduction ${reduction}`,
      withGradients((x, y) => x.logSoftmax(1).klDiv(y.softmax(1), { reduction })),
      draw => [draw.leaf(4, 3), draw.leaf(4, 3)],
    ),
    pure(
      `klDiv of logarithms, reduction ${reduction}`,
      withGradients((x, y) => x.logSoftmax(1).klDiv(y.logSoftmax(1), { reduction, logTarget: true })),
      draw => [draw.leaf(4, 3), draw.leaf(4, 3)],
    ),
  ]),
  pure(
    'klDiv of targets that are partly 0, by batch',
    withGradients((x, y) => x.logSoftmax(1).klDiv(y.relu(), { reduction: 'batchmean' })),
    draw => [draw.leaf(4, 3), draw.normal(4, 3)],
  ),
  pure(
    'binaryCrossEntropy of probabilities that are 0 and 1',
    withGradients((p, target) => p.binaryCrossEntropy(target)),
    (draw, call) => {
      const p = draw.of([0, 1, 0, 1, 0.25 * (call + 1)]);
      p.requiresGrad = true;
      return [p, draw.of([0, 1, 1, 0, 0.5])];
    },
  ),
  pure(
    'cosineSimilarity along each dim, broadcast, and of zeros',
    withGradients((x, y) =>
      x
        .cosineSimilarity(y)
        .sum()
        .add(x.cosineSimilarity(y, 0).mul(2).sum())
        .add(x.mul(0).cosineSimilarity(y, -1).sum()),
    ),
    draw => [draw.leaf(4, 3), draw.leaf(1, 3)],
  ),
];
