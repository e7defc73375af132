import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import type { Browser } from 'playwright-core';
import { createLogger, preview, type Rolldown, build as viteBuild } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launch } from '../chromium.ts';
import { packages } from './project.ts';

interface Result {
  readonly gradient: number[];
  readonly losses: number[];
  readonly executor: string;
  readonly names: string[];
  readonly svg: number;
  readonly refusal: string;
}

const project = inject('project');
const run = (file: string): Result =>
  JSON.parse(execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' }));

/** What esbuild makes of a program for browsers, all that it says about it, and what it leaves to be imported. */
async function byEsbuild(contents: string) {
  const stdin = { contents, resolveDir: project };
  const options = { bundle: true, format: 'esm', platform: 'browser', target: 'es2022', minify: true } as const;
  const made = await esbuild.build({ ...options, stdin, write: false, metafile: true, logLevel: 'silent' });
  const leftOut = Object.values(made.metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return { text: made.outputFiles[0].text, complaints: [...made.warnings.map(({ text }) => text), ...leftOut] };
}

/** Bundles the project's page by Vite, and gives all that it says about it, and what it leaves to be imported. */
async function byVite(outDir: string): Promise<string[]> {
  const complaints: string[] = [];
  const customLogger = createLogger('warn');
  customLogger.warn = customLogger.warnOnce = customLogger.error = message => complaints.push(message);
  // The polyfill is for pages of several scripts, and would need a document.
  const build = { outDir, modulePreload: { polyfill: false } };
  const made = (await viteBuild({
    root: project,
    configFile: false,
    customLogger,
    logLevel: 'warn',
    build,
  })) as Rolldown.RolldownOutput;
  const scripts = made.output.filter(file => file.type === 'chunk');
  return [...complaints, ...scripts.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])];
}

const page = (script: string): string =>
  `<!doctype html><title>packed</title><script type="module" src="${script}"></script>`;

let whole: Result;
const complaints: Record<string, string[]> = {};

beforeAll(async () => {
  const program = readFileSync(join(project, 'program.mjs'), 'utf8');
  const { text, complaints: ofEsbuild } = await byEsbuild(program);
  mkdirSync(join(project, 'esbuild'));
  writeFileSync(join(project, 'esbuild/bundle.mjs'), text);
  writeFileSync(join(project, 'esbuild/index.html'), page('/bundle.mjs'));
  writeFileSync(join(project, 'index.html'), page('/program.mjs'));
  complaints.esbuild = ofEsbuild;
  complaints.vite = await byVite('vite');
  whole = run('program.mjs');
});

/** Expects what the program gives without a bundler, but for the rounding of another engine. */
function expectSame(result: Result, executor: string): void {
  expect(result.executor).toBe(executor);
  expect(result.losses.length).toBe(20);
  for (const [i, loss] of result.losses.entries()) expect(loss).toBeCloseTo(whole.losses[i], 5);
  const { losses: _l, executor: _e, refusal: _r, ...rest } = result;
  expect(rest).toEqual({ gradient: [2, 4, 6], names: whole.names, svg: whole.svg });
}

test('the program trains, and reads no file that is not there', () => {
  expectSame(whole, 'wasm');
  expect(whole.losses[19]).toBeLessThan(whole.losses[0] / 2);
  expect(whole.refusal).toContain('loadNpy: could not read no/such/file.npy');
});

describe.each(['esbuild', 'vite'])('the bundle of %s', bundler => {
  test('is made without a word of warning, and imports nothing', () => {
    expect(complaints[bundler]).toEqual([]);
  });

  test('is one file, which runs in Node as the program does', () => {
    const files = readdirSync(join(project, bundler), { recursive: true, encoding: 'utf8' });
    const scripts = files.filter(name => /\.m?js$/.test(name));
    expect(scripts).toHaveLength(1);
    const result = run(join(bundler, scripts[0]));
    expectSame(result, 'wasm');
    expect(result.refusal).toBe(whole.refusal);
  });

  describe('in Chromium', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(() => browser.close());

    /** What the page logs under a policy about its scripts. */
    async function shown(policy: string): Promise<Result> {
      const headers = { 'Content-Security-Policy': `default-src 'none'; script-src 'self' ${policy}` };
      const server = await preview({
        root: project,
        configFile: false,
        logLevel: 'silent',
        build: { outDir: bundler },
        preview: { host: 'localhost', port: 0, headers },
      });
      try {
        const tab = await browser.newPage();
        const logged = tab.waitForEvent('console', { predicate: message => message.text().startsWith('{"gradient') });
        await tab.goto(server.resolvedUrls!.local[0]);
        return JSON.parse((await logged).text());
      } finally {
        await server.close();
      }
    }

    test('runs as WebAssembly where the page allows it', async () => {
      const result = await shown("'wasm-unsafe-eval'");
      expectSame(result, 'wasm');
      expect(result.refusal).toContain('loadNpy: expected Node, which has files, got an engine without');
    });

    test('runs as JavaScript under a policy that forbids to make code', async () => {
      expectSame(await shown(''), 'javascript');
    });
  });
});

test.each(packages)('%s alone is bundled without a word of warning, and imports nothing', async name => {
  const id = name === 'tapegrad' ? name : `@tapegrad/${name}`;
  const { complaints, text } = await byEsbuild(`import * as all from '${id}'; console.log(all);`);
  expect(complaints).toEqual([]);
  expect(text.length).toBeGreaterThan(1000);
});
