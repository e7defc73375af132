import { parseArgs } from 'node:util';
import { UsageError, withOptions } from './errors.ts';
import { defaults, filled, type Options, rules, show } from './run/options.ts';

export const defaultFolder = 'runs/char-rnn';

/** How the steps of a run are computed, which changes its numbers by no more than rounding. */
export interface Manner {
  /** One operation after the other, not as a compiled program. */
  readonly eager: boolean;
  /** Say also what the compiler did. */
  readonly verbose: boolean;
}

/** Train on a text: from the start, or from the checkpoint of an earlier run with some options changed. */
export type TextCommand = { readonly out: string; readonly manner: Manner } & (
  | { readonly run: 'text'; readonly options: Options }
  | { readonly run: 'resume'; readonly given: Partial<Options> }
);

/** What the command line asks for. */
export type Command = { readonly run: 'help' } | { readonly run: 'notebook'; readonly manner: Manner } | TextCommand;

/**
 * Reads the command line.
 *
 * @throws UsageError, naming the option, what was expected and what came.
 */
export function parseCommand(args: readonly string[]): Command {
  const values = valuesOf(args);
  if (values.has('help')) return { run: 'help' };
  const given: Partial<Options> = {};
  const out = withOptions(() => {
    for (const [name, { read }] of Object.entries(rules)) {
      const text = values.get(name);
      if (text !== undefined) Object.assign(given, read(text));
    }
    return filled('out', values.get('out') ?? defaultFolder, 'the path of a folder');
  });
  const manner = { eager: values.has('eager'), verbose: values.has('verbose') };
  if (values.has('resume')) return { run: 'resume', out, manner, given };
  if (values.has('text')) return { run: 'text', out, manner, options: { ...defaults, ...given } };
  const name = [...values.keys()].find(name => !flags.includes(name));
  if (name !== undefined) throw new UsageError(`--${name}: expected --text FILE or --resume beside it, got neither`);
  return { run: 'notebook', manner };
}

const flags = ['help', 'resume', 'eager', 'verbose'];

/** The text of each option on the command line, '' for flags; the last one counts where an option is repeated. */
function valuesOf(args: readonly string[]): Map<string, string> {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      resume: { type: 'boolean' },
      eager: { type: 'boolean' },
      verbose: { type: 'boolean' },
      out: { type: 'string' },
      ...Object.fromEntries(Object.keys(rules).map(name => [name, { type: 'string' }])),
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new UsageError(`expected only options, as in npm start -- --text FILE, got ${show(token.value)}`);
    if (token.kind === 'option-terminator') continue;
    const { name, rawName, value, inlineValue } = token;
    const takesValue = name === 'out' || Object.hasOwn(rules, name);
    if (!takesValue && !flags.includes(name)) throw new UsageError(`${rawName}: no such option`);
    if (!takesValue && value !== undefined) throw new UsageError(`--${name}: expected no value, got ${show(value)}`);
    if (takesValue && (value === undefined || (!inlineValue && value.startsWith('--'))))
      throw new UsageError(
        `--${name}: expected a value, got ${value === undefined ? 'nothing' : `the option ${value}`}`,
      );
    values.set(name, value ?? '');
  }
  return values;
}
