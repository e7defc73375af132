import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Told } from '../../examples/04-char-rnn/events.ts';
import { type Outcome, outcome, program, run, runInstalled, start, untilProgress } from './char-rnn-program.ts';

let folder: string;
let text: string;
const content = 'She sells sea shells by the sea shore.\nThe shells she sells are sea shells, I’m sure.\n'.repeat(9);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'char-rnn-json-'));
  text = join(folder, 'shells.txt');
  await writeFile(text, content);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small = ['--hidden', '8', '--sequence', '8', '--batch', '4', '--sample', '20', '--steps', '20', '--every', '8'];

const eventsOf = ({ stdout }: Outcome): Told[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

/** The names of events in their order, each stretch of equal ones once. */
const namesOf = (events: readonly Told[]): string[] =>
  events.map(({ event }) => event).filter((event, i, all) => event !== all[i - 1]);

/** The folder of a run, and what it told. */
let out: string;
let result: Outcome;
/** What a wrong command line told. */
let wrong: Outcome;
beforeAll(async () => {
  out = join(folder, 'run');
  [result, wrong] = await Promise.all([
    runInstalled('train', text, ...small, '--out', out, '--json'),
    runInstalled('train', text, '--hidden', '0', '--json'),
  ]);
});

describe('--json', () => {
  test('tells a run in lines of JSON alone, and people on standard error', () => {
    const look = ['look', 'sample', 'saved'];
    expect(result.code).toBe(0);
    expect(namesOf(eventsOf(result))).toEqual([
      'start',
      ...['step', ...look],
      ...['step', ...look],
      ...['step', ...look],
      'end',
    ]);
    expect(result.stderr).toMatch(/^Text {3}.*shells\.txt: 774 characters/);
    expect(result.stderr).toMatch(/^Trained 20 steps: loss /m);
  });

  test('keeps to the fields that are documented, for every event', () => {
    const readme = readFileSync('examples/04-char-rnn/README.md', 'utf8');
    const documented = Array.from(readme.matchAll(/^\| `(\w+)` +\| (`[^|]+?) +\|/gm), ([, event, fields]) => [
      event,
      Array.from(fields.matchAll(/`(\w+)`/g), ([, field]) => field),
    ]);
    const seen = [...eventsOf(result), ...eventsOf(wrong)].map(
      ({ event, ...fields }) => [event, Object.keys(fields)] as const,
    );
    expect(documented.map(([event]) => event)).toEqual([
      ...['start', 'step', 'look', 'sample', 'saved', 'end', 'error'],
    ]);
    for (const [event, fields] of documented)
      for (const [, got] of seen.filter(([name]) => name === event)) expect(got).toEqual(fields);
    expect(new Set(seen.map(([event]) => event)).size).toBe(documented.length);
  });

  test('tells what the files say', () => {
    const events = eventsOf(result);
    const [start] = events;
    expect(start).toMatchObject({
      command: 'train',
      done: 0,
      steps: 20,
      characters: 774,
      options: { text, hidden: 8, prompt: 'S' },
    });
    const metrics = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    const steps = events.flatMap(({ event, ...fields }) => (event === 'step' ? [fields] : []));
    expect(steps).toHaveLength(20);
    for (const [i, line] of metrics.entries()) {
      const { heldOut, ...fields } = JSON.parse(line);
      expect(steps[i]).toEqual(fields);
      const looks = events.filter(told => told.event === 'look' && told.step === i + 1);
      expect(looks.map(told => told.event === 'look' && told.heldOut)).toEqual(heldOut === undefined ? [] : [heldOut]);
    }
    const saved = events.flatMap(told => (told.event === 'saved' ? [[told.step, told.file, told.path]] : []));
    expect(saved).toEqual([
      [8, 'checkpoint', join(out, 'checkpoint.safetensors')],
      [16, 'checkpoint', join(out, 'checkpoint.safetensors')],
      [20, 'checkpoint', join(out, 'checkpoint.safetensors')],
      [20, 'metrics', join(out, 'metrics.jsonl')],
      [20, 'curve', join(out, 'loss.svg')],
      [20, 'report', join(out, 'report.html')],
    ]);
    expect(events.at(-1)).toEqual({ event: 'end', code: 0, step: 20, steps: 20 });
  });

  test('tells of an interrupted run the steps of the unbroken one, and those after them when it is resumed', async () => {
    const whole = eventsOf(result);
    const broken = join(folder, 'broken');
    const first = await untilProgress(
      start('--text', text, ...small, '--steps', '4000', '--out', broken, '--json'),
      child => child.kill('SIGINT'),
      /"step":5,/,
    );
    const told = eventsOf(first);
    const last = told.at(-1);
    expect(first.code).toBe(130);
    expect(last).toMatchObject({ event: 'end', code: 130, steps: 4000 });
    expect(first.stderr).toContain('Go on with: npm start -- --resume --out');
    const same = (events: readonly Told[], upTo: number) =>
      events.filter(({ event, ...fields }) => event === 'step' && 'step' in fields && fields.step <= upTo);
    const done = last?.event === 'end' ? last.step : 0;
    expect(same(told, 20)).toEqual(same(whole, done));
    const rest = eventsOf(await runInstalled('resume', '--steps', String(done + 2), '--out', broken, '--json'));
    expect(rest[0]).toMatchObject({ event: 'start', command: 'resume', done, steps: done + 2 });
    expect(rest.filter(({ event }) => event === 'step')).toHaveLength(2);
  });

  test('tells of the demo', async () => {
    const demo = await runInstalled('demo', '--json');
    const events = eventsOf(demo);
    expect(namesOf(events)).toEqual(['start', 'step', 'sample', 'end']);
    expect(events).toHaveLength(103);
    expect(events[101]).toEqual({
      event: 'sample',
      step: 100,
      prompt: 'I a',
      temperature: 0,
      text: 'm learning RNN',
    });
    expect(demo.stderr).toMatch(/^All 22: equal to 1e-6/m);
    expect(demo.stderr).toMatch(/^Now a text of your own: tapegrad-char train FILE/m);
  });

  test('tells of errors, and says them', async () => {
    const message = '--hidden: expected a whole number from 1 to 4096, got "0"';
    expect(eventsOf(wrong)).toEqual([{ event: 'error', code: 2, kind: 'usage', message }]);
    expect(wrong.stderr).toBe(`error: ${message} (tapegrad-char --help explains the options)\n`);
    const missing = join(folder, 'missing.txt');
    const failure = await runInstalled('train', missing, '--json');
    expect(failure.code).toBe(1);
    expect(eventsOf(failure)).toEqual([
      {
        event: 'error',
        code: 1,
        kind: 'failure',
        message: `--text ${missing}: expected a text file: no such file or folder`,
      },
    ]);
  });

  const endless = (name: string) => ['train', text, ...small, '--steps', '4000', '--out', name];
  const commands: [what: string, args: () => string[]][] = [
    ['train', () => endless('unread')],
    ['train --json', () => [...endless('untold'), '--json']],
    ['sample', () => ['sample', '--out', out, '--sample', '1000000']],
  ];

  test.concurrent.each(commands)('or not, a reader of %s may stop reading', async (_, args) => {
    const writer = spawn(process.execPath, [...program, ...args()], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
      timeout: 80_000,
    });
    writer.stdout.once('data', () => writer.stdout.destroy());
    let stderr = '';
    writer.stderr.on('data', chunk => (stderr += chunk));
    const [code] = await once(writer, 'close');
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|Error/);
  });
});

describe('the command sample', () => {
  test('writes what the run wrote at its end, to be read by any program', async () => {
    const last = eventsOf(result)
      .filter(told => told.event === 'sample')
      .at(-1);
    const [plain, json] = await Promise.all([
      runInstalled('sample', '--out', out),
      runInstalled('sample', '--out', out, '--json'),
    ]);
    expect(plain).toEqual({ code: 0, stdout: `S${last?.text}\n`, stderr: '' });
    expect(eventsOf(json)).toEqual([last, { event: 'end', code: 0, step: 20, steps: 20 }]);
    const elsewhere = join(folder, 'elsewhere.safetensors');
    copyFileSync(join(out, 'checkpoint.safetensors'), elsewhere);
    const options = ['--prompt', 'sea', '--sample', '9', '--temperature', '1'];
    const written = await Promise.all([
      runInstalled('sample', elsewhere, ...options),
      runInstalled('sample', elsewhere, ...options),
      runInstalled('sample', elsewhere, ...options, '--seed', '2'),
    ]);
    const [one, again, other] = written.map(({ stdout }) => stdout);
    expect(one).toMatch(/^sea[\s\S]{9}\n$/);
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    expect(await runInstalled('sample', elsewhere, '--prompt', 'é')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: --prompt: expected characters that are in the text, got "é" (tapegrad-char --help explains the options)\n',
    });
  });

  test('says what is missing', async () => {
    const path = join(folder, 'nothing.safetensors');
    expect(await runInstalled('sample', path)).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: sample: expected a checkpoint to go on from, got none to read in ${path}: no such file or folder\n`,
    });
  });
});

describe('a text from standard input', () => {
  async function piped(input: string, ...args: string[]): Promise<Outcome> {
    const child = start(...args);
    child.stdin?.end(input);
    return await outcome(child);
  }

  test('is learned as one from a file, and kept where a resumed run finds it', async () => {
    const fromInput = join(folder, 'from input');
    const first = await piped(content, 'train', '-', ...small, '--out', fromInput);
    expect(first.code).toBe(0);
    const metrics = (out: string) => readFileSync(join(out, 'metrics.jsonl'), 'utf8');
    expect(metrics(fromInput)).toBe(metrics(out));
    expect(readFileSync(join(fromInput, 'standard-input.txt'), 'utf8')).toBe(content);
    const resumed = await run('--resume', '--steps', '22', '--out', fromInput);
    expect(resumed.stdout).toContain('Resumed after step 20.');
    expect(resumed.code).toBe(0);
  });

  test('is refused as one from a file is, and nothing is left of it', async () => {
    const out = join(folder, 'refused');
    expect(await piped('', '--text', '-', '--out', out)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: --text -: expected a text, got an empty one\n',
    });
    expect(await readdir(folder)).not.toContain('refused');
  });
});

test('without arguments the installed program explains itself, and knows its version', async () => {
  const alone = await runInstalled();
  expect(alone.code).toBe(0);
  expect(alone.stdout).toMatch(/^A recurrent network that learns to write.*\n\nCommands\n {2}train FILE/);
  const { version } = JSON.parse(readFileSync('examples/04-char-rnn/package.json', 'utf8'));
  expect(await runInstalled('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});
