import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A project of its own that has the packages installed, as npm would publish them. */
    readonly project: string;
  }
}

/** The packages, by their folders. */
export const packages = readdirSync('packages');

/** Runs npm without what it says beside errors. */
export const npm = (cwd: string, ...args: string[]): void => {
  execFileSync('npm', [...args, '--silent', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

/** Packs the packages and installs them where nothing else is: each then reaches its own dependencies and no others. */
export default function setup({ provide }: TestProject): () => void {
  const project = mkdtempSync(join(tmpdir(), 'tapegrad-packed-'));
  const tarballs = join(project, 'tarballs');
  mkdirSync(tarballs);
  npm(
    '.',
    'pack',
    '--loglevel=error',
    `--pack-destination=${tarballs}`,
    ...packages.map(name => `--workspace=packages/${name}`),
    '--workspace=examples/04-char-rnn',
  );
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const packed = readdirSync(tarballs).map(name => join(tarballs, name));
  npm(project, 'install', '--prefer-offline', '--install-strategy=linked', ...packed);
  for (const file of ['smoke.mjs', 'consumer.ts', 'packed/program.mjs'])
    copyFileSync(join('tests', file), join(project, file.replace(/.*\//, '')));
  provide('project', project);
  return () => rmSync(project, { recursive: true });
}
