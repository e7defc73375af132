import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { chromiumOptions } from '../../tests/chromium.ts';

/** A picture of a page. */
export interface Shot {
  /** The file below docs/pictures: a .png, or a .jpeg where that is smaller. */
  readonly file: `${string}.${'png' | 'jpeg'}`;
  /** The page as text, or its address. */
  readonly page: { readonly html: string } | { readonly url: string };
  readonly scheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
  /** The part of the page that is pictured, as a selector, with some of the page around it; else what is in view. */
  readonly part?: string;
  /** What is done on the page first. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Takes pictures in a browser. */
export async function shoot(shots: readonly Shot[], folder: string): Promise<void> {
  const browser = await chromium.launch(chromiumOptions);
  const pages = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    for (const { file, page: source, scheme, width, height, part, prepare } of shots) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
      if ('html' in source) writeFileSync(join(pages, `${file}.html`), source.html);
      await page.goto('url' in source ? source.url : pathToFileURL(join(pages, `${file}.html`)).href);
      await prepare?.(page);
      const path = join(folder, file);
      const clip = part === undefined ? {} : { clip: await around(page, part), fullPage: true };
      await page.screenshot(file.endsWith('.png') ? { path, ...clip } : { path, type: 'jpeg', quality: 80, ...clip });
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(pages, { recursive: true });
  }
}

/** Where a part of a page lies, with a margin. */
async function around(page: Page, part: string): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await page.locator(part).boundingBox();
  if (box === null) throw new Error(`expected ${part} on the page, got none`);
  const margin = 24;
  return { x: box.x - margin, y: box.y - margin, width: box.width + 2 * margin, height: box.height + 2 * margin };
}
