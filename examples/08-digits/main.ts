// Lesson 8: a network that sees.
//
// Digits are drawn by a program, no two alike: slanted, turned, shifted, with a thick or a thin pen, on noisy paper. A small
// convolutional network learns to read them, and shows what it took for what, and what its first layer looks for.
//
//     npm run example examples/08-digits/main.ts -- --digits 6000 --epochs 10

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, data, Generator, manualSeed, nn, noGrad, optim, type Tensor } from 'tapegrad';
import { whole } from '../whole.ts';
import { digits } from './draw.ts';
import { picture } from './picture.ts';
import { confusion, sideBySide } from './terminal.ts';

const { values: options } = parseArgs({
  options: {
    digits: { type: 'string', default: '2000' },
    epochs: { type: 'string', default: '5' },
    out: { type: 'string', default: 'runs/08-digits' },
  },
});
const [count, epochs] = [whole('digits', options.digits), whole('epochs', options.epochs)];

const train = digits(count, new Generator('train'));
const test = digits(500, new Generator('test'));
console.log(`${count} digits to learn from, 500 others to be tested with. The first of those:`);
console.log(sideBySide(Array.from(test.pictures.slice(0, 0, 6), x => x.data)));

// Convolutions look at every place of the picture with the same few weights; pooling forgets where exactly, so that a
// shifted digit looks alike. What one layer halves in size it gains in channels. `summary` follows the shape.
manualSeed(8);
const model = new nn.Sequential(
  new nn.Conv2d(1, 8, 5, { padding: 2, bias: false }), // the norm behind it has a bias
  new nn.BatchNorm2d(8),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(8, 16, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(16),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Dropout(0.3),
  new nn.Linear(256, 10),
);
nn.summary(model, [50, 1, 16, 16]);

// The loss is smoothed a little: a target is 0.91 for the digit, and 0.01 for each other, so that the network does not
// become sure of itself beyond reason.
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.005, weightDecay: 0.01 });
const loader = new data.DataLoader(new data.TensorDataset(train.pictures, train.labels), {
  batchSize: 50,
  shuffle: true,
  dropLast: true,
  seed: 8,
});
const schedule = new optim.schedule.CosineAnnealingLR(optimizer, { tMax: epochs * loader.length });
const step = compile((pictures: Tensor, labels: Tensor) => {
  const loss = model.forward(pictures).crossEntropy(labels, { labelSmoothing: 0.1 });
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
});

// Dropout and batch norm do one thing in training and another in use: `eval` drops nothing, and takes the mean and variance
// that batch norm has kept of the batches so far. A batch of one digit is then read as it is among others.
function read(pictures: Tensor): Tensor {
  model.eval();
  const probabilities = noGrad(() => model.forward(pictures).softmax(1));
  model.train();
  return probabilities;
}
const accuracy = (pictures: Tensor, labels: Tensor): number =>
  read(pictures).argmax(1).eq(labels).to('float32').mean().item();
const percent = (share: number): string => `${(100 * share).toFixed(1).padStart(5)} %`;

console.log('\nepoch    loss   right of those learnt from   right of unseen ones');
for (let epoch = 1; epoch <= epochs; epoch++) {
  let sum = 0;
  for (const [pictures, labels] of loader) {
    sum += step(pictures, labels).item();
    schedule.step();
  }
  const known = accuracy(train.pictures.slice(0, 0, 500), train.labels.slice(0, 0, 500));
  const loss = (sum / loader.length).toFixed(4);
  console.log(
    `${String(epoch).padStart(5)}  ${loss}   ${percent(known).padStart(26)}   ${percent(accuracy(test.pictures, test.labels)).padStart(20)}`,
  );
}

// What was taken for what: a row for each digit, a column for each answer.
const probabilities = read(test.pictures);
const answers = probabilities.argmax(1);
console.log('\nwhat it was ↓, what the network says →');
console.log(confusion(test.labels.data, answers.data));

// The digits that it is wrong about, or least sure of, tell more than those that it reads: they come first when sorted by the
// probability of what they are.
const right = probabilities.gather(1, test.labels.unsqueeze(1)).squeeze(1);
const hardest = right.argsort().slice(0, 0, 12);
const hard = Array.from(hardest.data, i => ({
  pixels: test.pictures.at(i).data,
  digit: test.labels.at(i).item(),
  answer: answers.at(i).item(),
  probability: probabilities.at(i).max().item(),
}));
console.log('\nThe hardest of them:');
console.log(sideBySide(hard.slice(0, 6).map(({ pixels }) => pixels)));
console.log(
  hard
    .slice(0, 6)
    .map(({ digit, answer }) => `a ${digit}, read as ${answer}`.padEnd(17))
    .join('')
    .trimEnd(),
);

// The first layer's weights are pictures themselves, of 5 x 5 pixels: what each of the eight filters answers to.
const filters = Array.from(model.at(0).weight.detach(), x => x.data);
mkdirSync(options.out, { recursive: true });
const file = join(options.out, 'digits.svg');
writeFileSync(
  file,
  picture(hard, filters, `${percent(accuracy(test.pictures, test.labels)).trim()} of 500 unseen digits are read right`),
);
console.log(`\nThey are drawn, with the filters of the first layer: ${file}`);
