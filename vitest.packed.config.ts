import { defineConfig } from 'vitest/config';

/** `npm run test:packed`, after `npm run build`: the packages as they would be published, in Node, bundlers and a browser. */
export default defineConfig({
  test: {
    include: ['tests/packed/*.packed.ts'],
    globalSetup: 'tests/packed/project.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
