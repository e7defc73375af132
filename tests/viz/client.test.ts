import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundle } from '../../packages/viz/client/bundle.ts';

test('what the pages run is what was made of packages/viz/client: npm run viz:client', async () => {
  expect(readFileSync('packages/viz/src/client.ts', 'utf8')).toBe(await bundle());
});
