import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeCheckpoint } from '../../examples/04-char-rnn/run/checkpoint.ts';
import { launch } from '../chromium.ts';
import { download, openPage, policies, servePage, small } from './page.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

/** A short run under a policy: its losses, what the page says of its step, and what the browser complained of. */
async function train(policy: string) {
  const site = await servePage(policy);
  const { page, complaints } = await openPage(browser, `${site.url}#${small}&steps=40`);
  await page.locator('#go').click();
  await page.getByText('Finished. Step 40 of 40').waitFor();
  const said = await page.locator('#executor').textContent();
  const { history } = decodeCheckpoint(await download(page));
  await page.context().close();
  await site.close();
  return { said, complaints, losses: history.map(({ loss }) => loss) };
}

test('where WebAssembly may not be compiled, the page trains in JavaScript, says so, and finds the same losses', async () => {
  const [compiled, plain] = [await train(policies.wasm), await train(policies.noWasm)];
  expect(compiled.said).toContain('one WebAssembly program');
  expect(plain.said).toContain('WebAssembly may not be compiled here, so the training step runs in JavaScript');
  for (const [i, loss] of plain.losses.entries()) expect(loss).toBeCloseTo(compiled.losses[i], 4);
  expect(compiled.complaints).toEqual([]);
  // The browser tells the developer that it forbade it; nothing else is wrong.
  expect(plain.complaints.filter(text => !/WebAssembly/.test(text))).toEqual([]);
});

test('the built page itself forbids all but its own scripts and WebAssembly', async () => {
  const site = await servePage(policies.wasm);
  const { page } = await openPage(browser, site.url);
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self';/);
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "from an inline script"';
    document.head.append(script);
    return document.title;
  });
  expect(ran).toBe('A network that learns to write · tapegrad');
  await page.context().close();
  await site.close();
});
