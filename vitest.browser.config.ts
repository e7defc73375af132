import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { chromiumOptions } from './tests/chromium.ts';

/** Tests in a headless Chromium. */
const inBrowser = (
  name: string,
  test: { include: string[]; exclude?: string[]; isolate: boolean },
): TestProjectInlineConfiguration => ({
  resolve: { conditions: ['tapegrad-source'] },
  // All that tests import from elsewhere: what Vite found only while they run would have it load the page anew.
  optimizeDeps: { noDiscovery: true, include: ['fast-check', 'seedrandom/seedrandom.js'] },
  test: {
    ...test,
    name,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: 'chromium' }],
      provider: playwright({ launchOptions: chromiumOptions }),
    },
  },
});

const folders = 'autograd,compile,conformance,data,graph,nn,optim,oracles,tensor,wasm';

/** These replace modules, which would reach whatever runs in the same page. */
const mocking = ['tests/compile/fastpath.test.ts', 'tests/compile/without.test.ts'];

/** `npm run test:browser`: the tests of what runs anywhere. What needs processes or flags of Node is in `*.node.test.ts`. */
export default defineConfig({
  test: {
    projects: [
      inBrowser('in one page', {
        include: [`tests/{${folders}}/**/*.test.ts`],
        exclude: ['**/*.node.test.ts', ...mocking],
        isolate: false,
      }),
      inBrowser('a page each', { include: mocking, isolate: true }),
    ],
  },
});
