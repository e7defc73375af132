import { parseArgs } from 'node:util';
import { type CommandName, commandNames, commands, defaultFolder, spellings } from './commands.ts';
import { UsageError, withOptions } from './errors.ts';
import { defaults, either, filled, type Options, rules, show } from './run/options.ts';

/** How a command is carried out, which changes its numbers by no more than rounding. */
export interface Manner {
  /** One operation after the other, not as a compiled program. */
  readonly eager: boolean;
  /** Say also what the compiler did. */
  readonly verbose: boolean;
  /** Print events as JSON. */
  readonly json: boolean;
}

/** Train on a text: from the start, or from the checkpoint of an earlier run with some options changed. */
export type TextCommand = { readonly out: string; readonly manner: Manner } & (
  | { readonly run: 'text'; readonly options: Options }
  | { readonly run: 'resume'; readonly given: Partial<Options> }
);

/** Write from a checkpoint: that in a folder, if no other is named. */
export interface SampleCommand {
  readonly run: 'sample';
  readonly out: string;
  readonly checkpoint: string | undefined;
  readonly given: Partial<Options>;
  readonly manner: Manner;
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What the command line asks for. */
export type Command =
  | { readonly run: 'help'; readonly of: CommandName | undefined }
  | { readonly run: 'version' }
  | { readonly run: 'notebook'; readonly manner: Manner }
  | { readonly run: 'completions'; readonly shell: Shell }
  | SampleCommand
  | TextCommand;

/**
 * Reads the command line: a command and its options, or options alone, where `--text` means train, `--resume` resume, and
 * neither the demo.
 *
 * @throws UsageError, naming the option, what was expected and what came.
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, words } = partsOf(args);
  const [first, argument, ...more] = words;
  const word = commandNames.find(name => name === first);
  if (first !== word)
    throw new UsageError(
      `expected a command, ${either(commandNames)}, or only options, as --text FILE, got ${show(first)}`,
    );
  if (values.has('help')) return { run: 'help', of: word };
  if (values.has('version')) return { run: 'version' };
  const given = withOptions(() => runOptions(values));
  const name = word ?? (values.has('resume') ? 'resume' : values.has('text') ? 'train' : 'demo');
  checkOptions(name, values, word);
  const surplus = commands[name].argument === '' ? argument : more[0];
  if (surplus !== undefined) throw new UsageError(`${name}: expected no more than its options, got ${show(surplus)}`);
  const out = withOptions(() => filled('out', values.get('out') ?? defaultFolder, 'the path of a folder'));
  const manner = { eager: values.has('eager'), verbose: values.has('verbose'), json: values.has('json') };
  switch (name) {
    case 'train':
      return { run: 'text', out, manner, options: { ...defaults, ...given, text: textOf(given.text, argument) } };
    case 'resume':
      if (given.text === '-') throw new UsageError('--text: expected the path of a text file, got "-"');
      return { run: 'resume', out, manner, given };
    case 'sample':
      return { run: 'sample', out, manner, given, checkpoint: argument };
    case 'demo':
      return { run: 'notebook', manner };
    case 'completions':
      return { run: 'completions', shell: shellOf(argument) };
  }
}

/** Throws for an option that the command does not take; `word` is the command as it was written. */
function checkOptions(name: CommandName, values: ReadonlyMap<string, string>, word: string | undefined): void {
  const strange = [...values.keys()].find(
    option => !commands[name].options.includes(option) && !(option === 'resume' && word === undefined),
  );
  if (strange === undefined) return;
  throw new UsageError(
    word === undefined
      ? `--${strange}: expected --text FILE or --resume beside it, got neither`
      : `--${strange}: no option of ${name}`,
  );
}

/** The options of a run that are given. */
function runOptions(values: ReadonlyMap<string, string>): Partial<Options> {
  const given: Partial<Options> = {};
  for (const [name, { read }] of Object.entries(rules)) {
    const text = values.get(name);
    if (text !== undefined) Object.assign(given, read(text));
  }
  return given;
}

/** The text to train on: what stands behind `train`, or behind `--text`. */
function textOf(option: string | undefined, argument: string | undefined): string {
  if (option !== undefined && argument !== undefined)
    throw new UsageError(`train: expected one text, got ${show(argument)} and --text ${show(option)}`);
  if (option !== undefined) return option;
  if (argument === undefined)
    throw new UsageError('train: expected the path of a text file, or - for standard input, got nothing');
  return withOptions(() => filled('text', argument, 'the path of a text file'));
}

function shellOf(argument: string | undefined): Shell {
  const shell = shells.find(one => one === argument);
  if (shell === undefined)
    throw new UsageError(
      `completions: expected ${either(shells)}, got ${argument === undefined ? 'nothing' : show(argument)}`,
    );
  return shell;
}

interface Parts {
  /** The text of each option on the command line, '' for flags; the last one counts where an option is repeated. */
  readonly values: ReadonlyMap<string, string>;
  /** What stands there besides. */
  readonly words: readonly string[];
}

function partsOf(args: readonly string[]): Parts {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(
        Array.from(spellings, ([name, { value }]) => [name, { type: value === '' ? 'boolean' : 'string' }]),
      ),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const spelling = spellings.get(name);
    if (spelling === undefined) throw new UsageError(`${rawName}: no such option`);
    const takesValue = spelling.value !== '';
    if (!takesValue && value !== undefined) throw new UsageError(`--${name}: expected no value, got ${show(value)}`);
    if (takesValue && (value === undefined || (!inlineValue && value.startsWith('--'))))
      throw new UsageError(
        `--${name}: expected a value, got ${value === undefined ? 'nothing' : `the option ${value}`}`,
      );
    values.set(name, value ?? '');
  }
  return { values, words };
}
