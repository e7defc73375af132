// The packages as a TypeScript program sees them: their declarations, without the sources. Run after `npm run build`, and by
// tests/packed on what is packed:
// npx tsc --ignoreConfig --noEmit --strict --module nodenext --target es2022 --skipLibCheck false tests/consumer.ts
import { compile, data, grad, nn, optim, type Tensor, zeros } from 'tapegrad';

const x: Tensor<[14, 4]> = zeros([14, 3]).matmul(zeros([3, 4]));
const layer = new nn.Linear(4, 8);
const y: Tensor<[14, 8]> = layer.forward(x);
export const dx: Tensor<[14, 4]> = grad(y.sum(), x);
// @ts-expect-error inner dimensions differ
x.matmul(x);

const step = compile((batch: Tensor<[number, 4]>) => layer.forward(batch).square().mean());
new optim.SGD(layer.parameters(), { lr: 0.1 }).step();
for (const [batch] of new data.DataLoader(new data.TensorDataset(x), { batchSize: 7 })) {
  const loss: Tensor<[]> = step(batch);
  loss.backward();
}

/** Every package has declarations of its own. */
export type Packages = [
  typeof import('@tapegrad/autograd'),
  typeof import('@tapegrad/compile'),
  typeof import('@tapegrad/data'),
  typeof import('@tapegrad/graph'),
  typeof import('@tapegrad/io'),
  typeof import('@tapegrad/nn'),
  typeof import('@tapegrad/optim'),
  typeof import('@tapegrad/tensor'),
  typeof import('@tapegrad/viz'),
  typeof import('@tapegrad/wasm'),
];
