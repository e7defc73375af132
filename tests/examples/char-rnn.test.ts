import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { io } from 'tapegrad';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npmStart } from '../../examples/04-char-rnn/calling.ts';
import { parseCommand } from '../../examples/04-char-rnn/command.ts';
import { help } from '../../examples/04-char-rnn/help.ts';
import { trainInThread } from '../../examples/04-char-rnn/thread/outside.ts';
import notebook from '../fixtures/notebook.json' with { type: 'json' };
import {
  type Outcome,
  outcome,
  program,
  run,
  start,
  startProgram,
  threadProgram,
  untilProgress,
} from './char-rnn-program.ts';

let folder: string;
let text: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'char-rnn-'));
  text = join(folder, 'rhyme.txt');
  await writeFile(
    text,
    'Peter Piper picked a peck of pickled peppers.\nWhere is the peck — Ölweide 👍 — he picked?\n'.repeat(12),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small = ['--hidden', '8', '--sequence', '8', '--batch', '4', '--sample', '20'];

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

interface MetricsLine {
  readonly step: number;
  readonly loss: number;
  readonly bitsPerCharacter: number;
  readonly gradientNorm: number;
  readonly heldOut?: number;
}

const metricsOf = (path: string): MetricsLine[] => linesOf(path).map(line => JSON.parse(line));

test('npm start trains from the notebook’s weights to the losses that it printed, and says the text from memory', async () => {
  const { code, stdout } = await outcome(startProgram('npm', ['start', '--silent']));
  expect(code).toBe(0);
  const rows = Array.from(stdout.matchAll(/^ +(\d+) +(\d+\.\d{10}) +(\d+\.\d{10}) +\S+$/gm), row =>
    row.slice(1).map(Number),
  );
  expect(rows.map(([epoch]) => epoch)).toEqual(Array.from({ length: 22 }, (_, i) => i + 1));
  for (const [epoch, printed, ours] of rows) {
    expect(printed).toBeCloseTo(notebook.printedLosses[epoch - 1], 9);
    expect(Math.abs(ours - printed) / printed).toBeLessThanOrEqual(1e-6);
  }
  expect(stdout).toMatch(/^All 22: equal to 1e-6 \(largest relative difference [\d.]+e-\d+\)\.$/m);
  expect(stdout).toContain('On to 100 epochs');
  expect(stdout).toContain('Given "I a", it goes on by itself:\n  I am learning RNN\n');
  expect(stdout).not.toContain('\x1b');
});

test('--help explains every option and ends well', async () => {
  expect(await run('--help')).toEqual({ code: 0, stdout: help(npmStart), stderr: '' });
});

describe.each([
  ['rnn', 'sgd', '1', '1'],
  ['lstm', 'adam', '2', '0.05'],
  ['gru', 'adamw', '1', '0.05'],
])('a text with --cell %s --optimizer %s', (cell, optimizer, layers, lr) => {
  let out: string;
  let result: Outcome;
  beforeAll(async () => {
    out = join(folder, cell);
    const options = ['--cell', cell, '--optimizer', optimizer, '--layers', layers, '--lr', lr];
    result = await run('--text', text, ...options, ...small, '--steps', '40', '--every', '20', '--out', out);
  });

  test('is learned, in plain lines where the output is no terminal', () => {
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(result.stdout).not.toContain('\x1b');
    expect(result.stdout).not.toContain('\r');
    expect(result.stdout).toContain(`Model  ${cell.toUpperCase()}, ${layers} layer`);
    const lines = result.stdout.match(
      /^step +\d+\/40 · [\d.]+ steps\/s · \d:\d\d left · loss [\d.]+ · [\d.]+ bits\/char$/gm,
    );
    expect(lines).toHaveLength(20);
    expect(result.stdout.match(/^Step (20|40): held-out loss [\d.]+ \([\d.]+ bits\/char\)/gm)).toHaveLength(2);
    expect(result.stdout).toMatch(/^ {2}\| P/m);
    expect(result.stdout).toMatch(/^ +\d\.\d{3} [┤┼]/m);
    const losses = metricsOf(join(out, 'metrics.jsonl')).map(({ loss }) => loss);
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) - 0.3);
  });

  test('leaves metrics.jsonl with a line for each step', () => {
    const metrics = metricsOf(join(out, 'metrics.jsonl'));
    expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    for (const { step, loss, bitsPerCharacter, gradientNorm, heldOut } of metrics) {
      expect(bitsPerCharacter).toBe(loss / Math.LN2);
      expect(gradientNorm).toBeGreaterThan(0);
      expect(heldOut !== undefined).toBe(step % 20 === 0);
    }
  });

  test('leaves a loss curve, a report and a checkpoint that other programs can read, and nothing else', async () => {
    const svg = readFileSync(join(out, 'loss.svg'), 'utf8');
    expect(svg).toMatch(/^<\?xml .*\n<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
    expect(svg.endsWith('</svg>\n')).toBe(true);
    expect(svg).toContain(`${cell.toUpperCase()}, `);
    expect((await readdir(out)).sort()).toEqual(['checkpoint.safetensors', 'loss.svg', 'metrics.jsonl', 'report.html']);
    const { tensors, metadata } = io.readSafetensors(await readFile(join(out, 'checkpoint.safetensors')));
    const gates = { rnn: 1, lstm: 4, gru: 3 }[cell]!;
    expect(tensors['model.rnn.weight_ih_l0'].shape).toEqual([gates * 8, 32]);
    expect(tensors['model.head.weight'].shape).toEqual([JSON.parse(metadata.vocabulary).length, 8]);
    expect(JSON.parse(metadata.vocabulary)).toEqual(expect.arrayContaining(['P', 'Ö', '👍', '\n']));
    expect(JSON.parse(metadata.options)).toMatchObject({ cell, optimizer, steps: 40 });
  });
});

