import { readFile } from 'node:fs/promises';
import { data, io, type Tensor, tensor } from 'tapegrad';
import { Failure, reasonOf } from './errors.ts';
import type { Metrics } from './history.ts';
import { parameterCount } from './model.ts';
import { defaults, fixed, type Options, rules } from './options.ts';
import { type Run, sizesOf } from './train.ts';

const format = 'tapegrad char-rnn 1';

/** What a checkpoint file holds: all that the rest of a run depends on. */
export interface Checkpoint {
  readonly path: string;
  readonly options: Options;
  readonly vocabulary: data.Vocabulary;
  /** The fingerprint of the text. */
  readonly text: string;
  readonly generator: string;
  readonly history: readonly Metrics[];
  readonly model: Tensors;
  readonly optimizer: Tensors;
}

type Tensors = { readonly [name: string]: Tensor };

/**
 * Writes a run to a safetensors file: tensors `model.…`, `optimizer.…` and `history.…`, and as metadata the options, the
 * vocabulary, the text's fingerprint and the state of the random generator.
 *
 * @throws Failure when it cannot be written; a file that was there is then untouched.
 */
export async function saveCheckpoint(path: string, run: Run): Promise<void> {
  const { options, corpus, model, optimizer, generator, history } = run;
  const column = (values: number[]) => tensor(Float64Array.from(values));
  const tensors = {
    ...prefixed('model.', model.stateDict()),
    ...prefixed('optimizer.', optimizer.stateDict()),
    'history.loss': column(history.map(({ loss }) => loss)),
    'history.gradientNorm': column(history.map(({ gradientNorm }) => gradientNorm)),
    'history.heldOut': column(history.map(({ heldOut }) => heldOut ?? Number.NaN)),
  };
  const metadata = {
    format,
    options: JSON.stringify(options),
    vocabulary: JSON.stringify(corpus.vocabulary),
    text: corpus.fingerprint,
    generator: generator.state(),
  };
  try {
    await io.saveSafetensors(path, tensors, { metadata });
  } catch (cause) {
    const reason = `${path}: could not save the run: ${reasonOf(cause)}; what was there before is untouched`;
    throw new Failure(reason, { cause });
  }
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [prefix + name, x]));

const withPrefix = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x]] : [])),
  );

/**
 * Reads a checkpoint, which may come from anywhere: nothing in it is believed before it is checked.
 *
 * @param given - the options of the run that is to go on from it.
 * @throws Failure when it is missing, damaged, of another program, or of a run with other fixed options.
 */
export async function readCheckpoint(path: string, given: Partial<Options>): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new Failure(`--resume: expected a checkpoint to go on from, got none to read in ${path}: ${reasonOf(error)}`);
  }
  try {
    return decode(path, bytes, given);
  } catch (error) {
    throw new Failure(`checkpoint ${path}: ${reasonOf(error)}`);
  }
}

function decode(path: string, bytes: Uint8Array, given: Partial<Options>): Checkpoint {
  const { tensors, metadata } = io.readSafetensors(bytes);
  if (metadata.format !== format)
    throw new Failure(`expected one of this program, with format "${format}", got ${show(metadata.format)}`);
  const options = readOptions(json('options', metadata.options));
  checkSame(options, given);
  const vocabulary = data.Vocabulary.fromJSON(json('vocabulary', metadata.vocabulary));
  const model = withPrefix('model.', tensors);
  // Before a network is built: a few bytes of JSON could ask for one that does not fit in memory.
  const expected = parameterCount(sizesOf(options, vocabulary.size));
  const got = Object.values(model).reduce((sum, x) => sum + x.size, 0);
  if (got !== expected) throw new Failure(`expected ${expected} weights for its options and vocabulary, got ${got}`);
  return {
    path,
    options,
    vocabulary,
    text: metadata.text ?? '',
    generator: metadata.generator ?? '',
    history: readHistory(withPrefix('history.', tensors)),
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

/** The options of a checkpoint, read by the rules of the command line. */
function readOptions(value: unknown): Options {
  const given: { [name: string]: unknown } = Object(value);
  const options = { ...defaults };
  for (const [name, { read }] of Object.entries(rules)) {
    if (!Object.hasOwn(given, name)) throw new Failure(`expected its options to have ${name}, got none`);
    Object.assign(options, read(String(given[name])));
  }
  return options;
}

/** Throws when options are given that would make another run of it. */
function checkSame(options: Options, given: Partial<Options>): void {
  const differences = fixed
    .filter(name => given[name] !== undefined && given[name] !== options[name])
    .map(name => `--${name} is ${options[name]} there and ${given[name]} here`);
  if (differences.length > 0) throw new Failure(`it is of another run: ${differences.join(', ')}`);
}

function readHistory({ loss, gradientNorm, heldOut }: Tensors): Metrics[] {
  const columns = [loss, gradientNorm, heldOut];
  if (columns.some(x => x === undefined || x.ndim !== 1 || x.dtype !== 'float64' || x.size !== loss.size))
    throw new Failure('expected the history as three float64 columns of one length: loss, gradientNorm, heldOut');
  const [losses, norms, measured] = columns.map(x => x.data);
  return Array.from(losses, (loss, i) => ({
    step: i + 1,
    loss,
    gradientNorm: norms[i],
    heldOut: Number.isNaN(measured[i]) ? undefined : measured[i],
  }));
}

/**
 * Puts the state of a checkpoint into a run that was started on the same text with the same options, which then goes on as
 * the run that was saved would have.
 *
 * @throws Failure when the text is another one, or the checkpoint's tensors do not fit.
 */
export function restore(run: Run, checkpoint: Checkpoint): Run {
  const { path, vocabulary, text, generator, history, model, optimizer } = checkpoint;
  const { corpus, options } = run;
  if (text !== corpus.fingerprint || String(vocabulary.characters) !== String(corpus.vocabulary.characters))
    throw new Failure(`--text ${options.text}: expected the text that ${path} was trained on, got another one`);
  try {
    run.model.loadStateDict(model);
    run.optimizer.loadStateDict(optimizer);
    run.optimizer.lr = options.lr;
    run.generator.loadState(generator);
  } catch (error) {
    throw new Failure(`checkpoint ${path}: ${reasonOf(error)}`);
  }
  run.history.push(...history);
  return run;
}
