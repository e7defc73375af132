import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { launch } from '../chromium.ts';
import { buildPage, openPage, policies, servePage, untilStep } from './page.ts';

// How quick the page is, measured in Chromium, and how large, as a table: npm run page:figures

const runs = 9;
const trainedSteps = 300;

/** Milliseconds of one visit, and steps per second. */
interface Visit {
  readonly paint: number;
  readonly interactive: number;
  readonly blockingAtLoad: number;
  readonly blockingInTraining: number;
  readonly firstStep: number;
  readonly speed: number;
}

/** Opens the page as a first visitor does, lets it settle, and trains for a while. */
async function visit(browser: Browser, url: string): Promise<Visit> {
  const { page } = await openPage(browser, 'about:blank', { viewport: { width: 1280, height: 800 } });
  await page.addInitScript(() => {
    const tasks: { start: number; duration: number }[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver(list => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, duration });
    }).observe({ type: 'longtask', buffered: true });
  });
  const longTasks = () =>
    page.evaluate(() => (globalThis as unknown as { tasks: { start: number; duration: number }[] }).tasks);
  await page.goto(url, { waitUntil: 'load' });
  await page.locator('#curve canvas').waitFor();
  await page.waitForTimeout(1000);
  const { paint, scripts } = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    scripts: performance
      .getEntriesByType('navigation')
      .map(entry => entry.toJSON().domContentLoadedEventEnd)[0] as number,
  }));
  const atLoad = await longTasks();
  const start = await page.evaluate(() => {
    const begun = performance.now();
    document.getElementById('go')?.click();
    return begun;
  });
  await untilStep(page, 1);
  const firstStep = (await page.evaluate(() => performance.now())) - start;
  await untilStep(page, trainedSteps);
  const speed = Number((await page.locator('#n-speed').textContent())?.replaceAll(',', ''));
  const all = await longTasks();
  await page.context().close();
  return {
    paint,
    interactive: Math.max(paint, scripts, ...atLoad.map(({ start, duration }) => start + duration)),
    blockingAtLoad: blocking(atLoad),
    blockingInTraining: blocking(all.slice(atLoad.length)),
    firstStep,
    speed,
  };
}

/** The total blocking time: what tasks take beyond 50 ms each. */
const blocking = (tasks: readonly { readonly duration: number }[]): number =>
  tasks.reduce((sum, { duration }) => sum + duration - 50, 0);

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function sizes(): string[] {
  const folder = new URL('../../examples/browser/dist/', import.meta.url);
  const names: [RegExp, string][] = [
    [/^index\.html$/, 'HTML'],
    [/index.*\.css$/, 'styles'],
    [/index.*\.js$/, 'main script'],
    [/plot.*\.js$/, 'the curve (uPlot), loaded after the page is there'],
    [/entry.*\.js$/, 'worker: tapegrad and the training'],
  ];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.map(([pattern, name]) => {
    const found = files.filter(file => pattern.test(file));
    if (found.length !== 1) throw new Error(`sizes: expected one file for ${name}, got ${found.join(', ') || 'none'}`);
    const bytes = readFileSync(new URL(found[0], folder));
    return `| ${name} | ${kB(bytes.length)} | ${kB(gzipSync(bytes, { level: 9 }).length)} |`;
  });
}

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

await buildPage();
const [browser, site] = await Promise.all([launch(), servePage(policies.wasm)]);
const visits: Visit[] = [];
for (let i = 0; i < runs; i++) visits.push(await visit(browser, site.url));
const of = (name: keyof Visit, unit: string) => `${Math.round(median(visits.map(one => one[name])))}${unit}`;
console.log(`
| what | median of ${runs} |
| --- | ---: |
| first contentful paint | ${of('paint', ' ms')} |
| time to interactive: scripts have run, and no long task comes after | ${of('interactive', ' ms')} |
| total blocking time until then | ${of('blockingAtLoad', ' ms')} |
| from Start to the first step: recording and compiling | ${of('firstStep', ' ms')} |
| total blocking time while it trains ${trainedSteps} steps | ${of('blockingInTraining', ' ms')} |
| steps per second (LSTM of 64, 16 windows of 32) | ${of('speed', '')} |

| bundle | raw | gzipped |
| --- | ---: | ---: |
${sizes().join('\n')}

Chromium ${browser.version()}, Node ${process.versions.node}, ${cpus()[0].model.trim()}, ${cpus().length} cores, load average ${loadavg()[0].toFixed(0)}.
`);
await browser.close();
await site.close();
