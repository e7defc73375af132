import { inspect } from 'node:util';
import { nn, optim, tensor } from 'tapegrad';
import { expect, test } from 'vitest';

const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU());

test.each<[string, object]>([
  ['a tensor', tensor([1, 2.5])],
  ['a module', model],
  ['an optimiser', new optim.Adam(model.parameters())],
  ['a summary', nn.summary(model, [2, 3], { print: false })],
])('in the console of Node %s reads as it does in a text', (_name, value) => {
  expect(inspect(value)).toBe(String(value));
});
