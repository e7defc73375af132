import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stats } from 'tapegrad';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npmStart } from '../../examples/04-char-rnn/calling.ts';
import { duration, gain, programLine, timesOf } from '../../examples/04-char-rnn/gain.ts';
import { interruption } from '../../examples/04-char-rnn/report/run.ts';
import { decodeCheckpoint, encodeRun, resumeRun } from '../../examples/04-char-rnn/run/checkpoint.ts';
import { type Corpus, corpusOf } from '../../examples/04-char-rnn/run/corpus.ts';
import { cells, defaults, type Options, optimizers } from '../../examples/04-char-rnn/run/options.ts';
import { eagerStep, type Step } from '../../examples/04-char-rnn/run/step.ts';
import { compiledStepOf, eagerTwin, type Run, startRun, train } from '../../examples/04-char-rnn/run/train.ts';
import { run } from './char-rnn-program.ts';

let folder: string;
let text: string;
let corpus: Corpus;
let options: Options;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'char-rnn-steps-'));
  text = join(folder, 'text.txt');
  const content = 'the quick brown fox jumps over the lazy dog. '.repeat(9);
  await writeFile(text, content);
  corpus = await corpusOf(content, 6);
  options = { ...defaults, text, hidden: 5, sequence: 6, batch: 3, steps: 24, every: 10, cell: 'gru' };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const modes: [name: string, step: (run: Run) => Step][] = [
  ['compiled', compiledStepOf],
  ['eager', eagerStep],
];

describe('a compiled step', () => {
  test.each(cells.flatMap(cell => optimizers.map(optimizer => [cell, optimizer] as const)))(
    'gives a %s network that %s trains the losses of the eager one',
    (cell, optimizer) => {
      const given = { ...options, cell, optimizer, layers: 2, lr: optimizer === 'sgd' ? 0.5 : 0.02 };
      const [eager, compiled] = [startRun(given, corpus), startRun(given, corpus)];
      const expected = [...train(eager)];
      const got = [...train(compiled, compiledStepOf(compiled))];
      expect(got).toHaveLength(24);
      for (const [i, { loss, gradientNorm, heldOut }] of got.entries()) {
        expect(Math.abs(loss / expected[i].loss - 1)).toBeLessThan(1e-4);
        expect(Math.abs(gradientNorm / expected[i].gradientNorm - 1)).toBeLessThan(1e-4);
        if (heldOut !== undefined) expect(Math.abs(heldOut / expected[i].heldOut! - 1)).toBeLessThan(1e-4);
      }
      expect(got[23].loss).toBeLessThan(got[0].loss);
      expect(compiled.generator.state()).toBe(eager.generator.state());
    },
  );

  test('is made without a trace in the run: weights, optimiser, random stream and losses stay as they were', () => {
    const run = startRun(options, corpus);
    for (const { step } of train(run)) if (step === 3) break;
    const before = encodeRun(run);
    compiledStepOf(run);
    expect(encodeRun(run)).toEqual(before);
  });

  test('is one program from the first step of a run to the last', () => {
    const run = startRun(options, corpus);
    const step = compiledStepOf(run);
    const recorded = step.stats();
    expect(recorded).toMatchObject({ executor: 'wasm' });
    for (const _ of train(run, step)) expect(step.stats()).toBe(recorded);
  });

  test('is measured beside an eager one on a copy, which leaves the run alone', () => {
    const run = startRun(options, corpus);
    for (const _ of train(run, compiledStepOf(run)));
    const before = encodeRun(run);
    const twin = eagerTwin(run);
    for (let i = 0; i < 3; i++) twin();
    expect(encodeRun(run)).toEqual(before);
  });
});

test.each(modes)('a run of %s steps that is resumed ends as the unbroken one, byte for byte', (_, stepOf) => {
  let half: Uint8Array = new Uint8Array();
  const unbroken = startRun(options, corpus);
  for (const { step } of train(unbroken, stepOf(unbroken))) if (step === 17) half = encodeRun(unbroken);
  const resumed = resumeRun(decodeCheckpoint(half), corpus);
  expect(resumed.history).toHaveLength(17);
  for (const _ of train(resumed, stepOf(resumed)));
  expect(resumed.samples.map(({ step }) => step)).toEqual([10, 20, 24]);
  expect(encodeRun(resumed)).toEqual(encodeRun(unbroken));
});

