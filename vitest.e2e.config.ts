import { defineConfig } from 'vitest/config';

const conditions = ['tapegrad-source'];

/** The tests in a browser: `npm run e2e`. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    globalSetup: ['tests/e2e/page-build.ts'],
    // One browser at a time: each trains in a thread of its own beside that of its page.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
