import { nn, optim, type Tensor } from 'tapegrad';
import { type Case, type Nested, program } from '../case.ts';
import type { Draw } from '../draw.ts';

type Options = { readonly generator: Draw['generator'] };

/** A model, with what it is trained on. */
interface Task {
  readonly make: (options: Options) => nn.Module;
  readonly loss: (model: nn.Module, x: Tensor, target: Tensor) => Tensor;
  readonly batch: (draw: Draw) => Tensor[];
}

const squares = (model: nn.Module, x: Tensor, target: Tensor): Tensor => {
  const y = model.forward(x);
  const outputs: Tensor = Array.isArray(y) ? y[0] : y;
  return outputs.mseLoss(target);
};

/** A character model: ids [time, batch] become logits. */
class Characters extends nn.Module {
  readonly embedding: nn.Embedding;
  readonly rnn: nn.Module;
  readonly head: nn.Linear;

  constructor(rnn: nn.Module, width: number, options: Options) {
    super();
    this.embedding = new nn.Embedding(6, 4, options);
    this.rnn = rnn;
    this.head = new nn.Linear(width, 6, options);
  }

  forward(ids: Tensor): Tensor {
    const [outputs] = this.rnn.forward(this.embedding.forward(ids));
    return this.head.forward(outputs);
  }
}

const characters = (make: (options: Options) => nn.Module, width: number): Task => ({
  make: o => new Characters(make(o), width, o),
  loss: (model, ids, targets) => model.forward(ids).flatten(0, 1).crossEntropy(targets.flatten()),
  batch: d => [d.ids(0, 6, 5, 2), d.ids(0, 6, 5, 2)],
});

/** A layer of attention that looks back alone, as a layer of one input. */
class Causal extends nn.Module {
  readonly encoder: nn.TransformerEncoder;

  constructor(options: Options) {
    super();
    // Without biases: that of the keys has the gradient 0, of which only the rounding is left, and Adam scales that up.
    const made = { ...options, bias: false, dimFeedforward: 6, dropout: 0.2, normFirst: true, batchFirst: true };
    this.encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, made), 2);
  }

  forward(x: Tensor): Tensor {
    return this.encoder.forward(x, { isCausal: true });
  }
}

export const tasks: Record<string, Task> = {
  'a perceptron': {
    make: o => new nn.Sequential(new nn.Linear(3, 6, o), new nn.Tanh(), new nn.Linear(6, 2, o)),
    loss: squares,
    batch: d => [d.normal(5, 3), d.normal(5, 2)],
  },
  'a layer norm with dropout': {
    make: o =>
      new nn.Sequential(new nn.Linear(3, 8, o), new nn.LayerNorm(8, o), new nn.Dropout(0.25, o), new nn.SiLU()),
    loss: squares,
    batch: d => [d.normal(5, 3), d.normal(5, 8)],
  },
  'an embedding': {
    make: o => new nn.Sequential(new nn.Embedding(6, 4, o), new nn.Linear(4, 2, o)),
    loss: squares,
    batch: d => [d.ids(0, 6, 7), d.normal(7, 2)],
  },
  "Elman's network": characters(o => new nn.RNN(4, 5, o), 5),
  'an LSTM of two layers in both directions with dropout': characters(
    o => new nn.LSTM(4, 3, { ...o, numLayers: 2, bidirectional: true, dropout: 0.2 }),
    6,
  ),
  'a GRU of two layers': characters(o => new nn.GRU(4, 5, { ...o, numLayers: 2 }), 5),
  'a cell': {
    make: o => new nn.GRUCell(3, 4, o),
    loss: squares,
    batch: d => [d.normal(5, 3), d.normal(5, 4)],
  },
  'a transformer of two layers with dropout': {
    make: o => new Causal(o),
    loss: squares,
    batch: d => [d.normal(2, 3, 4), d.normal(2, 3, 4)],
  },
};

type Optimizer = optim.Optimizer;

const optimizers: Record<string, (params: nn.Parameter[]) => Optimizer> = {
  SGD: params => new optim.SGD(params, { lr: 0.1 }),
  'SGD with momentum': params => new optim.SGD(params, { lr: 0.1, momentum: 0.9 }),
  'SGD with dampened momentum': params => new optim.SGD(params, { lr: 0.1, momentum: 0.9, dampening: 0.5 }),
  "SGD in Nesterov's way": params => new optim.SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true }),
  'SGD with weight decay': params => new optim.SGD(params, { lr: 0.1, momentum: 0.5, weightDecay: 0.1 }),
  Adam: params => new optim.Adam(params, { lr: 0.01 }),
  'Adam with weight decay and amsgrad': params => new optim.Adam(params, { lr: 0.01, weightDecay: 0.1, amsgrad: true }),
  AdamW: params => new optim.AdamW(params, { lr: 0.01 }),
};

interface Training {
  readonly model: nn.Module;
  readonly optimizer: Optimizer;
}

interface Variant {
  readonly optimizer?: (params: nn.Parameter[]) => Optimizer;
  /** What happens between backward and the step, or in place of the usual step. */
  readonly update?: (training: Training) => Nested;
  /** Eager code before each call; made anew for every run. */
  readonly before?: (training: Training) => (call: number) => void;
}

function step({ optimizer }: Training): Nested {
  optimizer.step();
  return null;
}

