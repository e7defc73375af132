import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The program as a bundle of its sources, made anew for each file of tests: it starts in a tenth of a second, where sources
 * that are compiled one by one take more than one, in the program and again in its thread. That the sources run as they are,
 * `examples.test.ts` holds.
 */
function bundle(): string {
  const outdir = join(root, '.cache', `char-rnn-${process.pid}`);
  const source = (path: string): string => join(root, 'examples/04-char-rnn', path);
  buildSync({
    entryPoints: { main: source('main.ts'), cli: source('cli.ts'), 'thread/entry': source('thread/inside.ts') },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['tapegrad-source'],
    external: ['@observablehq/plot', 'asciichart', 'cli-progress', 'linkedom'],
    logLevel: 'warning',
  });
  afterAll(() => rmSync(outdir, { recursive: true }));
  return outdir;
}

const bundled = bundle();

/** The arguments of node that start the program as `npm start` does. */
export const program = [join(bundled, 'main.js')];

/** The arguments of node that start the program as it is installed. */
export const installedProgram = [join(bundled, 'cli.js')];

/** The program of the training thread. */
export const threadProgram = pathToFileURL(join(bundled, 'thread/entry.js'));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, npm_command: undefined };

export async function outcome(child: ChildProcess): Promise<Outcome> {
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout!),
    textOf(child.stderr!),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

/** Starts a program in the root folder; one that hangs is ended. */
export const startProgram = (command: string, args: string[], detached = false): ChildProcess =>
  spawn(command, args, {
    cwd: root,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached,
    timeout: 80_000,
    killSignal: 'SIGKILL',
  });

export const start = (...args: string[]): ChildProcess => startProgram(process.execPath, [...program, ...args]);

export const run = (...args: string[]): Promise<Outcome> => outcome(start(...args));

export const runInstalled = (...args: string[]): Promise<Outcome> =>
  outcome(startProgram(process.execPath, [...installedProgram, ...args]));

/** Lets a program end, and calls `then` at its first line that begins as `line` says: the first one of progress. */
export async function untilProgress(
  child: ChildProcess,
  then: (child: ChildProcess) => unknown,
  line = /^step /m,
): Promise<Outcome> {
  const done = outcome(child);
  let seen = '';
  let called = false;
  child.stdout!.on('data', chunk => {
    seen += chunk;
    if (called || !line.test(seen)) return;
    called = true;
    then(child);
  });
  return done;
}
