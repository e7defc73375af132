import { describe, expect, test } from 'vitest';
import { shareHost } from './host.ts';
import { openPage, small } from './page.ts';

const host = shareHost();

describe('a link', () => {
  test('restores the settings and the text that it was copied from', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const { page, complaints } = await openPage(host.browser, `${host.url}#${small}`, { permissions });
    await page.getByLabel('What it reads').fill('A text of my own, with umlauts: äöü. '.repeat(60));
    await page.getByLabel('Layers').fill('2');
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('Copied.').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link.length).toBeLessThan(400);
    const text = await page.getByLabel('What it reads').inputValue();

    const other = await openPage(host.browser, link);
    await other.page.waitForFunction(() => document.querySelector<HTMLInputElement>('#layers')?.value === '2');
    expect(await other.page.getByLabel('What it reads').inputValue()).toBe(text);
    expect(await other.page.getByLabel('Learn from').inputValue()).toBe('own');
    expect(await other.page.getByLabel('Cell').inputValue()).toBe('gru');
    expect(await other.page.getByLabel('Learning rate').inputValue()).toBe('0.02');
    expect([...complaints, ...other.complaints]).toEqual([]);
    await page.context().close();
    await other.page.context().close();
  });

  test('that says what cannot be is told of kindly, and the page works on', async () => {
    const { page, complaints } = await openPage(host.browser, `${host.url}#cell=cnn`);
    await page.getByRole('alert').getByText('The link could not be read: cell: expected rnn, lstm or gru').waitFor();
    await page.evaluate(() => {
      location.hash = 'hidden=24&text=numbers';
    });
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#hidden')?.value === '24');
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    expect(await page.getByLabel('What it reads').inputValue()).toMatch(/^one\ntwo\nthree\n/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('a file', () => {
  test('is shown when it is short, left to the worker when it is long, and refused when it is no text', async () => {
    const { page, complaints } = await openPage(host.browser, `${host.url}#${small}&steps=3`);
    const choose = (text: string | Buffer) =>
      page
        .getByLabel('Open a file…')
        .setInputFiles({ name: 'some.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await choose('A short text. '.repeat(20));
    await page.getByText('280 characters').waitFor();
    await choose('A line of Windows.\r\n'.repeat(20)); // a line end is two characters, as on the command line
    await page.getByText('400 characters').waitFor();
    await choose(Buffer.from([0xff, 0xfe, 0x00, 0xd8]));
    await page.getByRole('alert').getByText('some.txt: expected a text in UTF-8').waitFor();
    await choose('A long text. '.repeat(20_000));
    await page.getByText('some.txt, 260 kB').waitFor();
    await page.locator('#go').click();
    await page.getByText('Finished. Step 3 of 3').waitFor();
    expect(await page.locator('#facts').textContent()).toContain('260,000 characters');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('can be dropped on the text', async () => {
    const { page, complaints } = await openPage(host.browser, host.url);
    const dropped = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['Dropped from above.'], 'a.txt'));
      return transfer;
    });
    await page.locator('#text').dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByText('19 characters').waitFor();
    expect(await page.getByLabel('What it reads').inputValue()).toBe('Dropped from above.');

    // While a run goes on it is not taken, and the browser does not open it in the place of the page.
    const kept = await page.locator('#text-fields').evaluate((fields: HTMLFieldSetElement, dataTransfer) => {
      fields.disabled = true;
      return !fields.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
    }, dropped);
    expect(kept).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
