// A convolutional network that goes from PyTorch to us and back; see tests/fixtures/torch/statedicts.py.
import { nn } from 'tapegrad';
import { describe } from 'vitest';
import { testExchange } from './exchange.ts';

/** For images [batch, 1, 8, 8]. */
const convnet = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(4 * 4 * 4, 5),
  );

describe('a small network of convolutions, with running statistics', () => {
  testExchange('convnet', convnet, (model: nn.Module, x) => model.forward(x));
});
