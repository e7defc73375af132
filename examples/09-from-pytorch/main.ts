// Lesson 9: a model from PyTorch, and back.
//
// model.py trained a small recurrent network in PyTorch: it tells sines, squares and sawtooths apart. Here it is loaded, says
// the same as there, learns a fourth form that it has never seen, and is saved so that PyTorch loads it:
//
//     npm run example examples/09-from-pytorch/main.ts -- --epochs 100
//     python3 examples/09-from-pytorch/model.py read runs/09-from-pytorch

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ArgumentError, compile, data, io, manualSeed, nn, noGrad, optim, type Tensor } from 'tapegrad';
import { whole } from '../whole.ts';
import { names, waves } from './waves.ts';

const { values: options } = parseArgs({
  options: { epochs: { type: 'string', default: '30' }, out: { type: 'string', default: 'runs/09-from-pytorch' } },
});
const epochs = whole('epochs', options.epochs);

// The same model. A state dict names tensors after the fields that hold them, so the fields are called as in model.py; what
// the layers call theirs, and how these are laid out, is PyTorch's anyway. Names of classes and constants do not matter.
class Waves extends nn.Module {
  gru = new nn.GRU(1, 16, { batchFirst: true });
  head: nn.Linear;

  constructor(classes: number) {
    super();
    this.head = new nn.Linear(16, classes);
  }

  forward(x: Tensor): Tensor {
    const [outputs] = this.gru.forward(x);
    return this.head.forward(outputs.select(1, -1));
  }
}

// A safetensors file is a state dict: tensors by name, and nothing that could run.
const file = (name: string) => new URL(name, import.meta.url);
const weights = await io.loadSafetensors(file('model.safetensors'));
console.log('What PyTorch saved:');
for (const [name, x] of Object.entries(weights)) console.log(`  ${name.padEnd(20)} [${x.shape.join(', ')}]`);

// Loading is strict: a name that is missing on one side, or a shape that does not fit, is an error, and nothing is loaded.
try {
  new Waves(4).loadStateDict(weights);
} catch (error) {
  if (error instanceof ArgumentError) console.log(`\nInto a model of four classes it does not go:\n  ${error.message}`);
}
const model = new Waves(3);
model.loadStateDict(weights);

// model.py has also saved what the model said in PyTorch for some inputs: never trust that a transfer went well.
const { inputs, outputs } = await io.loadSafetensors(file('check.safetensors'));
const difference = noGrad(() => model.forward(inputs).sub(outputs).abs().max().item());
console.log(
  `\nThe same inputs, the same outputs: they differ by at most ${difference.toExponential(0)}, which is rounding.`,
);

/** What share of the waves of each form the model names rightly. */
function report({ inputs, labels }: ReturnType<typeof waves>): string {
  const right = noGrad(() => model.forward(inputs).argmax(1).eq(labels));
  const shares = names.map((name, k) => {
    const share = right.at(labels.eq(k)).to('float32').mean().item();
    return `${name} ${(100 * share).toFixed(0)} %`;
  });
  return shares.join(', ');
}
const unseen = waves(800, 'unseen');
console.log(`\nAs it came\n  right about  ${report(unseen)}`);

// Fine-tuning: what it has learnt about waves stays as it is, and a head of four classes takes the place of the old one, of
// which it keeps the three rows. What is frozen requires no gradient: backward does not go there at all.
manualSeed(9);
const old = model.head;
model.head = new nn.Linear(16, 4);
noGrad(() => {
  model.head.weight.slice(0, 0, 3).assign(old.weight);
});
for (const parameter of model.gru.parameters()) parameter.requiresGrad = false;

const known = waves(800, 'known');
const loader = new data.DataLoader(new data.TensorDataset(known.inputs, known.labels), {
  batchSize: 40,
  shuffle: true,
  seed: 9,
});

/** Trains what is not frozen, and says how that went. */
function train(lr: number): void {
  const free = model.parameters().filter(parameter => parameter.requiresGrad);
  const optimizer = new optim.Adam(free, { lr });
  const schedule = new optim.schedule.CosineAnnealingLR(optimizer, {
    tMax: epochs * loader.length,
  });
  const step = compile((inputs: Tensor, labels: Tensor) => {
    const loss = model.forward(inputs).crossEntropy(labels);
    optimizer.zeroGrad();
    loss.backward();
    optim.clipGradNorm(free, 1);
    optimizer.step();
    return loss;
  });
  const losses: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++)
    for (const [inputs, labels] of loader) {
      losses.push(step(inputs, labels).item());
      schedule.step();
    }
  const count = (parameters: readonly Tensor[]) => parameters.reduce((n, x) => n + x.size, 0);
  console.log(`  ${count(free)} of ${count(model.parameters())} parameters, ${losses.length} steps`);
  console.log(`  loss ${losses[0].toFixed(4)} at first, ${losses[losses.length - 1].toFixed(4)} at last`);
  console.log(`  right about  ${report(unseen)}`);
}
console.log('\nThe new head alone');
train(0.02);

// The recurrent layer never had to tell a triangle from a sine, and hardly does. So in the end all may move, by small steps.
for (const parameter of model.gru.parameters()) parameter.requiresGrad = true;
console.log('\nAll of it');
train(0.01);

// Back: the weights, and what they say for some waves, so that PyTorch can be held against it.
mkdirSync(options.out, { recursive: true });
const some = unseen.inputs.slice(0, 0, 12);
await io.saveSafetensors(join(options.out, 'model.safetensors'), model.stateDict());
await io.saveSafetensors(join(options.out, 'check.safetensors'), {
  inputs: some,
  outputs: noGrad(() => model.forward(some)),
});
console.log(
  `\nSaved in ${options.out}. PyTorch loads it:  python3 examples/09-from-pytorch/model.py read ${options.out}`,
);
