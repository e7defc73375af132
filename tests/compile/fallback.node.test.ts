import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { train } from './train.ts';

const program = fileURLToPath(new URL('fallback.ts', import.meta.url));

test('in a process with TAPEGRAD_WASM=off in its environment the default executor is JavaScript', () => {
  const flags = ['--import', 'tsx', '--conditions=tapegrad-source', program];
  const env = { ...process.env, TAPEGRAD_WASM: 'off' };
  const inProcess = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8', env }));
  expect(inProcess).toEqual(train({ executor: 'javascript' }));
});
