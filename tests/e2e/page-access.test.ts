import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { violations } from './axe.ts';
import { shareHost } from './host.ts';
import { openPage, small, untilStep } from './page.ts';

const host = shareHost();

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

describe.each(['light', 'dark'] as const)('in %s colours', colorScheme => {
  test.each(Object.entries(sizes))('axe finds nothing wrong at the size of a %s, and all fits', async (_, viewport) => {
    const { page } = await openPage(host.browser, `${host.url}#${small}&every=5`, { viewport, colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.locator('#go').click();
    await untilStep(page, 10);
    await page.locator('#go').click();
    await page.getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Write on' }).click();
    await page.locator('#written b').waitFor();
    await page.getByText('The curve as a table').click();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    await page.context().close();
  });
});

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let i = 0; i < 40; i++) {
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`tabTo: expected to reach ${id}, got as far as 40 times Tab goes`);
}

test('everything can be done by keyboard alone, and the focus is never lost', async () => {
  const { page, complaints } = await openPage(host.browser, `${host.url}#${small}`);
  const order: string[] = [];
  for (let i = 0; i < 21; i++) {
    await page.keyboard.press('Tab');
    order.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName || ''));
  }
  expect(order).toEqual(
    (
      'source text file cell hidden layers sequence batch optimizer seed lr steps every temperature go ' +
      'SUMMARY prompt length open share BODY'
    ).split(' '),
  );
  await tabTo(page, 'source');
  await page.keyboard.press('ArrowDown');
  expect(await page.locator('#text').inputValue()).toMatch(/^Shall I compare thee/);
  await tabTo(page, 'go');
  await page.keyboard.press('Enter');
  await untilStep(page, 10);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Pause');
  await page.keyboard.press('Space');
  await page.getByText('Paused').waitFor();
  await tabTo(page, 'prompt');
  await page.keyboard.type('Shall love');
  await page.keyboard.press('Enter');
  await page.locator('#written b').getByText('Shall love').waitFor();
  await tabTo(page, 'stop');
  await page.keyboard.press('Enter');
  await page.getByText('Finished').waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('go');
  expect(complaints).toEqual([]);
  await page.context().close();
});