describe('what is said of the gain', () => {
  const stats: Stats = {
    recorded: 1727,
    operations: 1721,
    callsToJavaScript: 0,
    kernels: 555,
    arenaBytes: 2_233_984,
    bytesWithoutSharing: 7_326_928,
    moduleBytes: 37_741,
    executor: 'wasm',
    recordMs: 283,
    emitMs: 485,
    compileMs: 6.2,
  };

  test('holds the median of the compiled steps against the fastest eager one', () => {
    expect(gain([90, 6, 5, 8, 6], [400, 60, 90], stats)).toBe(
      'Compiled step 6.0 ms, eager 60 ms: 10 times as fast; compiling took 774 ms',
    );
    expect(gain([0.08], [0.2], stats)).toContain('Compiled step 80 µs, eager 200 µs: 2.5 times as fast');
  });

  test('has times in units that suit them', () => {
    expect([0.0034, 0.25, 6.84, 101.3, 2340].map(duration)).toEqual(['3.4 µs', '250 µs', '6.8 ms', '101 ms', '2.3 s']);
  });

  test('describes the program on one line', () => {
    expect(programLine(stats)).toBe(
      '1727 operations recorded, 1721 after the passes, 555 kernels, 37 KB of WebAssembly, 2,182 KB of memory for ' +
        '7,156 KB of values; recorded in 283 ms, written in 485 ms, compiled in 6.2 ms',
    );
    expect(programLine({ ...stats, executor: 'javascript', moduleBytes: 0 })).toContain(
      '555 kernels, run by JavaScript,',
    );
  });

  test('rests on as many calls as there is time for, and on one at least', () => {
    let calls = 0;
    expect(timesOf(() => calls++)).toHaveLength(300);
    expect(calls).toBe(300);
    const slow = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1600);
    expect(timesOf(slow)).toEqual([expect.closeTo(1600, -3)]);
  });
});

test('an interrupted run goes on in the manner that it began with', () => {
  const run = startRun(options, corpus);
  const files = { checkpoint: 'c', previous: 'p', metrics: 'm', curve: 'l', report: 'r', text: 't' };
  const hint = (eager: boolean, out = 'here') => {
    const manner = { eager, verbose: false, json: false };
    return interruption(run, files, { run: 'text', out, options, manner }, npmStart.resume).split('\n')[1];
  };
  expect(hint(false)).toBe('Go on with: npm start -- --resume --out here');
  expect(hint(true)).toBe('Go on with: npm start -- --resume --out here --eager');
  // Whatever the folder is called, a shell runs nothing of its name.
  expect(hint(false, "$(date)'s `runs`")).toBe(`Go on with: npm start -- --resume --out '$(date)'\\''s \`runs\`'`);
});

describe('the program', () => {
  /** What the program prints; it must end well and without a complaint. */
  const outputOf = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };

  const gainLine = /^Compiled step \S+ [µm]?s, eager \S+ [µm]?s: [\d.]+ times as fast; compiling took \S+ [µm]?s\.?$/gm;
  const stepLine =
    /^(Step {2}|The step as a program:) +\d+ operations recorded, .* of WebAssembly, .* compiled in .*$/gm;
  const small = ['--hidden', '8', '--sequence', '8', '--batch', '4', '--sample', '5', '--steps', '20'];
  const commands: [what: string, args: () => string[]][] = [
    ['a text', () => ['--text', text, ...small]],
    ['the notebook', () => []],
  ];
  const out = (name: string, args: string[]) => (args.length === 0 ? [] : ['--out', join(folder, name)]);

  test.each(commands)('says at the end of %s what compiling gained, once', async (_, args) => {
    const output = await outputOf(...args(), ...out('compiled', args()));
    expect(output.match(gainLine)).toHaveLength(1);
    expect(output).not.toMatch(stepLine);
  });

  test.each(commands)('says with --verbose of %s what the program of a step is, too', async (_, args) => {
    const output = await outputOf(...args(), '--verbose', ...out('verbose', args()));
    expect(output.match(stepLine)).toHaveLength(1);
    expect(output.match(gainLine)).toHaveLength(1);
  });

  test.each(commands)('says with --eager nothing of compiling, of %s', async (_, args) => {
    const output = await outputOf(...args(), '--eager', '--verbose', ...out('plain', args()));
    expect(output).not.toMatch(/compil|eager|program|WebAssembly/i);
    expect(output).toMatch(args().length === 0 ? /^All 22: equal to 1e-6/m : /^Trained 20 steps: /m);
  });
});
