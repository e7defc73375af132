import { type Browser, chromium } from 'playwright-core';

/** How Chromium is started: the environment variable `CHROMIUM` says which. */
export const chromiumOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-component-update', '--disable-sync'],
};

/** Starts Chromium, without a window. */
export const launch = (): Promise<Browser> => chromium.launch(chromiumOptions);
