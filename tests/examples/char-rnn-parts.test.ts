import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { DOMParser } from 'linkedom';
import { Generator } from 'tapegrad';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { reasonOf } from '../../examples/04-char-rnn/errors.ts';
import { keepPrevious, prepareFolder, replaceFile } from '../../examples/04-char-rnn/folder.ts';
import { watchInterrupt } from '../../examples/04-char-rnn/interrupt.ts';
import { chart } from '../../examples/04-char-rnn/report/chart.ts';
import { curve } from '../../examples/04-char-rnn/report/curve.ts';
import {
  clock,
  type Output,
  painter,
  printable,
  progress,
  quoted,
  screenOf,
} from '../../examples/04-char-rnn/report/terminal.ts';
import { trainingLength } from '../../examples/04-char-rnn/run/corpus.ts';
import { Failure } from '../../examples/04-char-rnn/run/errors.ts';
import { bestOf, type Metrics, metricsLine, stretches } from '../../examples/04-char-rnn/run/history.ts';
import { draw } from '../../examples/04-char-rnn/run/sample.ts';
import { readCorpus } from '../../examples/04-char-rnn/text.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'char-rnn-parts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a text', () => {
  const file = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };

  test('becomes ids, the last tenth held out', async () => {
    const { text, corpus } = await readCorpus(await file('good.txt', '👍 is a thumb\n'.repeat(10)), 5);
    expect(text).toBe('👍 is a thumb\n'.repeat(10));
    expect(corpus.training.size).toBe(117);
    expect(corpus.heldOut.size).toBe(13);
    expect(corpus.first).toBe('👍');
    const ids = Int32Array.from([...corpus.training.data, ...corpus.heldOut.data]);
    expect(corpus.vocabulary.decode(ids)).toBe(text);
  });

  test('that is too short for two parts is learned whole', () => {
    expect(trainingLength(100, 8)).toBe(90);
    expect(trainingLength(100, 9)).toBe(90);
    expect(trainingLength(100, 10)).toBe(100);
  });

  test.each([
    ['empty.txt', '', 'expected a text, got an empty one'],
    ['bom.txt', '\ufeff', 'expected a text, got an empty one'],
    ['one.txt', 'a', 'expected at least two different characters, got only "a"'],
    ['same.txt', '\n'.repeat(99), 'expected at least two different characters, got only "\\n"'],
    [
      'short.txt',
      'abcde',
      'expected more characters than a window has, 6 or more, got 5; a smaller sequence helps: --sequence 1',
    ],
    ['latin1.txt', Uint8Array.of(0x61, 0xe9, 0x62), 'expected UTF-8, got bytes that are no such text'],
    ['surrogate.txt', Uint8Array.of(0x61, 0xed, 0xa0, 0x80), 'expected UTF-8, got bytes that are no such text'],
  ])('in %s is refused', async (name, content, message) => {
    const path = await file(name, content);
    await expect(readCorpus(path, 5)).rejects.toThrow(new Failure(`--text ${path}: ${message}`));
  });

  test('that is too short can be learned with the sequence that the error names', async () => {
    const path = await file('shorter.txt', 'abcdefghijklmnopqrs');
    const message = String(await readCorpus(path, 32).catch(error => error));
    const [, fitting] = /: --sequence (\d+)$/.exec(message) ?? [];
    expect(fitting).toBe('4');
    expect((await readCorpus(path, Number(fitting))).corpus.training.size).toBe(19);
  });

  test('that is missing or a folder is refused', async () => {
    const missing = join(folder, 'missing.txt');
    await expect(readCorpus(missing, 5)).rejects.toThrow(
      new Failure(`--text ${missing}: expected a text file: no such file or folder`),
    );
    await expect(readCorpus(folder, 5)).rejects.toThrow(
      new Failure(`--text ${folder}: expected a text file: it is a folder`),
    );
  });
});

