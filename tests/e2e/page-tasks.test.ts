import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { shareHost } from './host.ts';
import { openPage, untilStep } from './page.ts';
import { traceTasks } from './trace.ts';

const host = shareHost();

/** What the browser itself calls a long task, counted from before the page is there. */
async function watchLongTasks(page: Page): Promise<() => Promise<number[]>> {
  await page.addInitScript(() => {
    const durations: number[] = [];
    Object.assign(globalThis, { durations });
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) durations.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { durations: number[] }).durations);
}

// The browser counts the time for which a task waits for the processor, which on a busy machine says little of the page. So a
// task is long if it has the processor for more than 50 ms.
test('the main thread has no task of more than 50 ms, from the first byte on and while it trains', async () => {
  const { page } = await openPage(host.browser, 'about:blank');
  const longTasks = await watchLongTasks(page);
  const tasks = await traceTasks(host.browser, page, async () => {
    await page.goto(host.url);
    await page.getByText('The curve as a table').click();
    await page.locator('#go').click();
    await untilStep(page, 400);
    await page.locator('#go').click();
    await page.getByText('Paused').waitFor();
  });
  expect(tasks.length).toBeGreaterThan(100);
  expect(tasks.filter(({ processor }) => processor > 50)).toEqual([]);
  const waited = tasks.filter(({ duration }) => duration > 50).length;
  expect((await longTasks()).length).toBeLessThanOrEqual(waited);

  // What measures would see one.
  const before = (await longTasks()).length;
  const busy = await traceTasks(host.browser, page, () =>
    page.evaluate(
      () =>
        new Promise<void>(done => {
          setTimeout(() => {
            for (const start = performance.now(); performance.now() < start + 1000; );
            done();
          });
        }),
    ),
  );
  expect(Math.max(...busy.map(({ processor }) => processor))).toBeGreaterThan(50);
  await expect.poll(async () => (await longTasks()).length).toBeGreaterThan(before);
  await page.context().close();
});
