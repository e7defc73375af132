// Lesson 3: training a network.
//
// Two spirals are wound around each other, and no straight line parts them. A multilayer perceptron learns to say which
// spiral a point of the plane belongs to, and draws the map that it has in its head:
//
//     npx tsx --conditions=tapegrad-source examples/03-mlp/main.ts --out runs/03-mlp

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  binaryCrossEntropyWithLogits,
  cat,
  data,
  full,
  Generator,
  linspace,
  manualSeed,
  nn,
  noGrad,
  optim,
  randn,
  stack,
  type Tensor,
} from 'tapegrad';
import { picture } from './picture.ts';

const { out } = parseArgs({ options: { out: { type: 'string', default: 'runs/03-mlp' } } }).values;

// The data: a point of a spiral has radius r and turns with it; spiral 1 starts half a turn after spiral 0. Some noise.
// The points to train on and those to test with come from the same distribution, but are not the same.
function spiral(label: number, n: number, generator: Generator) {
  const r = linspace(0.1, 1, n);
  const angle = r.mul(3.5 * Math.PI).add(label * Math.PI);
  const exact = stack([r.mul(angle.cos()), r.mul(angle.sin())], 1);
  return exact.add(randn([n, 2], { generator }).mul(0.02));
}

function spirals(n: number, seed: string) {
  const generator = new Generator(seed);
  const points = cat([spiral(0, n, generator), spiral(1, n, generator)]);
  const labels = cat([full([n, 1], 0), full([n, 1], 1)]);
  return { points, labels, length: 2 * n };
}
const train = spirals(200, 'train');
const test = spirals(250, 'test');

// The model: two hidden layers. Its one output is a logit, of which sigmoid makes the probability of spiral 1; the loss
// takes the logit itself, which does not overflow. With manualSeed the weights, and so the whole run, are the same again.
manualSeed(3);
const model = new nn.Sequential(
  new nn.Linear(2, 32),
  new nn.Tanh(),
  new nn.Linear(32, 32),
  new nn.Tanh(),
  new nn.Linear(32, 1),
);
console.log(`A network of ${model.parameters().reduce((n, p) => n + p.size, 0)} parameters.`);

/** The share of the points that lie on the right side of the boundary. */
const accuracy = (points: Tensor, labels: Tensor): number =>
  noGrad(() => model.forward(points).gt(0).eq(labels.gt(0)).to('float32').mean().item());
const percent = (share: number) => `${(100 * share).toFixed(1).padStart(5)} %`;

// The loop: for every batch forward, loss, backward, step. The loader shuffles the points anew in each epoch.
const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
const loader = new data.DataLoader(new data.TensorDataset(train.points, train.labels), {
  batchSize: 100,
  shuffle: true,
  seed: 3,
});
const epochs = 160;
console.log(`\nepoch    loss   right of ${train.length} training points   right of ${test.length} unseen ones`);
for (let epoch = 1; epoch <= epochs; epoch++) {
  let sum = 0;
  for (const [points, labels] of loader) {
    const loss = binaryCrossEntropyWithLogits(model.forward(points), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    sum += loss.item();
  }
  if (epoch % 20 === 0 || epoch === 1)
    console.log(
      `${String(epoch).padStart(5)}  ${(sum / loader.length).toFixed(4)}   ` +
        `${percent(accuracy(train.points, train.labels)).padStart(30)}   ` +
        `${percent(accuracy(test.points, test.labels)).padStart(26)}`,
    );
}

// The picture: ask for the probability at every point of a grid. Along its rows runs x, and x transposed is y.
const extent = 1.25;
const size = 150;
const x = linspace(-extent + extent / size, extent - extent / size, size).expand([size, size]);
const grid = stack([x, x.t()], -1).reshape([-1, 2]);
const probabilities = noGrad(() => model.forward(grid).sigmoid()).data;

const places: number[][] = test.points.toArray();
const labels = test.labels.data;
const points = places.map(([x, y], i) => ({ x, y, label: labels[i] }));
const share = percent(accuracy(test.points, test.labels)).trim();
mkdirSync(out, { recursive: true });
writeFileSync(
  join(out, 'spirals.svg'),
  picture(
    { size, extent, probabilities },
    points,
    'Two spirals, told apart',
    `2 → 32 → 32 → 1: ${share} of unseen points`,
  ),
);
console.log(`\nThe map is drawn: ${join(out, 'spirals.svg')}`);
