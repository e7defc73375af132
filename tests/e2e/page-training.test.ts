import { readdir, readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, inject, test } from 'vitest';
import { decodeCheckpoint, resumeRun } from '../../examples/04-char-rnn/run/checkpoint.ts';
import { corpusOf } from '../../examples/04-char-rnn/run/corpus.ts';
import { train } from '../../examples/04-char-rnn/run/train.ts';
import { texts } from '../../examples/browser/src/texts.ts';
import { shareHost } from './host.ts';
import { download, numberIn, openPage, small, untilStep } from './page.ts';

const host = shareHost();

test('the page is built without a warning', () => expect(inject('pageWarnings')).toEqual([]));

test('the worker alone loads tapegrad', async () => {
  const folder = new URL('../../examples/browser/dist/assets/', import.meta.url);
  const scripts = (await readdir(folder)).filter(name => name.endsWith('.js'));
  const withIt = [];
  for (const name of scripts)
    if ((await readFile(new URL(name, folder), 'utf8')).includes('inner dimensions differ')) withIt.push(name);
  expect(withIt).toEqual([expect.stringMatching(/^entry-/)]);
});

describe('training', () => {
  test('lowers the loss, shows it in numbers, in a curve and in a table, and writes', async () => {
    const { page, complaints } = await openPage(host.browser, `${host.url}#${small}`);
    await page.getByRole('button', { name: 'Start' }).click();
    await untilStep(page, 200);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('status').getByText('Paused').waitFor();
    expect(await numberIn(page, 'n-speed')).toBeGreaterThan(0);
    expect(await page.locator('#executor').textContent()).toContain('one WebAssembly program');

    await page.getByText('The curve as a table').click();
    await page.locator('#table-rows tr').first().waitFor();
    const rows = await page
      .locator('#table-rows tr')
      .evaluateAll(all => all.map(row => Number(row.children[1].textContent)));
    expect(rows.at(-1)).toBeLessThan(rows[0]);
    expect(await numberIn(page, 'n-bits')).toBeLessThan(rows[0] - 0.5);
    expect(await page.getByRole('img', { name: /^Loss curve\. Step \d+ of 5,000: [\d.]+ bits/ }).count()).toBe(1);
    expect(await page.locator('#samples li').count()).toBeGreaterThan(0);
    expect(await drawn(page, [0x0b, 0x7a, 0x74])).toBe(true);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => drawn(page, [0x4f, 0xc3, 0xba])).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('pauses, goes on, takes another learning rate and temperature, writes on from a prompt, and stops', async () => {
    const { page, complaints } = await openPage(host.browser, `${host.url}#${small}`);
    const go = page.locator('#go');
    await go.click();
    await untilStep(page, 20);
    await page.getByLabel('Learning rate').fill('0.001');
    await page.getByLabel('Learning rate').press('Tab');
    await page.getByLabel('Temperature').fill('0');
    await go.click();
    await page.getByText('Paused').waitFor();
    const paused = await numberIn(page, 'n-step');
    await page.waitForTimeout(300);
    expect(await numberIn(page, 'n-step')).toBe(paused);
    expect(await page.getByLabel('Width').isDisabled()).toBe(true);
    const { options } = decodeCheckpoint(await download(page));
    expect(options).toMatchObject({ lr: 0.001, temperature: 0, hidden: 16 });

    const texts = [];
    for (let i = 0; i < 2; i++) {
      await page.getByLabel('Write on from').fill('This is');
      await page.getByRole('button', { name: 'Write on' }).click();
      await page.locator('#written[aria-busy=false]').waitFor();
      texts.push(await page.locator('#written').textContent());
    }
    expect(texts[0]).toMatch(/^This is.{200}$/s);
    expect(texts[1]).toBe(texts[0]); // at temperature 0 nothing is drawn

    await go.click();
    await untilStep(page, paused + 10);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Finished').waitFor();
    expect(await page.getByLabel('Width').isDisabled()).toBe(false);
    expect(await go.textContent()).toBe('Start anew');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('tells kindly of a run that comes to nothing, and of a text that is too short', async () => {
    const { page } = await openPage(host.browser, `${host.url}#${small}&optimizer=sgd&lr=10&plain=abc`);
    await page.locator('#go').click();
    const alert = page.getByRole('alert');
    await alert
      .getByText(
        'It could not start: expected more characters than a window has, 17 or more, got 3; a smaller window length',
      )
      .waitFor();
    expect(await page.locator('#go').textContent()).toBe('Start');
    await page.getByLabel('What it reads').fill('A longer text, to begin anew. '.repeat(10));
    expect(await alert.count()).toBe(0);
    await page.getByLabel('Width').fill('0');
    await page.locator('#go').click();
    expect(await page.locator('#hidden:invalid').count()).toBe(1);
    await page.context().close();
  });
});

test('a worker that cannot be loaded is told of, and is looked for again', async () => {
  const { page } = await openPage(host.browser, 'about:blank');
  await page.route(/entry/, route => route.abort());
  await page.goto(`${host.url}#${small}&steps=5`);
  await page.locator('#go').click();
  await page.getByRole('alert').getByText('It had to stop: the worker could not be loaded').waitFor();
  await page.unroute(/entry/);
  await page.locator('#go').click();
  await page.getByText('Finished. Step 5 of 5').waitFor();
  expect(await page.getByRole('alert').isVisible()).toBe(false);
  await page.context().close();
});

describe('a checkpoint', () => {
  test('is read by the command line, which goes on from it as the page does', async () => {
    const { page, complaints } = await openPage(host.browser, `${host.url}#${small}&steps=60`);
    await page.locator('#go').click();
    await page.getByText('Finished. Step 60 of 60').waitFor();
    const bytes = await download(page);
    const checkpoint = decodeCheckpoint(bytes);
    expect(checkpoint.history.length).toBe(60);

    const corpus = await corpusOf(texts.jack.text(), 16);
    const run = resumeRun(checkpoint, corpus, { steps: 65, text: 'jack' });
    for (const _ of train(run));

    const other = await openPage(host.browser, `${host.url}#steps=65`);
    await other.page
      .getByLabel('Open checkpoint…')
      .setInputFiles({ name: 'a.safetensors', mimeType: '', buffer: bytes });
    await other.page.getByText('Paused. Step 60 of 65').waitFor();
    expect(await other.page.getByLabel('Width').inputValue()).toBe('16');
    expect(await other.page.locator('#samples li').count()).toBe(2);
    await other.page.locator('#go').click();
    await other.page.getByText('Finished. Step 65 of 65').waitFor();
    const { history } = decodeCheckpoint(await download(other.page));
    expect(history.length).toBe(65);
    for (const [i, { loss }] of history.entries()) expect(loss).toBeCloseTo(run.history[i].loss, 4);
    expect([...complaints, ...other.complaints]).toEqual([]);
    await page.context().close();
    await other.page.context().close();
  });

  test('that is damaged or of another text is told of, and changes nothing', async () => {
    const { page, complaints } = await openPage(host.browser, `${host.url}#${small}&steps=5&text=numbers`);
    await page.locator('#go').click();
    await page.getByText('Finished. Step 5 of 5').waitFor();
    const bytes = await download(page);
    const open = (buffer: Buffer) =>
      page.getByLabel('Open checkpoint…').setInputFiles({ name: 'a.safetensors', mimeType: '', buffer });
    await open(bytes.subarray(0, 1000));
    await page.getByRole('alert').getByText('The checkpoint could not be opened').waitFor();
    expect(await page.locator('#n-step').textContent()).toBe('5');
    await page.getByLabel('Learn from').selectOption('Sonnets by Shakespeare');
    await open(bytes);
    await page.getByText('It can write').waitFor();
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    expect(await page.locator('#n-step').textContent()).toBe('–');
    await page.getByLabel('Write on from').fill('one');
    await page.getByRole('button', { name: 'Write on' }).click();
    await page.locator('#written[aria-busy=false]').waitFor();
    expect(await page.locator('#written').textContent()).toMatch(/^one.{200}$/s);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

/** Whether something is drawn in a colour. */
const drawn = (page: Page, colour: [r: number, g: number, b: number]): Promise<boolean> =>
  page.locator('#curve canvas').evaluate((canvas, [r, g, b]) => {
    if (!(canvas instanceof HTMLCanvasElement)) return false;
    // A copy is read: reading the page's own canvas again and again makes the browser warn.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4)
      if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12 && data[i + 3] > 250)
        return true;
    return false;
  }, colour);
