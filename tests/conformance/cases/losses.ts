import type { Tensor } from 'tapegrad';
import { type Case, pure } from '../case.ts';
import type { Draw } from '../draw.ts';

type Options = { readonly reduction: 'mean' | 'sum' | 'none' };

const ofFloats: Record<string, (x: Tensor, target: Tensor, options: Options) => Tensor> = {
  mseLoss: (x, target, options) => x.mseLoss(target, options),
  l1Loss: (x, target, options) => x.l1Loss(target, options),
  smoothL1Loss: (x, target, options) => x.smoothL1Loss(target, { ...options, beta: 0.7 }),
  huberLoss: (x, target, options) => x.huberLoss(target, { ...options, delta: 0.7 }),
  binaryCrossEntropyWithLogits: (x, target, options) => x.binaryCrossEntropyWithLogits(target.sigmoid(), options),
};

const reductions = ['mean', 'sum', 'none'] as const;

/** A loss with the gradient of what it judges. */
const differentiated =
  (loss: (x: Tensor, ...rest: Tensor[]) => Tensor) =>
  (x: Tensor, ...rest: Tensor[]): (Tensor | null)[] => {
    const y = loss(x, ...rest);
    y.square().sum().backward();
    return [y.detach(), x.grad];
  };

const logitsAndIds = (draw: Draw): Tensor[] => [draw.leaf(6, 5), draw.ids(0, 5, 6)];

/** Targets of which some count nothing: none in the first call, two in the second, all in the third. */
const ignoring = (draw: Draw, call: number): Tensor[] => {
  const [logits, ids] = logitsAndIds(draw);
  if (call > 0) ids.narrow(0, 0, call === 1 ? 2 : 6).assign(-100);
  return [logits, ids];
};

export const lossCases: Case[] = [
  ...Object.entries(ofFloats).flatMap(([name, loss]) =>
    reductions.map(reduction =>
      pure(
        `${name}, reduction ${reduction}`,
        differentiated((x, target) => loss(x, target, { reduction })),
        draw => [draw.leaf(4, 3), draw.normal(4, 3)],
      ),
    ),
  ),
  ...reductions.flatMap(reduction => [
    pure(
      `crossEntropy of class ids, reduction ${reduction}`,
      differentiated((x, ids) => x.crossEntropy(ids, { reduction })),
      logitsAndIds,
    ),
    pure(
      `crossEntropy of class ids, some of which are ignored, reduction ${reduction}`,
      differentiated((x, ids) => x.crossEntropy(ids, { reduction })),
      (draw, call) => ignoring(draw, Math.min(call, 1)),
    ),
    pure(
      `crossEntropy of probabilities, reduction ${reduction}`,
      differentiated((x, p) => x.crossEntropy(p.softmax(1), { reduction, labelSmoothing: 0.1 })),
      draw => [draw.leaf(4, 5), draw.normal(4, 5)],
    ),
    pure(
      `nllLoss with weights, reduction ${reduction}`,
      differentiated((x, ids, weight) => x.logSoftmax(1).nllLoss(ids, { reduction, weight })),
      draw => [...logitsAndIds(draw), draw.uniform(0.5, 2, 5)],
    ),
  ]),
  pure(
    'crossEntropy of targets that are all ignored',
    differentiated((x, ids) => x.crossEntropy(ids)),
    draw => ignoring(draw, 2),
  ),
  pure(
    'crossEntropy with weights, smoothing and an ignored class',
    differentiated((x, ids, weight) => x.crossEntropy(ids, { weight, labelSmoothing: 0.2, ignoreIndex: 1 })),
    draw => [...logitsAndIds(draw), draw.uniform(0.5, 2, 5)],
  ),
  pure(
    'crossEntropy of images of class ids',
    differentiated((x, ids) => x.crossEntropy(ids)),
    draw => [draw.leaf(2, 4, 3, 2), draw.ids(0, 4, 2, 3, 2)],
  ),
  pure(
    'crossEntropy of one vector of logits',
    differentiated((x, id) => x.crossEntropy(id)),
    draw => [draw.leaf(7), draw.ids(0, 7)],
  ),
  pure(
    'crossEntropy of large logits',
    differentiated((x, ids) => x.mul(16).crossEntropy(ids)),
    logitsAndIds,
  ),
  pure(
    'the loss of a sequence, step by step',
    differentiated((x, ids) => {
      const steps = x.unbind(0).map((logits, t) => logits.crossEntropy(ids.select(0, t)));
      return steps.reduce((sum, loss) => sum.add(loss)).div(steps.length);
    }),
    draw => [draw.leaf(4, 3, 5), draw.ids(0, 5, 4, 3)],
  ),
  pure(
    'layerNorm over one dim and over two, and its gradients',
    (x: Tensor, w: Tensor, b: Tensor) => {
      const y: Tensor = x.layerNorm([5], w, b).add(x.layerNorm([4, 5]));
      y.mul(y.detach()).sum().backward();
      return [y.detach(), x.grad, w.grad, b.grad];
    },
    draw => [draw.leaf(3, 4, 5), draw.leaf(5), draw.leaf(5)],
  ),
];
