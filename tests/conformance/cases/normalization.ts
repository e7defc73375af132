import { nn, noGrad, optim, type Tensor } from 'tapegrad';
import { type Case, program, script } from '../case.ts';
import type { Draw } from '../draw.ts';

type Make = (options: { readonly generator: Draw['generator'] }) => nn.Module;

/** What a layer gives, with the gradients of input and parameters, and the buffers that it moves, over three calls. */
const onLayer = (name: string, make: Make, ...shape: number[]): Case =>
  program(name, draw => {
    const model = draw.model(make);
    return {
      fn: (x: Tensor) => {
        model.zeroGrad();
        const y: Tensor = model.forward(x);
        // Cubes, since the sum of squares of what is normalised is always the same, and has no gradient.
        y.pow(3).add(y).sum().backward();
        return y.detach();
      },
      inputs: d => [d.leaf(...shape)],
      state: [model.parameters(), model.buffers()],
    };
  });

/** A perceptron with batch norm, before which a bias would have no gradient but rounding. */
const perceptron: Make = o =>
  new nn.Sequential(
    new nn.Linear(4, 6, { ...o, bias: false }),
    new nn.BatchNorm1d(6),
    new nn.Tanh(),
    new nn.Linear(6, 2, o),
  );

export const normalizationCases: Case[] = [
  onLayer('batch norm of vectors', () => new nn.BatchNorm1d(3), 8, 3),
  onLayer('batch norm of sequences', () => new nn.BatchNorm1d(3), 4, 3, 5),
  onLayer('batch norm of images', () => new nn.BatchNorm2d(3), 4, 3, 5, 2),
  onLayer('batch norm with an average of all batches', () => new nn.BatchNorm1d(3, { momentum: null }), 8, 3),
  onLayer('batch norm without parameters', () => new nn.BatchNorm1d(3, { affine: false }), 8, 3),
  onLayer('batch norm without running statistics', () => new nn.BatchNorm1d(3, { trackRunningStats: false }), 8, 3),
  onLayer('group norm', () => new nn.GroupNorm(2, 4), 3, 4, 5),
  onLayer('group norm of vectors, without parameters', () => new nn.GroupNorm(2, 6, { affine: false }), 5, 6),
  onLayer('rms norm', () => new nn.RMSNorm(6), 4, 6),
  onLayer(
    'rms norm over two dims, without a weight',
    () => new nn.RMSNorm([3, 5], { elementwiseAffine: false }),
    2,
    3,
    5,
  ),
  program('running statistics that are arguments, and that are read in the same call', () => ({
    fn: (x: Tensor, mean: Tensor, variance: Tensor) => {
      const before = mean.add(1);
      const y: Tensor = x.batchNorm(mean, variance, null, null, { training: true, momentum: 0.3 });
      return [before, y, mean.mul(2), x.batchNorm(mean, variance)];
    },
    inputs: d => [d.normal(6, 3), d.normal(3), d.uniform(0.5, 2, 3)],
  })),
  program('two batches in one call, each of which moves the running statistics', draw => {
    const norm = draw.model(() => new nn.BatchNorm1d(3, { momentum: null }));
    return {
      fn: (x: Tensor, y: Tensor) => [norm.forward(x), norm.forward(y)],
      inputs: d => [d.normal(6, 3), d.normal(4, 3)],
      state: norm.buffers(),
    };
  }),
  script('one compiled function in training and in evaluation, with an optimiser', (compiled, draw) => {
    const model = draw.model(perceptron);
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
    const train = compiled((x: Tensor, target: Tensor) => {
      optimizer.zeroGrad();
      const loss: Tensor = model.forward(x).mseLoss(target);
      loss.backward();
      optimizer.step();
      return loss.detach();
    });
    const evaluate = compiled((x: Tensor) => noGrad(() => model.forward(x)));
    const results: Tensor[] = [];
    for (let i = 0; i < 4; i++) {
      const x = draw.normal(6, 4);
      results.push(train(x, draw.normal(6, 2)), evaluate(x));
      model.eval();
      results.push(evaluate(x));
      model.train();
    }
    return [results, model.stateDict()];
  }),
];
