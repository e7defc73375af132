import { graphPage, profilePage } from '@tapegrad/viz';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reportPage } from '../../examples/04-char-rnn/report/page.ts';
import { report } from '../examples/char-rnn-report.ts';
import { recurrent, tracedStep } from '../viz/pages.ts';
import { violations } from './axe.ts';
import { Viewer } from './viz.ts';

let viewer: Viewer;
beforeAll(async () => {
  viewer = await Viewer.start();
});
afterAll(() => viewer.close());
afterEach(() => {
  expect(viewer.errors.splice(0)).toEqual([]);
});

const devices = [
  { name: 'a desktop in the light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'a phone in the dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true },
] as const;

describe('the page of a graph', () => {
  test('tells of a node that is clicked, and leads to its inputs and to what uses it', async () => {
    const page = await viewer.open(await graphPage(recurrent(1)));
    await page.locator('[role=button][aria-label^="matmul"]').first().click();
    const panel = page.locator('#panel');
    await expect.poll(() => panel.locator('h2').textContent()).toBe('matmul');
    expect(await panel.locator('dl').textContent()).toMatch(/bytes32cost64 flop/);
    expect(await panel.locator('h3').allTextContents()).toEqual(['Inputs', 'Used by']);
    await panel.locator('button.node', { hasText: 'constant' }).click();
    expect(await panel.locator('h2').textContent()).toBe('constant');
    await panel.getByRole('button', { name: 'close' }).click();
    expect(await panel.isVisible()).toBe(false);
  });

  test('is walked by the keyboard: Tab, arrows, Enter, Escape', async () => {
    const page = await viewer.open(await graphPage(recurrent(1)));
    await page.locator('#search').focus();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
    expect(await focused()).toBe('loss = div, []');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe('sum, []');
    await page.keyboard.press('Enter');
    expect(await page.locator('#panel h2').textContent()).toBe('sum');
    expect(await page.locator('#said').textContent()).toBe('sum, []');
    await page.keyboard.press('Escape');
    expect(await page.locator('#panel').isVisible()).toBe(false);
  });

  test('finds nodes by name and by operation', async () => {
    const page = await viewer.open(await graphPage(recurrent(1)));
    await page.locator('#search').fill('BIAS');
    expect(await page.locator('#results button').allTextContents()).toEqual(['bias_ih[8]', 'bias_hh[8]']);
    expect(await page.locator('#said').textContent()).toBe('2 found');
    await page.keyboard.press('Enter');
    expect(await page.locator('#panel h2').textContent()).toBe('bias_ih');
  });

  test('is zoomed by wheel, keys and buttons, dragged, and shown as a whole again', async () => {
    const page = await viewer.open(await graphPage(recurrent(1)));
    const view = () => page.locator('#canvas').getAttribute('transform');
    const whole = await view();
    const seen = new Set([whole]);
    const differs = async (act: () => Promise<unknown>) => {
      await act();
      await expect.poll(async () => seen.has(await view())).toBe(false);
      seen.add(await view());
    };
    await page.mouse.move(200, 400);
    await differs(() => page.mouse.wheel(0, -200));
    await differs(() => page.locator('#in').click());
    await differs(() => page.locator('#out').press('Enter'));
    await differs(async () => {
      await page.mouse.move(200, 400);
      await page.mouse.down();
      await page.mouse.move(260, 430);
      await page.mouse.up();
    });
    await page.locator('[data-node][tabindex="0"]').focus();
    await differs(() => page.keyboard.press('+'));
    await page.locator('#fit').click();
    await expect.poll(view).toBe(whole);
  });

  test('of thousands of nodes opens at what was asked for', async () => {
    const page = await viewer.open(await graphPage(recurrent(250)));
    const box = await page.locator('[role=button][aria-label^="loss = div"]').boundingBox();
    expect(box!.x).toBeGreaterThan(400);
    expect(box!.x + box!.width).toBeLessThan(880);
    expect(box!.height).toBeGreaterThan(20);
  });

  test.each(devices)('has nothing that axe finds wrong, on $name', async ({ name: _, ...device }) => {
    const page = await viewer.open(await graphPage(recurrent(1)), device);
    expect(await violations(page)).toEqual([]);
    await page.locator('#search').fill('add');
    await page.locator('#results button').first().click();
    expect(await violations(page)).toEqual([]);
  });

  test('runs no script of a name', async () => {
    const page = await viewer.open(
      await graphPage(recurrent(1, '<img src=x onerror=alert(1)>'), {
        title: '</title><script>window.bad = 1</script>',
      }),
    );
    await page.locator('#search').fill('img');
    await page.keyboard.press('Enter');
    expect(await page.locator('#panel h2').textContent()).toBe('<img src=x onerror=alert(1)> = div');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('typeof window.bad')).toBe('undefined');
  });
});

describe('the page of a profile', () => {
  test('zooms into what is clicked, and out again', async () => {
    const page = await viewer.open(profilePage(tracedStep()));
    const box = page.locator('#flames button', { hasText: /^Perceptron\.forward$/ }).first();
    const before = (await box.boundingBox())!.width;
    await box.click();
    expect((await box.boundingBox())!.width).toBeGreaterThan(before);
    expect(await page.locator('#said').textContent()).toMatch(/^Perceptron\.forward\d+\.\d+ ms/);
    await page.locator('#whole').click();
    expect(await page.locator('#whole').isVisible()).toBe(false);
    expect((await box.boundingBox())!.width).toBeCloseTo(before, 0);
  });

  test('is walked by arrows', async () => {
    const page = await viewer.open(profilePage(tracedStep()));
    await page.locator('#flames [tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#said strong').textContent()).toBe('Perceptron.forward');
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#said strong').textContent()).toMatch(/^Perceptron\.forward › /);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(await page.locator('#said strong').textContent()).toBe('all operations');
  });

  test('sorts its table', async () => {
    const page = await viewer.open(profilePage(tracedStep()));
    const first = () => page.locator('#ops tbody tr').first().locator('th').textContent();
    await page.locator('[data-column=op]').click();
    expect(await first()).toBe('add');
    expect(await page.locator('th[aria-sort=ascending]').textContent()).toBe('op');
    await page.locator('[data-column=op]').click();
    expect(await first()).toBe('tanh');
  });

  test.each(devices)('has nothing that axe finds wrong, on $name', async ({ name: _, ...device }) => {
    const page = await viewer.open(profilePage(tracedStep()), device);
    expect(await violations(page)).toEqual([]);
  });
});

describe('the report of a run', () => {
  test('opens samples, and shows the hidden state as a picture', async () => {
    const page = await viewer.open(reportPage(report()));
    await page.getByText('Step 10').click();
    expect(await page.locator('details[open]').count()).toBe(2);
    expect(await page.locator('.states img').evaluate('document.querySelector(".states img").naturalWidth')).toBe(19);
  });

  test.each(devices)('has nothing that axe finds wrong, on $name', async ({ name: _, ...device }) => {
    const page = await viewer.open(reportPage(report()), device);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});
