import { Generator, nn, optim, rand, randint } from 'tapegrad';
import { training } from './training.ts';
import type { Workload } from './workload.ts';

/** A classifier of layers with relu between them, with Adam; `sizes` from the inputs to the classes. */
export function mlp(batch: number, sizes: readonly number[]): Workload {
  const generator = new Generator(1);
  const layers = sizes
    .slice(1)
    .flatMap((out, i) => [new nn.Linear(sizes[i], out, { generator }), new nn.ReLU()])
    .slice(0, -1);
  const model = new nn.Sequential(...layers);
  const x = rand([batch, sizes[0]], { generator });
  const y = randint(0, sizes.at(-1)!, [batch], { generator });
  return training(model, new optim.Adam(model.parameters()), [x, y]);
}