describe('a run that is interrupted and resumed', () => {
  /** Wide enough that there is time for a signal before the last step. */
  const wide = ['--hidden', '64', '--sequence', '32', '--batch', '16', '--sample', '20'];
  const options = ['--cell', 'lstm', '--layers', '2', ...wide, '--steps', '200', '--every', '70'];
  let unbroken: string;
  let broken: string;
  let interrupted: Outcome;
  let resumed: Outcome;
  beforeAll(async () => {
    unbroken = join(folder, 'unbroken');
    broken = join(folder, 'broken in two');
    const whole = run('--text', text, ...options, '--out', unbroken);
    interrupted = await untilProgress(start('--text', text, ...options, '--out', broken), child =>
      child.kill('SIGINT'),
    );
    // As after a crash: lines of steps that the checkpoint does not have.
    const metrics = join(broken, 'metrics.jsonl');
    await writeFile(metrics, '{"step":999}\n{"ste', { flag: 'a' });
    resumed = await run('--resume', '--out', broken);
    expect((await whole).code).toBe(0);
  });

  test('finishes the step, saves, and says how to go on', () => {
    const [, step, hint] = interrupted.stdout.match(/\nInterrupted after step (\d+) of 200\. .*\n(.*)\n$/) ?? [];
    expect(Number(step)).toBeGreaterThanOrEqual(10);
    expect(Number(step)).toBeLessThan(200);
    expect(hint).toBe(`Go on with: npm start -- --resume --out '${broken}'`);
    expect(interrupted.stdout).toContain('Ctrl-C: finishing this step and saving.');
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toBe('');
    expect(resumed.stdout).toContain(`Resumed after step ${step}.`);
    expect(resumed.code).toBe(0);
  });

  test('has the losses of the unbroken run, each step once', () => {
    expect(metricsOf(join(broken, 'metrics.jsonl'))).toHaveLength(200);
    expect(linesOf(join(broken, 'metrics.jsonl'))).toEqual(linesOf(join(unbroken, 'metrics.jsonl')));
  });

  test('ends with the checkpoint of the unbroken run, byte for byte', async () => {
    const name = 'checkpoint.safetensors';
    const [one, other] = await Promise.all([readFile(join(unbroken, name)), readFile(join(broken, name))]);
    expect(one.equals(other)).toBe(true);
  });

  test('can be trained longer, and once it is done only writes', async () => {
    const out = join(folder, 'longer');
    await mkdir(out);
    await copyFile(join(unbroken, 'checkpoint.safetensors'), join(out, 'checkpoint.safetensors'));
    const longer = await run('--resume', '--out', out, '--steps', '210', '--lr', '0.001');
    expect(longer.code).toBe(0);
    expect(linesOf(join(out, 'metrics.jsonl')).slice(0, 199)).toEqual(
      linesOf(join(unbroken, 'metrics.jsonl')).slice(0, 199),
    );
    expect(metricsOf(join(out, 'metrics.jsonl'))).toHaveLength(210);
    const written = await run('--resume', '--out', out, '--prompt', 'Pick', '--sample', '30');
    expect(written.code).toBe(0);
    expect(written.stdout).toContain('All 210 of 210 steps are done; a larger --steps goes on.\n  | Pick');
  });

  /** Steps of some tenths of a second. */
  const slow = ['--hidden', '512', '--batch', '32', '--sequence', '32', '--steps', '20', '--every', '1000'];

  test('saves also where a step is long, and npm and its kind stand between', async () => {
    const out = join(folder, 'through npm');
    // What is compiled is not kept, so that whatever is loaded late needs the compiler, which the signal ends, too.
    const args = ['TSX_DISABLE_CACHE=1', 'npm', 'start', '--silent', '--', '--text', text, ...slow, '--out', out];
    // As a terminal does: the signal goes to npm, to all that it started, and npm passes it on once more.
    const { stdout, stderr } = await untilProgress(startProgram('env', args, true), child =>
      process.kill(-child.pid!, 'SIGINT'),
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\nInterrupted after step \d of 20\. Saved /);
    expect((await readdir(out)).sort()).toEqual(['checkpoint.safetensors', 'loss.svg', 'metrics.jsonl', 'report.html']);
  });

  test('quits at once, in the middle of a step and without saving, at a second Ctrl-C', async () => {
    const out = join(folder, 'twice');
    const twice = (child: ChildProcess) => {
      child.kill('SIGINT');
      // Counted from when the first one was heard: two within 200 ms are one Ctrl-C.
      child.stdout!.on('data', chunk => {
        if (String(chunk).includes('Once more')) setTimeout(() => child.kill('SIGINT'), 250);
      });
    };
    // The first step, which follows on the line that describes its program, takes a second.
    const program = start('--text', text, ...slow, '--batch', '64', '--verbose', '--out', out);
    const { code, stdout } = await untilProgress(program, twice, /^Step {3}/m);
    expect(code).toBe(130);
    expect(stdout).toContain('Once more quits at once.');
    expect(stdout).not.toContain('Saved');
    expect(stdout).not.toMatch(/^step /m);
    expect(await readdir(out)).toEqual(['metrics.jsonl']);
    expect(await readFile(join(out, 'metrics.jsonl'), 'utf8')).toBe('');
  });
});

