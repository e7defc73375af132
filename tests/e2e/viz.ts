import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launch } from '../chromium.ts';

/** A browser, and pages of its own that are opened from files. */
export class Viewer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'viz-'));
  readonly #browser: Browser;
  /** What the pages complained of. */
  readonly errors: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<Viewer> {
    return new Viewer(await launch());
  }

  /** Opens a page; the policy of a page holds for what is put into it too, so that a test of access passes it by. */
  async open(html: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) this.errors.push(message.text());
    });
    page.on('pageerror', error => this.errors.push(error.message));
    page.on('request', request => {
      if (!/^(file|data):/.test(request.url())) this.errors.push(`asked for ${request.url()}`);
    });
    const file = join(this.#folder, 'page.html');
    writeFileSync(file, html);
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true });
  }
}
