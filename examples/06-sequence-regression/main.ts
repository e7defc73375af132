// Lesson 6: a forecast.
//
// A sum of two waves is measured with noise. A recurrent network reads 32 steps of it and says the next one; fed with
// its own answers, it goes on as long as one likes. Nobody tells it that there are waves, or what their periods are.
//
//     npm run example examples/06-sequence-regression/main.ts -- --epochs 20

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, data, Generator, manualSeed, nn, noGrad, optim, type Tensor, tensor } from 'tapegrad';
import { whole } from '../whole.ts';
import { picture } from './picture.ts';
import { series } from './series.ts';

const { values: options } = parseArgs({
  options: {
    epochs: { type: 'string', default: '80' },
    out: { type: 'string', default: 'runs/06-sequence-regression' },
  },
});
const epochs = whole('epochs', options.epochs);

// Three parts, in the order of time: the first is trained on, the second says when to stop, and the third is for the
// forecast, and is looked at once, at the end. A random split would leak: neighbours in time are almost the same.
const [length, trainEnd, heldOutEnd] = [900, 600, 750];
const { exact, measured } = series(length, new Generator('waves'));
console.log(
  `${length} steps: ${trainEnd} to train on, ${heldOutEnd - trainEnd} held out, ${length - heldOutEnd} to forecast.`,
);

// Networks like numbers around zero, of size one. Mean and deviation are those of the training part: what is to be
// forecast is not known yet, and nor is its mean.
const known = measured.slice(0, 0, trainEnd);
const [mean, deviation] = [known.mean().item(), known.std().item()];
const normal = measured.sub(mean).div(deviation);
console.log(
  `The training part has mean ${mean.toFixed(2)} and deviation ${deviation.toFixed(2)}; the network sees (x - mean) / deviation.`,
);

// The examples: windows of 32 steps, and for each the step that follows its last one. `windows` gives the followers of
// all 32; many to one means that only the last counts.
const sight = 32;
function examples(part: Tensor) {
  const [inputs, followers] = data.windows(part, sight);
  return new data.TensorDataset(inputs.unsqueeze(-1), followers.slice(1, -1));
}
const train = examples(normal.slice(0, 0, trainEnd));
const heldOut = examples(normal.slice(0, trainEnd, heldOutEnd));

/** An LSTM that reads [batch, time, 1], and a linear layer that makes the next value, [batch, 1], of its last output. */
class Forecaster extends nn.Module {
  lstm = new nn.LSTM(1, 32, { batchFirst: true });
  head = new nn.Linear(32, 1);

  forward(windows: Tensor): Tensor {
    const [outputs] = this.lstm.forward(windows);
    return this.head.forward(outputs.select(1, -1));
  }
}

manualSeed(6);
const model = new Forecaster();
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const loader = new data.DataLoader(train, { batchSize: 32, shuffle: true, dropLast: true, seed: 6 });

// A step has some thousand operations: as one program it is several times as fast. (With dropLast all batches have the
// same shape, so that one program is enough.)
const step = compile((windows: Tensor, next: Tensor) => {
  const loss = model.forward(windows).mseLoss(next);
  optimizer.zeroGrad();
  loss.backward();
  optim.clipGradNorm(model.parameters(), 1);
  optimizer.step();
  return loss;
});
const measure = (set: typeof heldOut): number => {
  const [windows, next] = set.tensors;
  return noGrad(() => model.forward(windows).mseLoss(next).item());
};

// Early stopping: the loss on the held-out part falls while the network learns the waves, and rises again when it begins
// to learn the noise by heart. The weights of the best epoch are kept; after eight epochs without a better one, it ends.
// Before that, three without a better one halve the learning rate, which the compiled step looks up at every call.
const patience = 8;
const schedule = new optim.schedule.ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 2 });
let best = { epoch: 0, loss: Infinity, weights: model.stateDict() };
console.log('\nepoch   training loss   held-out loss');
for (let epoch = 1; epoch <= epochs && epoch - best.epoch <= patience; epoch++) {
  let sum = 0;
  for (const [windows, next] of loader) sum += step(windows, next).item();
  const loss = measure(heldOut);
  schedule.step(loss);
  const better = loss < best.loss;
  if (better) {
    // A state dict shares the memory of the model, which goes on changing: copy it.
    const weights = Object.entries(model.stateDict()).map(([name, x]) => [name, x.clone()]);
    best = { epoch, loss, weights: Object.fromEntries(weights) };
  }
  if (epoch % 5 > 0 && epoch > 1) continue;
  const row = [String(epoch).padStart(5), (sum / loader.length).toFixed(4).padStart(15), loss.toFixed(4).padStart(15)];
  console.log(`${row.join(' ')}${better ? '   the best so far' : ''}`);
}
model.loadStateDict(best.weights);
console.log(`On with the weights of epoch ${best.epoch}, held-out loss ${best.loss.toFixed(4)}.`);

// The forecast runs free: what the network says is appended to what it reads next. It never sees the last part.
const steps = length - heldOutEnd;
const seen = Array.from(normal.slice(0, heldOutEnd - sight, heldOutEnd).data);
for (let i = 0; i < steps; i++) {
  const window = tensor(seen.slice(-sight), { shape: [1, sight, 1] });
  seen.push(noGrad(() => model.forward(window).item()));
}
const forecast = tensor(seen.slice(sight)).mul(deviation).add(mean);

// How far off is it, as the root of the mean square? No forecast can be better than the noise; saying the mean always is
// the least that it must beat.
const truth = measured.slice(0, heldOutEnd);
const error = (guess: Tensor | number): string => truth.sub(guess).square().mean().sqrt().item().toFixed(2).padStart(5);
console.log(`\nThe error over the last ${steps} steps`);
console.log(`  saying the mean of the training part   ${error(mean)}`);
console.log(`  the forecast, without a look           ${error(forecast)}`);
console.log(`  the waves themselves, without noise    ${error(exact.slice(0, heldOutEnd))}`);

const points = Array.from(measured.data, (value, t) => ({ t, value })).slice(heldOutEnd - 100);
const line = Array.from(forecast.data, (value, i) => ({ t: heldOutEnd + i, value }));
mkdirSync(options.out, { recursive: true });
const file = join(options.out, 'forecast.svg');
writeFileSync(file, picture(points, line, heldOutEnd));
console.log(`\nThe forecast is drawn: ${file}`);
