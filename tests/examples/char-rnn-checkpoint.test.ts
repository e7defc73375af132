import { data, Generator, io, type Tensor, tensor, zeros } from 'tapegrad';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeCheckpoint, encodeRun, modelOf, resumeRun } from '../../examples/04-char-rnn/run/checkpoint.ts';
import { type Corpus, corpusOf } from '../../examples/04-char-rnn/run/corpus.ts';
import { Failure, OptionError } from '../../examples/04-char-rnn/run/errors.ts';
import { hiddenStates } from '../../examples/04-char-rnn/run/hidden.ts';
import { CharRNN, parameterCount, type Sizes } from '../../examples/04-char-rnn/run/model.ts';
import { cells, defaults, type Options } from '../../examples/04-char-rnn/run/options.ts';
import { sample, write } from '../../examples/04-char-rnn/run/sample.ts';
import { lossOf } from '../../examples/04-char-rnn/run/step.ts';
import { heldOutLoss, type Run, startRun, train } from '../../examples/04-char-rnn/run/train.ts';

let corpus: Corpus;
beforeAll(async () => {
  corpus = await corpusOf('the quick brown fox jumps over the lazy dog. '.repeat(9), 6);
});

const options: Options = {
  ...defaults,
  text: 'foxes',
  hidden: 5,
  sequence: 6,
  batch: 3,
  steps: 12,
  every: 5,
  sample: 30,
  cell: 'gru',
};

/** A run that has made so many steps. */
function runOf(steps: number): Run {
  const run = startRun(options, corpus);
  for (const { step } of train(run)) if (step === steps) break;
  return run;
}

test('a run that is saved and read goes on with the very losses and samples of the one that never stopped', () => {
  const run = runOf(7);
  const taken = resumeRun(decodeCheckpoint(encodeRun(run)), corpus);
  expect(taken.history).toEqual(run.history);
  expect(taken.samples).toEqual(run.samples);
  expect(taken.samples.map(({ step }) => step)).toEqual([5]);
  expect([...train(taken)]).toEqual([...train(run)]);
  expect(taken.samples).toEqual(run.samples);
  expect(taken.samples.map(({ step }) => step)).toEqual([5, 10, 12]);
  expect(taken.history).toHaveLength(12);
  expect(taken.history.map(({ heldOut }) => heldOut !== undefined)).toEqual(
    Array.from({ length: 12 }, (_, i) => [4, 9, 11].includes(i)),
  );
});

