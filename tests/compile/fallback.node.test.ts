import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forbidWasm } from '@tapegrad/wasm';
import { expect, test } from 'vitest';
import { train } from './train.ts';

const program = fileURLToPath(new URL('fallback.ts', import.meta.url));

test('in a process with TAPEGRAD_WASM=off in its environment JavaScript alone runs everything', () => {
  const flags = ['--import', 'tsx', '--conditions=tapegrad-source', program];
  const env = { ...process.env, TAPEGRAD_WASM: 'off' };
  const inProcess = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8', env }));
  forbidWasm(true);
  expect(inProcess).toEqual(train({}));
  expect(inProcess.executor).toBe('javascript');
});
