// The packages as plain Node sees them: no flags, no TypeScript. Run after `npm run build`, and by tests/packed on what is
// packed.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flameGraph, graphSvg } from '@tapegrad/viz';
import {
  compile,
  data,
  grad,
  gradcheck,
  graph,
  io,
  jacobian,
  manualSeed,
  nn,
  optim,
  profile,
  randn,
  tensor,
} from 'tapegrad';

for (const name of ['autograd', 'compile', 'data', 'graph', 'io', 'nn', 'optim', 'tensor', 'viz', 'wasm'])
  assert.ok(Object.keys(await import(`@tapegrad/${name}`)).length > 0, `@tapegrad/${name} has no exports`);

const x = tensor([1, 2, 3], { requiresGrad: true });
assert.deepEqual(grad(x.square().sum(), x).toArray(), [2, 4, 6]);
const cube = y => y.pow(3);
assert.equal(gradcheck(cube, [x]), true);
assert.deepEqual(jacobian(cube, x).diagonal().toArray(), [3, 12, 27]);
assert.match(graph(x.square().sum()).dot, /^digraph/);
assert.match(graph(x.square().sum()).svg, /^<svg/);
assert.match(await graphSvg(graph(x.square().sum())), /^<svg/);
assert.match(flameGraph(profile(() => x.square().sum(), { trace: true })), /^<svg/);

/** The losses of a small training, which `prepare` may compile, and what it leaves behind. */
function train(prepare) {
  manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 2));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.05 });
  const step = prepare((input, target) => {
    optimizer.zeroGrad();
    const loss = model.forward(input).mseLoss(target);
    loss.backward();
    optimizer.step();
    return loss.detach();
  });
  const inputs = randn([32, 3]);
  const examples = new data.TensorDataset(inputs, inputs.narrow(1, 0, 2));
  const loader = new data.DataLoader(examples, { batchSize: 8, shuffle: true, seed: 5 });
  assert.equal(loader.length, 4);
  const losses = [];
  for (let epoch = 0; epoch < 20; epoch++) for (const batch of loader) losses.push(step(...batch).item());
  return { model, losses, executor: step.stats?.().executor };
}

const eager = train(step => step);
const first = eager.losses[0];
const last = eager.losses.at(-1);
assert.ok(last < first / 4, `the loss fell from ${first} to ${last} only`);
for (const executor of ['wasm', 'javascript']) {
  const compiled = train(step => compile(step, { executor }));
  assert.equal(compiled.executor, executor);
  for (const [i, loss] of compiled.losses.entries())
    assert.ok(Math.abs(loss - eager.losses[i]) < 1e-4, `step ${i} in ${executor}: ${loss}, not ${eager.losses[i]}`);
}

const { model } = eager;
assert.match(String(nn.summary(model, [8, 3], { print: false })), /Parameters +50 /);
assert.ok(profile(() => model.forward(randn([8, 3]))).ops.some(({ op }) => op === 'tanh'));

const state = model.stateDict();
const weight = state['0.weight'];
const folder = await mkdtemp(join(tmpdir(), 'tapegrad-'));
try {
  await io.saveSafetensors(join(folder, 'model.safetensors'), state);
  await io.saveNpz(join(folder, 'model.npz'), state);
  await io.saveNpy(join(folder, 'weight.npy'), weight);
  const read = [
    (await io.loadSafetensors(join(folder, 'model.safetensors')))['0.weight'],
    (await io.loadNpz(join(folder, 'model.npz')))['0.weight'],
    await io.loadNpy(join(folder, 'weight.npy')),
  ];
  for (const y of read) assert.deepEqual(y.toArray(), weight.toArray());
} finally {
  await rm(folder, { recursive: true });
}
console.log('the packages work in plain Node', process.version);
