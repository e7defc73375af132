import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { npm } from './project.ts';

const project = inject('project');

/** The program of a version of Node, from npm; it stays in the folder of temporary files, for the next time. */
function nodeOf(major: number): string {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(tmpdir(), `tapegrad-node-${major}`);
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    npm(folder, 'install', '--prefer-offline', `${name}@${major}`);
  }
  return program;
}

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: project, encoding: 'utf8' });

test.each([20, 22, 24])('the packages work in Node %i', major => {
  const here = Number.parseInt(process.versions.node, 10) === major;
  expect(run(here ? process.execPath : nodeOf(major), 'smoke.mjs')).toContain(
    `the packages work in plain Node v${major}.`,
  );
});

test('TypeScript reads their declarations, and nothing is missing in them', () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', 'false'];
  expect(run(process.execPath, tsc, ...options, 'consumer.ts')).toBe('');
});
