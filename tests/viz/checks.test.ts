import { flameGraph, graphPage, graphSvg, profilePage } from '@tapegrad/viz';
import { ArgumentError, ones } from 'tapegrad';
import { expect, test } from 'vitest';

const x: any = ones([2]);
const nothing: any = null;
const step: any = () => x;

test('what is no graph is refused, with how to get one', async () => {
  const expected = 'expected a graph, as graph(loss) gives, got';
  await expect(graphPage(x)).rejects.toThrow(new ArgumentError(`graphPage: ${expected} Tensor`));
  await expect(graphSvg(nothing)).rejects.toThrow(new ArgumentError(`graphSvg: ${expected} null`));
});

test('what is no profile is refused, with how to get one', () => {
  const expected = 'expected a profile, as profile(step) gives, got';
  expect(() => profilePage(step)).toThrow(new ArgumentError(`profilePage: ${expected} function`));
  expect(() => flameGraph(x)).toThrow(new ArgumentError(`flameGraph: ${expected} Tensor`));
});
