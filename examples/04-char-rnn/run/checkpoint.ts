import { data, Generator, io } from 'tapegrad';
import type { Corpus } from './corpus.ts';
import { Failure, messageOf } from './errors.ts';
import { CharRNN, parameterCount } from './model.ts';
import { defaults, fixed, type Options, rules } from './options.ts';
import { historyColumns, readHistory, readSamples, sampleColumns, type Tensors } from './record.ts';
import { type Run, sizesOf, startRun } from './train.ts';

const format = 'tapegrad char-rnn 1';

/** What a checkpoint holds: all that the rest of a run depends on. */
export interface Checkpoint extends Pick<Run, 'options' | 'history' | 'samples'> {
  readonly vocabulary: data.Vocabulary;
  /** The fingerprint of the text. */
  readonly text: string;
  readonly generator: string;
  readonly model: Tensors;
  readonly optimizer: Tensors;
}

/**
 * What the checkpoint of a run is made of: tensors `model.…`, `optimizer.…`, `history.…` and `samples.…`, and as metadata
 * the options, the vocabulary, the text's fingerprint and the state of the random generator.
 */
export function contentsOf({ options, corpus, model, optimizer, generator, history, samples }: Run): io.Safetensors {
  const { vocabulary, fingerprint } = corpus;
  return {
    tensors: {
      ...prefixed('model.', model.stateDict()),
      ...prefixed('optimizer.', optimizer.stateDict()),
      ...prefixed('history.', historyColumns(history)),
      ...prefixed('samples.', sampleColumns(samples, vocabulary)),
    },
    metadata: {
      format,
      options: JSON.stringify(options),
      vocabulary: JSON.stringify(vocabulary),
      text: fingerprint,
      generator: generator.state(),
    },
  };
}

/** A run as the bytes of a safetensors file, the same on the command line and in a browser. */
export function encodeRun(run: Run): Uint8Array {
  const { tensors, metadata } = contentsOf(run);
  return io.encodeSafetensors(tensors, { metadata });
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [prefix + name, x]));

const withPrefix = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x]] : [])),
  );

/**
 * The checkpoint in the bytes of a file, which may come from anywhere: nothing in it is believed before it is checked.
 *
 * @throws Failure when it is damaged, of another program, or does not fit together.
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  try {
    return decode(io.readSafetensors(bytes));
  } catch (cause) {
    throw new Failure(messageOf(cause), { cause });
  }
}

function decode({ tensors, metadata }: io.Safetensors): Checkpoint {
  if (metadata.format !== format)
    throw new Failure(`expected one of this program, with format "${format}", got ${show(metadata.format)}`);
  const options = readOptions(json('options', metadata.options));
  const vocabulary = data.Vocabulary.fromJSON(json('vocabulary', metadata.vocabulary));
  const model = withPrefix('model.', tensors);
  // Before a network is built: a few bytes of JSON could ask for one that does not fit in memory.
  const expected = parameterCount(sizesOf(options, vocabulary.size));
  const got = Object.values(model).reduce((sum, x) => sum + x.size, 0);
  if (got !== expected) throw new Failure(`expected ${expected} weights for its options and vocabulary, got ${got}`);
  return {
    options,
    vocabulary,
    text: metadata.text ?? '',
    generator: metadata.generator ?? '',
    history: readHistory(withPrefix('history.', tensors)),
    samples: readSamples(withPrefix('samples.', tensors), vocabulary),
    model,
    optimizer: withPrefix('optimizer.', tensors),
  };
}

function json(name: string, text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw new Failure(`expected metadata ${name} to be JSON, got ${show(text)}`);
  }
}

const show = (text: string | undefined): string =>
  text === undefined ? 'none' : JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** The options of a checkpoint, read by the rules of those that are typed. */
function readOptions(value: unknown): Options {
  const given: { [name: string]: unknown } = Object(value);
  const options = { ...defaults };
  for (const [name, { read }] of Object.entries(rules)) {
    if (!Object.hasOwn(given, name)) throw new Failure(`expected its options to have ${name}, got none`);
    Object.assign(options, read(String(given[name])));
  }
  return options;
}

/**
 * The network of a checkpoint: to write with it, no text is needed.
 *
 * @throws Failure when the checkpoint's tensors do not fit.
 */
export function modelOf({ options, vocabulary, model }: Checkpoint): CharRNN {
  const built = new CharRNN(sizesOf(options, vocabulary.size), new Generator(options.seed));
  fitting(() => built.loadStateDict(model));
  return built;
}

/**
 * The run of a checkpoint, on the text that it was saved with and with those options changed that are given. It goes on as
 * the run that was saved would have.
 *
 * @throws Failure when the text or an option that makes the numbers of the run is another one, or the checkpoint's tensors
 * do not fit; OptionError for a prompt with characters that are not in the text.
 */
export function resumeRun(checkpoint: Checkpoint, corpus: Corpus, given: Partial<Options> = {}): Run {
  const options = { ...checkpoint.options, ...given };
  checkSame(checkpoint, options, corpus);
  const run = startRun(options, corpus);
  fitting(() => {
    run.model.loadStateDict(checkpoint.model);
    run.optimizer.loadStateDict(checkpoint.optimizer);
    run.optimizer.lr = options.lr;
    run.generator.loadState(checkpoint.generator);
  });
  run.history.push(...checkpoint.history);
  run.samples.push(...checkpoint.samples);
  return run;
}

/** Throws when the text is another one, or options are that would make another run of it. */
function checkSame({ options: saved, vocabulary, text }: Checkpoint, options: Options, corpus: Corpus): void {
  const differences = fixed
    .filter(name => options[name] !== saved[name])
    .map(name => `${name} is ${saved[name]} there and ${options[name]} here`);
  if (differences.length > 0) throw new Failure(`it is of another run: ${differences.join(', ')}`);
  if (text !== corpus.fingerprint || String(vocabulary.characters) !== String(corpus.vocabulary.characters))
    throw new Failure(`expected the text that it was trained on, got another one: ${options.text}`);
}

function fitting(load: () => void): void {
  try {
    load();
  } catch (cause) {
    throw new Failure(messageOf(cause), { cause });
  }
}
