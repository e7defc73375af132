import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from './types/compile.ts';

// Every block of TypeScript in the README is compiled and run, and prints what its comments say.
const folder = 'node_modules/.cache/readme';
const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code], i) => ({
  name: `block ${i + 1}`,
  code,
  file: join(folder, `block${i + 1}.ts`),
}));

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of blocks) writeFileSync(file, code);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What a block says that it prints: the comments behind its console.log calls. */
const claims = (code: string): string[] => [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, said]) => said);

test('the README has code', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(3);
});

describe.each(blocks)('$name of the README', ({ file, code }) => {
  test('compiles', () => {
    expect([...(compile([file]).get(file) ?? [])]).toEqual([]);
  });

  test('prints what it says', () => {
    const args = ['--conditions=tapegrad-source', '--import', 'tsx', file];
    const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', FORCE_COLOR: undefined };
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env, timeout: 80_000 });
    expect(printed.split('\n')).toEqual(expect.arrayContaining(claims(code)));
  });
});
