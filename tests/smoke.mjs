// The built packages as plain Node sees them: no flags, no TypeScript. Run after `npm run build`.
import assert from 'node:assert/strict';
import { grad, gradcheck, io, manualSeed, nn, optim, randn, tensor } from 'tapegrad';

const x = tensor([1, 2, 3], { requiresGrad: true });
assert.deepEqual(grad(x.square().sum(), x).toArray(), [2, 4, 6]);
assert.equal(
  gradcheck(y => y.tanh().sum(), [x]),
  true,
);

manualSeed(1);
const model = new nn.Linear(3, 2);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
const input = randn([8, 3]);
const target = input.narrow(1, 0, 2);
const losses = Array.from({ length: 50 }, () => {
  const loss = model.forward(input).mseLoss(target);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss.item();
});
assert.ok(losses[49] < losses[0] / 2, `the loss fell from ${losses[0]} to ${losses[49]} only`);

const bytes = io.encodeSafetensors(model.stateDict());
assert.deepEqual(io.decodeSafetensors(bytes).weight.toArray(), model.weight.toArray());
console.log('the built packages work in plain Node', process.version);
