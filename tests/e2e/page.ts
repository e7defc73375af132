import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build, createLogger, preview } from 'vite';

const root = fileURLToPath(new URL('../../examples/browser', import.meta.url));

/** The policy under which WebAssembly may be compiled, and the same without that, as headers also of the worker. */
export const policies = {
  wasm: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'",
  noWasm: "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'",
} as const;

/** Builds the page; gives what the build warned of. */
export async function buildPage(): Promise<string[]> {
  const warnings: string[] = [];
  const logger = createLogger('silent');
  logger.warn = logger.warnOnce = logger.error = text => warnings.push(text);
  await build({ root, customLogger: logger, logLevel: 'warn' });
  return warnings;
}

/** Serves the built page under a policy. */
export async function servePage(policy: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = await preview({
    root,
    logLevel: 'error',
    preview: { port: 0, headers: { 'Content-Security-Policy': policy } },
  });
  return { url: server.resolvedUrls!.local[0], close: () => server.close() };
}

/** The page in a browser, with all that it complains of. */
export interface Opened {
  readonly page: Page;
  readonly complaints: string[];
}

/** Opens the page as it is served at `url`. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

/** The number that a part of the page shows. */
export async function numberIn(page: Page, id: string): Promise<number> {
  return Number((await page.locator(`#${id}`).textContent())?.replaceAll(',', ''));
}

/** Waits until a run has done so many steps. */
export async function untilStep(page: Page, step: number): Promise<void> {
  await page.waitForFunction(
    n => Number(document.getElementById('n-step')?.textContent?.replaceAll(',', '')) >= n,
    step,
  );
}

/** A network that is small enough for a busy machine. */
export const small = 'cell=gru&hidden=16&sequence=16&batch=8&every=50&lr=0.02';

/** Downloads the checkpoint of the page's run. */
export async function download(page: Page): Promise<Buffer> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download checkpoint' }).click(),
  ]);
  return readFile(await file.path());
}
