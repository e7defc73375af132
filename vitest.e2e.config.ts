import { defineConfig } from 'vitest/config';

const conditions = ['tapegrad-source'];

/** The tests in a browser: `npm run e2e`. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