test('a run follows the width of its terminal', async () => {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 110, cursorTo() {}, clearLine() {} });
  let seen = '';
  output.on('data', chunk => {
    seen += chunk;
    if (output.columns === 40 || !seen.includes('Step 50')) return;
    output.columns = 40;
    output.emit('resize');
  });
  const out = join(folder, 'resized');
  const options = ['--text', text, ...small, '--sample', '100', '--steps', '1000', '--every', '50', '--out', out];
  const command = parseCommand(options);
  if (command.run !== 'text') throw new Error('expected a run on a text');
  expect(await trainInThread(command, { calling: npmStart, thread: threadProgram, output, tell() {} })).toBe(0);
  const widest = (text: string) =>
    Math.max(...Array.from(text.matchAll(/^(?: {2}\|| +[\d.]+ [┤┼]).*/gm), ([line]) => line.length));
  expect(widest(seen.slice(0, seen.indexOf('Step 100')))).toBeGreaterThan(62);
  expect(widest(seen.slice(seen.indexOf('Step 1000')))).toBeLessThanOrEqual(40);
  expect(seen).toMatch(/^Starting …\rText /);
  expect(output.listenerCount('resize')).toBe(0);
});

describe('a used folder', () => {
  test('keeps the checkpoint of the earlier run beside that of the new one', async () => {
    const out = join(folder, 'used');
    const options = ['--text', text, ...small, '--steps', '2', '--out', out];
    await run(...options);
    const before = await readFile(join(out, 'checkpoint.safetensors'));
    const again = await run(...options, '--seed', '2');
    expect(again.stdout).toContain('it is kept as checkpoint.previous.safetensors');
    expect(before.equals(await readFile(join(out, 'checkpoint.previous.safetensors')))).toBe(true);
    expect(before.equals(await readFile(join(out, 'checkpoint.safetensors')))).toBe(false);
  });

  test('that becomes unwritable during the run is an error that says so', async () => {
    const out = join(folder, 'spoilt');
    const checkpoint = join(out, 'checkpoint.safetensors');
    const spoil = () => mkdir(join(checkpoint, 'within'), { recursive: true });
    const result = await untilProgress(
      start('--text', text, ...small, '--steps', '4000', '--every', '1000', '--eager', '--out', out),
      spoil,
    );
    expect(result.stderr).toBe(
      `error: ${checkpoint}: could not save the run: it is a folder; what was there before is untouched\n`,
    );
    expect(result.code).toBe(1);
    expect((await readdir(out)).sort()).toEqual(['checkpoint.safetensors', 'metrics.jsonl']);
  });

  test('that is full is found out before training, and its checkpoint stays', async () => {
    const out = join(folder, 'full');
    await run('--text', text, ...small, '--steps', '2', '--out', out);
    const before = await readFile(join(out, 'checkpoint.safetensors'));
    // Files of at most 100 kB stand for a full disk: the write fails in the middle.
    const limited = ['-c', 'ulimit -f 200; exec "$0" "$@"', process.execPath, ...program];
    const args = ['--text', text, '--hidden', '128', '--out', out];
    expect(await outcome(startProgram('sh', [...limited, ...args]))).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: --out ${out}: expected a folder to write to: the file would be larger than allowed\n`,
    });
    expect(before.equals(await readFile(join(out, 'checkpoint.safetensors')))).toBe(true);
    expect((await readdir(out)).sort()).toEqual(['checkpoint.safetensors', 'loss.svg', 'metrics.jsonl', 'report.html']);
  });
});

// What else is refused, and in what words, is tested without starting the program, in char-rnn-parts.test.ts.
describe('bad input is one line on stderr and changes nothing', () => {
  const hint = ' (npm start -- --help explains the options)';

  async function expectError(args: string[], code: number, message: string): Promise<void> {
    expect(await run(...args)).toEqual({ code, stdout: '', stderr: `error: ${message}\n` });
  }

  test.concurrent.each([
    [['--foo'], '--foo: no such option'],
    [['--text', 'a', '--lr', 'NaN'], '--lr: expected a number greater than 0, got "NaN"'],
  ])('on the command line: %j', async (args, message) => {
    await expectError(args, 2, message + hint);
  });

  test.concurrent('in the prompt', async () => {
    const out = join(folder, 'never');
    const message = '--prompt: expected characters that are in the text, got "€"';
    await expectError(['--text', text, '--prompt', 'a€', '--out', out], 2, message + hint);
    expect(await readdir(folder)).not.toContain('never');
  });

  test.concurrent('in the text', async () => {
    const out = join(folder, 'never');
    const missing = join(folder, 'no such.txt');
    const short = join(folder, 'short.txt');
    await writeFile(short, 'ab');
    await Promise.all(
      [
        [missing, 'expected a text file: no such file or folder'],
        [
          short,
          'expected more characters than a window has, 33 or more, got 2; a smaller sequence helps: --sequence 1',
        ],
      ].map(([path, message]) => expectError(['--text', path, '--out', out], 1, `--text ${path}: ${message}`)),
    );
    expect(await readdir(folder)).not.toContain('never');
  });

  test.concurrent('in the output folder', async () => {
    const beneath = join(text, 'runs');
    await Promise.all([
      expectError(
        ['--text', text, '--out', text],
        1,
        `--out ${text}: expected a folder to write to: it is a file, not a folder`,
      ),
      expectError(
        ['--text', text, '--out', beneath],
        1,
        `--out ${beneath}: expected a folder to write to: a part of the path is a file, not a folder`,
      ),
    ]);
  });

  test.concurrent('in the rate: a run that diverges stops before it saves nonsense', async () => {
    const out = join(folder, 'diverged');
    const { code, stderr } = await run(
      '--text',
      text,
      ...small,
      '--cell',
      'rnn',
      '--optimizer',
      'sgd',
      '--lr',
      '1e38',
      '--out',
      out,
    );
    expect(stderr).toMatch(
      /^error: the run diverged at step \d+: loss \S+, gradient norm \S+; try a smaller lr than 1e\+38\n$/,
    );
    expect(code).toBe(1);
    expect(await readdir(out)).toEqual(['metrics.jsonl']);
  });

  describe('in the checkpoint', () => {
    let good: string;
    beforeAll(async () => {
      const out = join(folder, 'good');
      good = join(out, 'checkpoint.safetensors');
      await run('--text', text, ...small, '--steps', '2', '--out', out);
    });

    test.concurrent('that is missing', async () => {
      const out = join(folder, 'nothing');
      const path = join(out, 'checkpoint.safetensors');
      await expectError(
        ['--resume', '--out', out],
        1,
        `--resume: expected a checkpoint to go on from, got none to read in ${path}: no such file or folder`,
      );
      expect(await readdir(folder)).not.toContain('nothing');
    });

    test.concurrent('that is cut off', async () => {
      const out = join(folder, 'cut');
      const path = join(out, 'checkpoint.safetensors');
      await mkdir(out);
      await copyFile(good, path);
      await truncate(path, 5000);
      const { code, stdout, stderr } = await run('--resume', '--out', out);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^error: checkpoint .*checkpoint\.safetensors: readSafetensors: [^\n]+\n$/);
      expect(await readdir(out)).toEqual(['checkpoint.safetensors']);
    });

    test.concurrent('that is of another model', async () => {
      const before = await readFile(good);
      await expectError(
        ['--resume', '--out', join(folder, 'good'), '--cell', 'gru', '--hidden', '16'],
        1,
        `checkpoint ${good}: it is of another run: cell is lstm there and gru here, hidden is 8 there and 16 here`,
      );
      expect(before.equals(await readFile(good))).toBe(true);
    });

    test.concurrent('that was trained on another text', async () => {
      const other = join(folder, 'other.txt');
      await writeFile(other, `${readFileSync(text, 'utf8')}!`);
      await expectError(
        ['--resume', '--out', join(folder, 'good'), '--text', other],
        1,
        `checkpoint ${good}: expected the text that it was trained on, got another one: ${other}`,
      );
    });
  });
});