describe('the metrics', () => {
  const history: Metrics[] = [
    { step: 1, loss: 2 * Math.LN2, gradientNorm: 0.5 },
    { step: 2, loss: 1, gradientNorm: 0.25, heldOut: 3 },
    { step: 3, loss: 1, gradientNorm: 0.25, heldOut: 2 },
    { step: 4, loss: 1, gradientNorm: 0.25, heldOut: 2.5 },
  ];

  test('of a step are one line of JSON', () => {
    expect(metricsLine(history[0])).toBe(
      '{"step":1,"loss":1.3862943611198906,"bitsPerCharacter":2,"gradientNorm":0.5}\n',
    );
    expect(JSON.parse(metricsLine(history[1]))).toMatchObject({ step: 2, heldOut: 3 });
  });

  test('know the step of the lowest held-out loss', () => {
    expect(bestOf(history)?.step).toBe(3);
    expect(bestOf(history.slice(0, 1))).toBeUndefined();
  });

  test('are averaged in stretches that use every value once', () => {
    expect(stretches([1, 2, 3, 4, 5, 6], 3)).toEqual([1.5, 3.5, 5.5]);
    expect(stretches([1, 2, 3, 4, 5], 2)).toEqual([1.5, 4]);
    expect(stretches([1, 2], 5)).toEqual([1, 2]);
    expect(stretches([], 5)).toEqual([]);
  });

  test('make a curve of the asked size for a terminal, also of one step', () => {
    const lines = chart(
      Array.from({ length: 500 }, (_, i) => Math.exp(-i / 100)),
      60,
      6,
    ).split('\n');
    expect(lines).toHaveLength(6);
    for (const line of lines) expect(line.trimEnd().length).toBeLessThanOrEqual(60);
    expect(lines[0]).toMatch(/^ +0\.956 ┼─╮/);
    expect(chart([2], 80)).toMatch(/2\.000 ┼/);
    expect(chart([2, 2, 2], 80)).toMatch(/2\.000 ┼──/);
  });

  test('make a curve that is a standalone SVG with a white ground, names and escaped text', () => {
    const svg = curve(history, 'RNN <b> & more');
    expect(svg).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('RNN &lt;b&gt; &amp; more');
    expect(svg).not.toMatch(/NaN|undefined/);
    const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
    expect(document.querySelector('svg > rect')?.getAttribute('fill')).toBe('white');
    const texts = Array.from(svg.matchAll(/<text[^>]*>([^<]*)</g), ([, text]) => text);
    expect(texts).toEqual(expect.arrayContaining(['step', 'bits per character', 'training 1.44', 'held out 3.61']));
    expect(document.querySelectorAll('circle')).toHaveLength(3);
    expect(curve(history.slice(0, 1), 'one step')).not.toMatch(/NaN|undefined/);
  });
});

describe('a terminal', () => {
  afterEach(() => void vi.unstubAllEnvs());

  test('shows seconds as a clock', () => {
    expect([0, 9.4, 60, 754, 3723].map(clock)).toEqual(['0:00', '0:09', '1:00', '12:34', '1:02:03']);
  });

  test('is not steered by what a network writes', () => {
    expect(printable('a\x1b[31m\r\x07\n\tb\x7f\x9b\u202e')).toBe('a␛[31m␍␇\n\tb␡\ufffd\ufffd');
  });

  test('shows a sample in lines that fit, marked', () => {
    expect(quoted('one two\n\n👍👍👍👍\n', 3)).toBe('  | one\n  |  tw\n  | o\n  |\n  | 👍👍👍\n  | 👍\n  |');
  });

  const colours = (isTTY: boolean): Output => Object.assign(new PassThrough(), { isTTY, hasColors: () => true });

  test('has colours, and a pipe or NO_COLOR has none', () => {
    vi.stubEnv('NO_COLOR', undefined);
    expect(painter(screenOf(colours(true)))('red', 'x')).toBe('\x1b[31mx\x1b[39m');
    expect(painter(screenOf(colours(false)))('red', 'x')).toBe('x');
    vi.stubEnv('NO_COLOR', '1');
    expect(painter(screenOf(colours(true)))('red', 'x')).toBe('x');
  });

  test('that is none gets plain lines: speed, time left, loss and bits per character', () => {
    const output = new PassThrough();
    let time = 0;
    const shown = progress(output, () => time);
    shown.start(10, 50);
    for (let step = 11; step <= 50; step++) {
      time += 500;
      shown.step({ step, loss: Math.LN2, gradientNorm: 1 });
      if (step === 12) shown.say('a word');
    }
    shown.stop();
    const lines = String(output.read()).trimEnd().split('\n');
    expect(lines).toHaveLength(15);
    expect(lines[0]).toBe('step 12/50 · 2.0 steps/s · 0:19 left · loss 0.6931 · 1.000 bits/char');
    expect(lines[1]).toBe('a word');
    expect(lines[14]).toBe('step 50/50 · 2.0 steps/s · 0:00 left · loss 0.6931 · 1.000 bits/char');
  });

  test('gets a bar with the same, which makes room for words', () => {
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, cursorTo() {}, clearLine() {} });
    const shown = progress(output);
    shown.say('before');
    shown.start(0, 4);
    shown.step({ step: 2, loss: Math.LN2, gradientNorm: 1 });
    shown.say('a word');
    shown.stop();
    const text = String(output.read());
    expect(text).toMatch(/█+░+ 2\/4 · [\d.]+ steps\/s · 0:00 left · loss 0\.6931 · 1\.000 bits\/char/);
    expect(text).toMatch(/^before\n/);
    expect(text).toContain('a word\n');
  });
});

