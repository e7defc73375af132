import { Generator, nn, optim, rand, randint } from 'tapegrad';
import { training } from './training.ts';
import type { Workload } from './workload.ts';

/** A small network of convolutions on pictures of 28x28, like that of LeCun et al. 1998, with relu and max pools, with Adam. */
export function lenet(batch: number): Workload {
  const generator = new Generator(1);
  const model = new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2, generator }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(6, 16, 5, { generator }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(400, 120, { generator }),
    new nn.ReLU(),
    new nn.Linear(120, 84, { generator }),
    new nn.ReLU(),
    new nn.Linear(84, 10, { generator }),
  );
  const x = rand([batch, 1, 28, 28], { generator });
  const y = randint(0, 10, [batch], { generator });
  return training(model, new optim.Adam(model.parameters()), [x, y]);
}
