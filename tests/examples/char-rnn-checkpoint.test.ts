import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { data, io, type Tensor, tensor, zeros } from 'tapegrad';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCheckpoint, restore, saveCheckpoint } from '../../examples/04-char-rnn/checkpoint.ts';
import { Failure } from '../../examples/04-char-rnn/errors.ts';
import { CharRNN, parameterCount, type Sizes } from '../../examples/04-char-rnn/model.ts';
import { cells, defaults, type Options } from '../../examples/04-char-rnn/options.ts';
import { sample } from '../../examples/04-char-rnn/sample.ts';
import { lossOf } from '../../examples/04-char-rnn/step.ts';
import { type Corpus, readCorpus } from '../../examples/04-char-rnn/text.ts';
import { heldOutLoss, type Run, startRun, train } from '../../examples/04-char-rnn/train.ts';

let folder: string;
let corpus: Corpus;
let path: string;
let options: Options;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'char-rnn-checkpoint-'));
  path = join(folder, 'checkpoint.safetensors');
  const text = join(folder, 'text.txt');
  await writeFile(text, 'the quick brown fox jumps over the lazy dog. '.repeat(9));
  corpus = await readCorpus(text, 6);
  options = { ...defaults, text, hidden: 5, sequence: 6, batch: 3, steps: 12, every: 5, cell: 'gru' };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A run that has made so many steps. */
function runOf(steps: number): Run {
  const run = startRun(options, corpus);
  for (const { step } of train(run)) if (step === steps) break;
  return run;
}

test('a run that is saved and read goes on with the very losses of the one that never stopped', async () => {
  const run = runOf(7);
  await saveCheckpoint(path, run);
  const taken = restore(startRun(options, corpus), await readCheckpoint(path, {}));
  expect(taken.history).toEqual(run.history);
  expect([...train(taken)]).toEqual([...train(run)]);
  expect(taken.history).toHaveLength(12);
  expect(taken.history.map(({ heldOut }) => heldOut !== undefined)).toEqual(
    Array.from({ length: 12 }, (_, i) => [4, 9, 11].includes(i)),
  );
});

test('samples do not disturb training, and follow from their seed', () => {
  const [one, other] = [startRun(options, corpus), startRun(options, corpus)];
  const draw = (run: Run, seed: string) =>
    sample(run.model, corpus.vocabulary, { prompt: 'the', length: 30, temperature: 1, seed });
  const losses: number[] = [];
  for (const { loss } of train(one)) {
    losses.push(loss);
    draw(one, 'any');
  }
  expect(Array.from(train(other), ({ loss }) => loss)).toEqual(losses);
  expect(draw(one, 'a')).toBe(draw(other, 'a'));
  expect(draw(one, 'a')).not.toBe(draw(one, 'b'));
  expect([...draw(one, 'a')]).toHaveLength(30);
});

test.each(cells)('the number of weights of a %s network is known before it is built', cell => {
  const sizes: Sizes = { cell, vocabulary: 7, embedding: 4, hidden: 5, layers: 3 };
  const parameters = new CharRNN(sizes).parameters();
  expect(parameters.reduce((sum, p) => sum + p.size, 0)).toBe(parameterCount(sizes));
});

test.each(cells)('a %s network that is fed one character at a time and its state says the same as at once', cell => {
  const model = new CharRNN({ cell, vocabulary: 7, embedding: 4, hidden: 5, layers: 2 });
  const ids = tensor([[1, 4, 2, 6]], { dtype: 'int32' });
  const [whole] = model.forward(ids);
  const [first, state] = model.forward(ids.slice(1, 0, 3));
  const [last] = model.forward(ids.slice(1, 3), state);
  expect(first.shape).toEqual([1, 3, 7]);
  for (const [i, x] of last.data.entries()) expect(x).toBeCloseTo(whole.data[3 * 7 + i], 6);
});

test('the held-out loss is the mean over windows beside each other, and there is none without a window', () => {
  const { model } = startRun(options, corpus);
  const ids = corpus.heldOut;
  expect(ids.size).toBe(40);
  const inputs = ids.slice(0, 0, 36).reshape([6, 6]);
  const targets = ids.slice(0, 1, 37).reshape([6, 6]);
  expect(heldOutLoss(model, ids, 6)).toBeCloseTo(lossOf(model, inputs, targets).item(), 6);
  expect(heldOutLoss(model, ids.slice(0, 0, 6), 6)).toBeUndefined();
});

