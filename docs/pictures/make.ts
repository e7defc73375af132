import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flameGraph, graphPage, graphSvg, profilePage } from '@tapegrad/viz';
import type { Page } from 'playwright-core';
import { html, svg } from '../../examples/04-char-rnn/report/run.ts';
import { buildPage, policies, servePage, untilStep } from '../../tests/e2e/page.ts';
import './network.ts';
import { type Shot, shoot } from './shoot.ts';
import { run, step, threeSteps } from './subjects.ts';
import './tape.ts';
import './unrolled.ts';
import './vanishing.ts';

// Makes the pictures of the docs; each import without a name draws one of them. What is drawn is seeded, but the times in flame
// graphs are those of this machine.
const folder = dirname(fileURLToPath(import.meta.url));
const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

const tape = threeSteps();
const profiled = step();
const trained = await run();
write('graph.svg', await graphSvg(tape));
write('flame.svg', flameGraph(profiled, { title: 'One training step of a character network' }));
write('loss.svg', await svg(trained));

const graph = { html: await graphPage(tape, { title: 'A recurrent network over three steps' }) };
const flame = { html: profilePage(profiled, { title: 'One training step of a character network' }) };
const report = { html: await html(trained, null) };
const desktop = { scheme: 'light', width: 1120, height: 700 } as const;
const phone = { scheme: 'dark', width: 390, height: 760 } as const;

await buildPage();
const site = await servePage(policies.wasm);
const live = { url: `${site.url}#lr=0.001&every=400` };
const train = async (page: Page): Promise<void> => {
  await page.click('#go');
  await untilStep(page, 410);
  await page.click('#go');
  await page.getByText('Paused.').waitFor();
};
const writeOn = async (page: Page): Promise<void> => {
  await train(page);
  await page.fill('#prompt', 'This is the rat');
  await page.fill('#length', '60');
  await page.click('#write-go');
  await page.locator('#written[aria-busy=false]').waitFor();
};

// Another page is one more line.
const shots: readonly Shot[] = [
  {
    ...desktop,
    file: 'page-desktop.png',
    page: live,
    height: 1800,
    prepare: writeOn,
    of: ['#run', 'section:has(#samples)'],
  },
  { ...phone, file: 'page-phone.png', page: live, prepare: train },
  { ...desktop, file: 'graph-page.png', page: graph, prepare: page => page.click('[aria-label^="matmul"] >> nth=0') },
  { ...phone, file: 'graph-page-phone.png', page: graph },
  { ...desktop, file: 'flame-page.png', page: flame },
  { ...phone, file: 'flame-page-phone.png', page: flame },
  { ...desktop, file: 'run-report.png', page: report },
  {
    ...desktop,
    file: 'hidden-state.png',
    page: report,
    scheme: 'dark',
    of: ['section:has(.states)', 'section:has(.states)'],
  },
];
await shoot(shots, folder);
await site.close();
