import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
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
}

/** Takes pictures in a browser. */
export async function shoot(shots: readonly Shot[], folder: string): Promise<void> {
  const browser = await launch();
  const pages = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    for (const { file, page: source, scheme, width, height, prepare } of shots) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
      if ('html' in source) writeFileSync(join(pages, `${file}.html`), source.html);
      await page.goto('url' in source ? source.url : pathToFileURL(join(pages, `${file}.html`)).href);
      await prepare?.(page);
      const path = join(folder, file);
      await page.screenshot(file.endsWith('.png') ? { path } : { path, type: 'jpeg', quality: 80 });
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(pages, { recursive: true });
  }
}