test('samples do not disturb training, and follow from their seed', () => {
  const [one, other] = [startRun(options, corpus), startRun(options, corpus)];
  const draw = (run: Run, seed: string) =>
    sample(run.model, corpus.vocabulary, {
      prompt: 'the',
      length: 30,
      temperature: 1,
      generator: new Generator(seed),
    });
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

test('a run writes from the first character of its text, or from a prompt that has only characters of it', () => {
  expect(startRun(options, corpus).options.prompt).toBe('t');
  expect(startRun({ ...options, prompt: 'fox' }, corpus).options.prompt).toBe('fox');
  expect(() => startRun({ ...options, prompt: 'foX' }, corpus)).toThrow(
    new OptionError('prompt: expected characters that are in the text, got "X"'),
  );
});

test('a network writes character by character, the same as at once', () => {
  const { model } = runOf(5);
  const given = () => ({ prompt: 'the ', length: 20, temperature: 0.5, generator: new Generator('a stream') });
  const characters = [...write(model, corpus.vocabulary, given())];
  expect(characters).toHaveLength(20);
  expect(characters.join('')).toBe(sample(model, corpus.vocabulary, given()));
});

test('a checkpoint is enough to write with, without its text, and tells what was written so far', () => {
  const run = runOf(5);
  const checkpoint = decodeCheckpoint(encodeRun(run));
  const [{ step, text, ...given }] = checkpoint.samples;
  expect(step).toBe(5);
  expect(
    sample(modelOf(checkpoint), checkpoint.vocabulary, { ...given, length: 30, generator: new Generator('1, 5') }),
  ).toBe(text);
});

test('a checkpoint of a time before samples were kept has none', () => {
  const { tensors, metadata } = io.readSafetensors(encodeRun(runOf(5)));
  for (const name of Object.keys(tensors)) if (name.startsWith('samples.')) delete tensors[name];
  expect(decodeCheckpoint(io.encodeSafetensors(tensors, { metadata })).samples).toEqual([]);
});

test.each(cells)('the hidden states of a %s network are those that its head reads: a row a character', cell => {
  const { model } = startRun({ ...options, cell, layers: 2 }, corpus);
  const { characters, states } = hiddenStates(model, corpus.vocabulary, 'the fox');
  expect(characters).toEqual(['t', 'h', 'e', ' ', 'f', 'o', 'x']);
  const [logits] = model.forward(corpus.vocabulary.encode('the fox').unsqueeze(0));
  const read = model.head.forward(tensor(states));
  expect(states.map(row => row.length)).toEqual(Array(7).fill(5));
  for (const [i, x] of read.data.entries()) expect(x).toBeCloseTo(logits.data[i], 5);
  expect(hiddenStates(model, corpus.vocabulary, '')).toEqual({ characters: [], states: [] });
});

describe('a checkpoint is not believed', () => {
  type Tensors = Record<string, Tensor>;
  type Texts = Record<string, string>;

  /** The message that a checkpoint brings about when it is changed so. */
  function complaint(change: (tensors: Tensors, metadata: Texts) => void, given = {}): string {
    const { tensors, metadata } = io.readSafetensors(encodeRun(runOf(5)));
    change(tensors, metadata);
    const bytes = io.encodeSafetensors(tensors, { metadata });
    try {
      resumeRun(decodeCheckpoint(bytes), corpus, given);
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      return String(error instanceof Failure && error.message);
    }
    return 'none';
  }

  const withOptions = (change: Record<string, unknown>) => (_: Tensors, metadata: Texts) => {
    metadata.options = JSON.stringify({ ...JSON.parse(metadata.options), ...change });
  };

  test('without need', () => {
    expect(complaint(() => {})).toBe('none');
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
      'hidden: expected a whole number from 1 to 4096, got "1000000000"',
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
      'expected the history as float64 columns of one length: loss, gradientNorm, heldOut',
    ],
    [
      'whose history is ragged',
      tensors => (tensors['history.heldOut'] = zeros([3], { dtype: 'float64' })),
      'expected the history as float64 columns of one length: loss, gradientNorm, heldOut',
    ],
    [
      'whose samples are ragged',
      tensors => (tensors['samples.step'] = zeros([3], { dtype: 'float64' })),
      'expected the samples as float64 columns of one length: step, temperature, prompt, text',
    ],
    [
      'whose samples are longer than what there is of them',
      tensors => (tensors['samples.text'] = tensor(Float64Array.of(1e9))),
      'expected samples of 31 characters in all, got the lengths of others',
    ],
    [
      'whose samples have lengths that are none',
      tensors => (tensors['samples.text'] = tensor(Float64Array.of(-1))),
      'expected samples of 31 characters in all, got the lengths of others',
    ],
    [
      'whose samples are of no step',
      tensors => (tensors['samples.step'] = tensor(Float64Array.of(Number.NaN))),
      'expected samples with a step and a temperature of 0 or more each, got others',
    ],
    [
      'whose samples have characters that are not in the vocabulary',
      tensors => (tensors['samples.ids'] = tensor([99], { dtype: 'int32' })),
      'decode: expected ids of a vocabulary of 28 characters, got 99 at position 0',
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
  ])('%s', (_, change, message) => {
    expect(complaint(change)).toBe(message);
  });

  test('in an optimiser that has lost a part', () => {
    const lost = (tensors: Tensors) => {
      for (const name of Object.keys(tensors)) if (name.startsWith('optimizer.')) delete tensors[name];
    };
    expect(complaint(lost)).toMatch(/^loadStateDict: /);
  });

  test('when it is of a run with other options', () => {
    expect(complaint(() => {}, { cell: 'lstm', steps: 99 })).toBe(
      'it is of another run: cell is gru there and lstm here',
    );
  });

  test('when its text was another', () => {
    const change = (_: Tensors, metadata: Texts) => (metadata.text = 'another');
    expect(complaint(change)).toBe('expected the text that it was trained on, got another one: foxes');
  });

  test('when its vocabulary is not that of the text', () => {
    const change = (_: Tensors, metadata: Texts) => {
      const characters: string[] = JSON.parse(metadata.vocabulary);
      metadata.vocabulary = JSON.stringify(new data.Vocabulary(characters.reverse()));
    };
    expect(complaint(change)).toBe('expected the text that it was trained on, got another one: foxes');
  });
});
