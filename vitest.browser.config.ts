import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const conditions = ['tapegrad-source'];

export default defineConfig({
  resolve: { conditions },
  test: {
    include: ['autograd', 'compile', 'conformance', 'data', 'nn', 'optim', 'oracles', 'tensor', 'wasm'].map(
      folder => `tests/${folder}/**/*.test.ts`,
    ),
    // These need processes, files or flags of Node.
    exclude: ['**/*.node.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: 'chromium' }],
      provider: playwright({
        launchOptions: {
          executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      }),
    },
  },
});
