// What a page may do with the packages: a gradient, compiled steps, bytes of a file, a picture. Prints what came of it.
import { compile, grad, graph, io, manualSeed, nn, optim, randn, tensor } from 'tapegrad';

const x = tensor([1, 2, 3], { requiresGrad: true });

manualSeed(1);
const model = new nn.Sequential(new nn.Linear(3, 8), new nn.GELU(), new nn.Linear(8, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
const step = compile((input, target) => {
  optimizer.zeroGrad();
  const loss = model.forward(input).mseLoss(target);
  loss.backward();
  optimizer.step();
  return loss.detach();
});
const input = randn([16, 3]);
const losses = Array.from({ length: 20 }, () => step(input, input.sum(1, { keepdim: true })).item());

const result = {
  gradient: grad(x.square().sum(), x).toArray(),
  losses,
  executor: step.stats().executor,
  names: Object.keys(io.decodeSafetensors(io.encodeSafetensors(model.stateDict()))),
  svg: graph(x.square().sum()).svg.length,
  refusal: await io.loadNpy('no/such/file.npy').catch(error => error.message),
};
console.log(JSON.stringify(result));
