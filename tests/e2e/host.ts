import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launch } from '../chromium.ts';
import { policies, servePage } from './page.ts';

/** A browser, and where the page is served. */
export interface Host {
  readonly browser: Browser;
  readonly url: string;
}

/** What the tests of a file share: a browser, and the page served under the policy that lets WebAssembly be compiled. */
export function shareHost(): Host {
  const host: { browser?: Browser; url?: string; close?: () => Promise<void> } = {};
  beforeAll(async () => {
    const [browser, site] = await Promise.all([launch(), servePage(policies.wasm)]);
    Object.assign(host, { browser, url: site.url, close: site.close });
  });
  afterAll(async () => {
    await host.browser?.close();
    await host.close?.();
  });
  return host as Host;
}
