import { defineConfig } from 'vitest/config';

const conditions = ['tapegrad-source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['tests/**/*.test.ts'],
    // They have a browser, and a configuration of their own.
    exclude: ['tests/e2e/**'],
    maxWorkers: '100%',
    // Some start programs or the compiler, and the machine may be busy.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], reporter: ['text', 'json-summary'] },
  },
});