describe('a checkpoint is not believed', () => {
  type Tensors = Record<string, Tensor>;
  type Texts = Record<string, string>;

  /** The message that a checkpoint brings about when it is changed so. */
  async function complaint(change: (tensors: Tensors, metadata: Texts) => void, given = {}): Promise<string> {
    await saveCheckpoint(path, runOf(2));
    const { tensors, metadata } = io.readSafetensors(await readFile(path));
    change(tensors, metadata);
    await writeFile(path, io.encodeSafetensors(tensors, { metadata }));
    const run = startRun(options, corpus);
    try {
      restore(run, await readCheckpoint(path, given));
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      return String(error instanceof Failure && error.message).replace(path, 'PATH');
    }
    return 'none';
  }

  const withOptions = (change: Record<string, unknown>) => (_: Tensors, metadata: Texts) => {
    metadata.options = JSON.stringify({ ...JSON.parse(metadata.options), ...change });
  };

  test('without need', async () => {
    expect(await complaint(() => {})).toBe('none');
  });

  test.each<[string, (tensors: Tensors, metadata: Texts) => void, string]>([
    [
      'of another program',
      (_, metadata) => delete metadata.format,
      'expected one of this program, with format "tapegrad char-rnn 1", got none',
    ],
    [
      'whose options are no JSON',
      (_, metadata) => (metadata.options = '{'),
      'expected metadata options to be JSON, got "{"',
    ],
    [
      'whose options are missing',
      (_, metadata) => (metadata.options = 'null'),
      'expected its options to have text, got none',
    ],
    [
      'that asks for a giant',
      withOptions({ hidden: 1e9 }),
      '--hidden: expected a whole number from 1 to 4096, got "1000000000"',
    ],
    [
      'that asks for a large network and has a small one',
      withOptions({ hidden: 4096, layers: 16 }),
      'expected 1561183132 weights for its options and vocabulary, got 1649',
    ],
    ['whose options are objects', withOptions({ hidden: { toString: 1 } }), 'Cannot convert object to primitive value'],
    [
      'whose vocabulary has a character twice',
      (_, metadata) => (metadata.vocabulary = '["a","a"]'),
      'Vocabulary: expected distinct characters, got "a" (U+0061) at positions 0 and 1',
    ],
    [
      'without a history',
      tensors => delete tensors['history.loss'],
      'expected the history as three float64 columns of one length: loss, gradientNorm, heldOut',
    ],
    [
      'whose history is ragged',
      tensors => (tensors['history.heldOut'] = zeros([3], { dtype: 'float64' })),
      'expected the history as three float64 columns of one length: loss, gradientNorm, heldOut',
    ],
    [
      'with a weight under another name',
      tensors => {
        tensors['model.__proto__'] = tensors['model.head.bias'];
        delete tensors['model.head.bias'];
      },
      'loadStateDict: the dict does not fit CharRNN: missing head.bias; unexpected __proto__',
    ],
    [
      'whose random state is spoilt',
      (_, metadata) => (metadata.generator = '{}'),
      "Generator state: expected algorithm 'arc4', got undefined",
    ],
  ])('%s', async (_, change, message) => {
    expect(await complaint(change)).toBe(`checkpoint PATH: ${message}`);
  });

  test('in an optimiser that has lost a part', async () => {
    const lost = (tensors: Tensors) => {
      for (const name of Object.keys(tensors)) if (name.startsWith('optimizer.')) delete tensors[name];
    };
    expect(await complaint(lost)).toMatch(/^checkpoint PATH: /);
  });

  test('when it is of a run with other options', async () => {
    expect(await complaint(() => {}, { cell: 'lstm', steps: 99 })).toBe(
      'checkpoint PATH: it is of another run: --cell is gru there and lstm here',
    );
  });

  test('when its text was another', async () => {
    const change = (_: Tensors, metadata: Texts) => (metadata.text = 'another');
    expect(await complaint(change)).toBe(
      `--text ${options.text}: expected the text that PATH was trained on, got another one`,
    );
  });

  test('when its vocabulary is not that of the text', async () => {
    const change = (_: Tensors, metadata: Texts) => {
      const characters: string[] = JSON.parse(metadata.vocabulary);
      metadata.vocabulary = JSON.stringify(new data.Vocabulary(characters.reverse()));
    };
    expect(await complaint(change)).toMatch(/expected the text that PATH was trained on, got another one$/);
  });
});