test('a bar follows the width of its terminal, and never wraps', () => {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 110, cursorTo() {}, clearLine() {} });
  const shown = progress(output);
  const barIn = (columns: number): string => {
    output.columns = columns;
    shown.start(0, 4);
    shown.step({ step: 2, loss: Math.LN2, gradientNorm: 1 });
    shown.stop();
    const parts = String(output.read()).split('\x1b');
    return parts.find(part => part.includes(' 2/4 '))?.replace(/^.*?█/, '█') ?? '';
  };
  expect(barIn(110)).toMatch(/^█{15}░{15} 2\/4 .* bits\/char$/);
  const narrow = barIn(40);
  expect(narrow).toMatch(/^█{3}░{3} 2\/4 /);
  expect(narrow.length).toBeLessThan(40);
});

describe('a draw', () => {
  const logits = [0, Math.log(3), -Infinity];

  test('takes the likeliest at temperature 0, and never what has no chance', () => {
    const generator = new Generator(1);
    expect(draw(logits, 0, generator)).toBe(1);
    const counts = [0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[draw(logits, 1, generator)]++;
    expect(counts[1] / 4000).toBeCloseTo(0.75, 1);
    expect(counts[2]).toBe(0);
  });

  test('at temperature 1/2 sees the odds squared', () => {
    const generator = new Generator(1);
    let ones = 0;
    for (let i = 0; i < 4000; i++) ones += draw(logits, 0.5, generator);
    expect(ones / 4000).toBeCloseTo(0.9, 1);
  });
});

describe('a folder', () => {
  test('that a rehearsal can be written to keeps no trace of it', async () => {
    const out = join(folder, 'a', 'b');
    const files = await prepareFolder(out, path => writeFile(path, 'x'));
    expect(files.checkpoint).toBe(join(out, 'checkpoint.safetensors'));
    expect(await readdir(out)).toEqual([]);
  });

  test('that is full is found out, and the rehearsal taken away', async () => {
    const out = join(folder, 'full');
    const full = async (path: string) => {
      await writeFile(path, 'half');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    await expect(prepareFolder(out, full)).rejects.toThrow(
      new Failure(`--out ${out}: expected a folder to write to: no space left on the disk`),
    );
    expect(await readdir(out)).toEqual([]);
  });

  test('keeps the old file when the new one cannot take its place', async () => {
    const path = join(folder, 'taken');
    await prepareFolder(join(path, 'within'), async () => {});
    await expect(replaceFile(path, 'new')).rejects.toThrow(new Failure(`${path}: could not write it: it is a folder`));
    expect((await readdir(folder)).filter(name => name.endsWith('.tmp'))).toEqual([]);
    const file = join(folder, 'replaced');
    await replaceFile(file, 'old');
    await replaceFile(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
  });

  test('moves the report and the curve of an earlier run away, also where there is no checkpoint', async () => {
    const out = join(folder, 'again');
    const files = await prepareFolder(out, async () => {});
    await replaceFile(files.report, 'old report');
    await replaceFile(files.curve, 'old curve');
    expect(await keepPrevious(files)).toBe(false);
    expect((await readdir(out)).sort()).toEqual(['loss.previous.svg', 'report.previous.html']);
    expect(await readFile(join(out, 'report.previous.html'), 'utf8')).toBe('old report');
  });

  test('says in words what the system says in codes', () => {
    const cause = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    expect(reasonOf(new Error('could not write x', { cause }))).toBe('the file system is read-only');
    expect(reasonOf(new Error('two\n  lines'))).toBe('two lines');
  });
});

test('the first Ctrl-C is told from the second, also when a runner passes each on twice', () => {
  const heard: string[] = [];
  const before = process.listenerCount('SIGINT');
  let time = 0;
  const release = watchInterrupt(
    () => heard.push('first'),
    () => heard.push('second'),
    () => time,
  );
  for (time of [1000, 1005, 1030]) process.emit('SIGINT');
  expect(heard).toEqual(['first']);
  time = 1500;
  process.emit('SIGINT');
  expect(heard).toEqual(['first', 'second']);
  release();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