/** Trains a model of a task for three calls, and compares losses, parameters, gradients and what the optimiser keeps. */
export function training(name: string, { make, loss, batch }: Task, variant: Variant = {}): Case {
  const { optimizer: makeOptimizer = optimizers['SGD with momentum'], update = step, before } = variant;
  return program(name, draw => {
    const model = draw.model(make);
    const optimizer = makeOptimizer(model.parameters());
    return {
      fn: (x: Tensor, target: Tensor) => {
        optimizer.zeroGrad();
        const value = loss(model, x, target);
        value.backward();
        return [value.detach(), update({ model, optimizer })];
      },
      inputs: batch,
      before: before?.({ model, optimizer }),
      state: [model.parameters(), optimizer.stateDict()],
    };
  });
}

const [perceptron, elman] = [tasks['a perceptron'], tasks["Elman's network"]];

/** A schedule that moves on before every call but the first. */
export const scheduled =
  (make: (optimizer: Optimizer) => { step(): void }) =>
  ({ optimizer }: Training) => {
    const schedule = make(optimizer);
    return (call: number): void => (call > 0 ? schedule.step() : undefined);
  };

const clipped =
  (clip: (params: nn.Parameter[]) => Nested) =>
  ({ model, optimizer }: Training): Nested => {
    const norm = clip(model.parameters());
    optimizer.step();
    return norm;
  };

export const trainingCases: Case[] = [
  ...Object.entries(tasks).flatMap(([what, task]) =>
    Object.entries(optimizers).map(([how, optimizer]) => training(`${what}, trained by ${how}`, task, { optimizer })),
  ),
  training('going up the gradient', perceptron, {
    optimizer: params => new optim.SGD(params, { lr: 0.1, maximize: true }),
  }),
  training('groups of parameters with options of their own', perceptron, {
    optimizer: params =>
      new optim.Adam(
        [
          { params: params.slice(0, 2), lr: 0.1 },
          { params: params.slice(2), weightDecay: 0.5 },
        ],
        {
          lr: 0.01,
        },
      ),
  }),
  training('some parameters alone, the others left as they are', perceptron, {
    optimizer: params => new optim.AdamW(params.slice(2)),
  }),
  training('gradients clipped to a norm that they exceed', elman, {
    update: clipped(params => optim.clipGradNorm(params, 0.05)),
  }),
  training('gradients clipped to a norm that they do not reach', elman, {
    update: clipped(params => optim.clipGradNorm(params, 100)),
  }),
  training('gradients clipped by their sum and by their largest element', elman, {
    update: clipped(params => [
      optim.clipGradNorm(params, 0.5, { normType: 1 }),
      optim.clipGradNorm(params, 0.05, { normType: Number.POSITIVE_INFINITY }),
    ]),
  }),
  training('gradients clipped element by element', elman, {
    update: clipped(params => {
      optim.clipGradValue(params, 0.01);
      return null;
    }),
  }),
  training('a learning rate that is set before every call', perceptron, {
    before:
      ({ optimizer }) =>
      call => {
        optimizer.lr = 0.1 / (call + 1);
      },
  }),
  training('a learning rate of one group that is set before every call', perceptron, {
    optimizer: params => new optim.AdamW([{ params: params.slice(0, 1) }, { params: params.slice(1) }], { lr: 0.05 }),
    before:
      ({ optimizer }) =>
      call => {
        optimizer.paramGroups[1].lr = 0.02 * call;
      },
  }),
  training('a rate that is cut every step', perceptron, {
    before: scheduled(o => new optim.schedule.StepLR(o, { stepSize: 1, gamma: 0.5 })),
  }),
  training('a rate that is cut at milestones', perceptron, {
    before: scheduled(o => new optim.schedule.MultiStepLR(o, { milestones: [2] })),
  }),
  training('a rate that decays', perceptron, {
    optimizer: optimizers.Adam,
    before: scheduled(o => new optim.schedule.ExponentialLR(o, { gamma: 0.7 })),
  }),
  training('a rate that follows a cosine', perceptron, {
    optimizer: optimizers.AdamW,
    before: scheduled(o => new optim.schedule.CosineAnnealingLR(o, { tMax: 3 })),
  }),
  training('a rate that warms up', perceptron, {
    before: scheduled(o => new optim.schedule.LinearWarmup(o, { steps: 3 })),
  }),
  training('two steps with the same gradients in one call', perceptron, {
    update: ({ optimizer }) => {
      optimizer.step();
      optimizer.step();
      return null;
    },
  }),
  training('a parameter without a gradient in some calls', perceptron, {
    before:
      ({ model }) =>
      call => {
        model.parameters()[0].requiresGrad = call !== 1;
      },
  }),
  training('training and evaluation in turn', tasks['a layer norm with dropout'], {
    before:
      ({ model }) =>
      call =>
        void model.train(call !== 1),
  }),
  training('weights that are loaded between the calls', perceptron, {
    optimizer: optimizers.Adam,
    before: ({ model }) => {
      const saved = Object.fromEntries(Object.entries(model.stateDict()).map(([key, value]) => [key, value.clone()]));
      return call => (call === 2 ? void model.loadStateDict(saved) : undefined);
    },
  }),
  training('an optimiser whose state is loaded between the calls', perceptron, {
    optimizer: optimizers.Adam,
    before: ({ optimizer }) => {
      const saved = Object.fromEntries(
        Object.entries(optimizer.stateDict()).map(([key, value]) => [key, value.clone()]),
      );
      return call => (call === 2 ? optimizer.loadStateDict(saved) : undefined);
    },
  }),
];
