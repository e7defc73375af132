import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';

// The installable example as people get it. A folder of its own for what it writes, below the project that has it installed.
const project = inject('project');
const cwd = mkdtempSync(join(project, 'char-'));
const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };
const text = readFileSync('LICENSE', 'utf8');
const small = ['--hidden', '16', '--steps', '20', '--every', '10', '--sample', '30'];

const run = (args: readonly string[], input = '') =>
  spawnSync('npx', ['--no-install', 'tapegrad-char', ...args], { cwd, env, input, encoding: 'utf8', timeout: 100_000 });

const printed = (...args: string[]): string => {
  const { status, stdout, stderr } = run(args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};

describe('npx tapegrad-char', () => {
  test('says its version, what it can do, and what a shell completes', () => {
    const { version } = JSON.parse(readFileSync('examples/04-char-rnn/package.json', 'utf8'));
    expect(printed('--version')).toBe(`${version}\n`);
    expect(printed('--help')).toMatch(/^ {2}npx tapegrad-char train book\.txt/m);
    expect(printed('completions', 'bash')).toMatch(/^complete -F _tapegrad_char tapegrad-char$/m);
  });

  test("trains on the notebook's sequence", () => {
    expect(printed('demo')).toMatch(/^All 22: equal to 1e-6/m);
  });

  test('trains on a text from standard input, goes on, and writes', () => {
    const { status, stdout, stderr } = run(['train', '-', ...small], text);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Trained 20 steps: loss /m);
    for (const name of ['checkpoint.safetensors', 'metrics.jsonl', 'loss.svg', 'standard-input.txt'])
      expect(existsSync(join(cwd, 'runs', 'char-rnn', name)), name).toBe(true);
    const told = run(['resume', '--steps', '22', '--json']).stdout.trimEnd().split('\n');
    expect(told.map(line => JSON.parse(line)).filter(({ event }) => event === 'step')).toHaveLength(2);
    expect(printed('sample', '--prompt', 'The ', '--sample', '5')).toMatch(/^The [\s\S]{5}\n$/);
  });

  test('says what is wrong on standard error', () => {
    const [missing, unknown] = [run(['train', 'missing']), run(['trian'])];
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/^error: --text missing: .* no such file or folder\n$/);
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toMatch(/^error: expected a command, .* \(npx tapegrad-char --help /);
  });

  test('saves the run at Ctrl-C, and says how to go on with it', async () => {
    const program = join(project, 'node_modules', 'tapegrad-char', 'dist', 'cli.js');
    const args = [program, 'train', '-', '--steps', '100000', '--out', 'interrupted'];
    const training = spawn(process.execPath, args, { cwd, env });
    training.stdin.end(text);
    let stdout = '';
    training.stdout.on('data', chunk => (stdout += chunk));
    await once(training.stdout, 'data');
    training.kill('SIGINT');
    const [code] = await once(training, 'close');
    expect(code).toBe(130);
    expect(stdout).toMatch(/^Go on with: (npx )?tapegrad-char resume --out interrupted$/m);
    expect(existsSync(join(cwd, 'interrupted', 'checkpoint.safetensors'))).toBe(true);
  });
});
