import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page, PageScreenshotOptions } from 'playwright-core';
import { launch } from '../../tests/chromium.ts';

/** A picture of a page. */
export interface Shot {
  /** The file below docs/pictures: a .png, or a .jpeg where that is smaller. */
  readonly file: `${string}.${'png' | 'jpeg'}`;
  /** The page as text, or its address. */
  readonly page: { readonly html: string } | { readonly url: string };
  readonly scheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
  /** What is done on the page first. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** The elements with which the picture begins and ends; without them it is of all that is in view. */
  readonly of?: readonly [first: string, last: string];
}

/** Takes pictures in a browser. */
export async function shoot(shots: readonly Shot[], folder: string): Promise<void> {
  const browser = await launch();
  const pages = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    for (const { file, page: source, scheme, width, height, prepare, of } of shots) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
      if ('html' in source) writeFileSync(join(pages, `${file}.html`), source.html);
      await page.goto('url' in source ? source.url : pathToFileURL(join(pages, `${file}.html`)).href);
      await prepare?.(page);
      const path = join(folder, file);
      const part = of === undefined ? {} : { clip: await around(page, of), fullPage: true };
      await page.screenshot(file.endsWith('.png') ? { path, ...part } : { path, type: 'jpeg', quality: 80, ...part });
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(pages, { recursive: true });
  }
}

/** Less than there is between the cards of the page. */
const margin = 16;

/** What two elements and all between them cover, with a margin. */
async function around(page: Page, of: readonly [string, string]): Promise<PageScreenshotOptions['clip']> {
  const [first, last] = await Promise.all(of.map(one => page.locator(one).boundingBox()));
  if (first === null || last === null)
    throw new Error(`around: expected to see ${of.join(' and ')}, got a page without`);
  const [x, y] = [first.x - margin, first.y - margin];
  return { x, y, width: last.x + last.width + margin - x, height: last.y + last.height + margin - y };
}
