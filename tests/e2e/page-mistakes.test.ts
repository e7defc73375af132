import { describe, expect, test } from 'vitest';
import { shareHost } from './host.ts';
import { numberIn, openPage, small, untilStep } from './page.ts';

const host = shareHost();

describe('a field that is empty or out of range', () => {
  test('is told of below it and counts as before, while the run goes on, pauses and is shared', async () => {
    const { page, complaints } = await openPage(host.browser, `${host.url}#${small}`);
    await page.locator('#go').click();
    await untilStep(page, 10);
    await page.getByLabel('Steps in all').fill('');
    await page.getByLabel('Learning rate').fill('0');
    await page.getByLabel('Learning rate').press('Tab');
    await page.locator('#steps-error').getByText('Until then it is 5000.').waitFor();
    await page.locator('#lr-error').getByText('Until then it is 0.02.').waitFor();
    expect(await page.getByLabel('Steps in all').getAttribute('aria-errormessage')).toBe('steps-error');
    await untilStep(page, (await numberIn(page, 'n-step')) + 30);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText(/^Paused\. Step [\d,]+ of 5,000/).waitFor();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('is now the link').or(page.getByText('Copied.')).waitFor();
    expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('lr')).toBe('0.02');

    await page.getByLabel('Learning rate').fill('0.01');
    expect(await page.locator('#lr-error').count()).toBe(0);
    expect(await page.locator('[aria-invalid]').count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('with fewer steps in all than there are says so', async () => {
    const { page } = await openPage(host.browser, `${host.url}#${small}`);
    await page.locator('#go').click();
    await untilStep(page, 20);
    await page.locator('#go').click();
    await page.getByText('Paused').waitFor();
    await page.getByLabel('Steps in all').fill('10');
    await page.getByLabel('Steps in all').press('Tab');
    await page.getByText(/^Paused\. Step \d+, past the 10 in all: /).waitFor();
    await page.context().close();
  });
});

test('the fields that are locked say how to unlock them', async () => {
  const { page } = await openPage(host.browser, `${host.url}#${small}`);
  const notes = page.getByText('Stop, to change');
  expect(await notes.filter({ visible: true }).count()).toBe(0);
  await page.locator('#go').click();
  await untilStep(page, 1);
  expect(await notes.filter({ visible: true }).count()).toBe(2);
  await page.locator('#stop').click();
  await page.getByText('Finished').waitFor();
  expect(await notes.filter({ visible: true }).count()).toBe(0);
  await page.context().close();
});

test('a run that has finished goes on with more steps, but not with another network', async () => {
  const { page, complaints } = await openPage(host.browser, `${host.url}#${small}&steps=20`);
  const on = page.getByRole('button', { name: 'Go on' });
  expect(await on.count()).toBe(0);
  await page.locator('#go').click();
  await page.getByText('Finished. Step 20 of 20').waitFor();
  await on.click();
  await page.getByRole('alert').getByText('To go on, raise “Steps in all”.').waitFor();
  await page.getByLabel('Steps in all').fill('40');
  await page.getByLabel('Width').fill('20');
  await page.getByText('Finished. Step 20 of 40').waitFor();
  await on.click();
  await page.getByRole('alert').getByText('no longer those of this run').waitFor();
  await page.getByLabel('Width').fill('16');
  await page.getByLabel('Steps in all').fill('100000');
  await on.click();
  await untilStep(page, 40);
  expect(await on.count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('go');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(/^Finished\. Step [\d,]+ of 100,000/).waitFor();
  expect(await on.count()).toBe(1);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a prompt that cannot be written on from is told of below it, until it is changed', async () => {
  const { page, complaints } = await openPage(host.browser, `${host.url}#${small}&steps=5`, {
    viewport: { width: 360, height: 740 },
  });
  await page.locator('#go').click();
  await page.getByText('Finished').waitFor();
  const error = page.locator('#write-error');
  const writeOn = page.getByRole('button', { name: 'Write on' });
  await page.getByLabel('Write on from').fill('Déjà');
  await writeOn.click();
  await error.getByText('got "D"').waitFor();
  expect(await page.locator('#error').isVisible()).toBe(false);
  const [below, above] = await Promise.all([error.boundingBox(), writeOn.boundingBox()]);
  expect(below!.y - above!.y - above!.height).toBeLessThan(40);
  await page.getByLabel('Write on from').fill('');
  expect(await error.isVisible()).toBe(false);
  await writeOn.click();
  await error.getByText('expected one character or more').waitFor();
  await page.getByLabel('Write on from').fill('This');
  await page.getByLabel('Characters').fill('0');
  await writeOn.click();
  await error.getByText('expected a whole number from 1 to 2000').waitFor();
  await page.getByLabel('Characters').fill('10');
  await writeOn.click();
  await page.locator('#written[aria-busy=false]').waitFor();
  expect(await error.isVisible()).toBe(false);
  expect(await page.locator('#written').textContent()).toMatch(/^This.{10}$/s);
  expect(complaints).toEqual([]);
  await page.context().close();
});
