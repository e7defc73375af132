import { OptionError } from './errors.ts';

export const cells = ['rnn', 'lstm', 'gru'] as const;
export const optimizers = ['sgd', 'adam', 'adamw'] as const;

export type Cell = (typeof cells)[number];
export type OptimizerName = (typeof optimizers)[number];

/** What a training run is made of: all of it stands in the checkpoint. */
export interface Options {
  /** The name of the text: its path, on the command line. */
  readonly text: string;
  readonly cell: Cell;
  readonly hidden: number;
  readonly layers: number;
  readonly sequence: number;
  readonly batch: number;
  readonly steps: number;
  readonly lr: number;
  readonly optimizer: OptimizerName;
  readonly seed: number;
  readonly every: number;
  readonly temperature: number;
  readonly sample: number;
  readonly prompt: string;
}

export const defaults: Options = {
  text: '',
  cell: 'lstm',
  hidden: 64,
  layers: 1,
  sequence: 32,
  batch: 16,
  steps: 1000,
  lr: 0.005,
  optimizer: 'adam',
  seed: 1,
  every: 100,
  temperature: 0.7,
  sample: 200,
  prompt: '',
};

/** The options that make the numbers of a run: a resumed run must have those of its checkpoint. */
export const fixed = ['cell', 'hidden', 'layers', 'sequence', 'batch', 'optimizer', 'seed'] as const;

/** One option: what its value is called, what it does, and how the value is read from text. */
export interface OptionRule {
  readonly value: string;
  readonly meaning: string;
  /** @throws OptionError, naming the option, what was expected and what came. */
  readonly read: (text: string) => Partial<Options>;
}

const maximum = 4096;

/** Every option that a run is made of. The checkpoint's copy of them is read by the same rules. */
export const rules: Readonly<Record<keyof Options, OptionRule>> = {
  text: {
    value: 'FILE',
    meaning: 'train on this text: UTF-8, of any language',
    read: text => ({ text: filled('text', text, 'the path of a text file') }),
  },
  cell: {
    value: cells.join('|'),
    meaning: 'the recurrent layer',
    read: text => ({ cell: choice('cell', text, cells) }),
  },
  hidden: {
    value: 'N',
    meaning: 'the width of its state',
    read: text => ({ hidden: whole('hidden', text, 1, maximum) }),
  },
  layers: {
    value: 'N',
    meaning: 'how many of them lie on top of each other',
    read: text => ({ layers: whole('layers', text, 1, 16) }),
  },
  sequence: {
    value: 'N',
    meaning: 'characters in a window of the text: gradients reach back this far',
    read: text => ({ sequence: whole('sequence', text, 1, maximum) }),
  },
  batch: {
    value: 'N',
    meaning: 'windows in a step, drawn at random from the text',
    read: text => ({ batch: whole('batch', text, 1, maximum) }),
  },
  steps: {
    value: 'N',
    meaning: 'updates of the weights, counted from the start also after --resume',
    read: text => ({ steps: whole('steps', text, 1, 1_000_000_000) }),
  },
  lr: {
    value: 'X',
    meaning: 'the learning rate',
    read: text => ({ lr: real('lr', text, 'a number greater than 0', x => x > 0) }),
  },
  optimizer: {
    value: optimizers.join('|'),
    meaning: 'the rule of the updates',
    read: text => ({ optimizer: choice('optimizer', text, optimizers) }),
  },
  seed: {
    value: 'N',
    meaning: 'the same seed gives the same run, number for number',
    read: text => ({ seed: whole('seed', text, 0, Number.MAX_SAFE_INTEGER) }),
  },
  every: {
    value: 'N',
    meaning: 'steps between two looks: held-out loss, a sample, a checkpoint',
    read: text => ({ every: whole('every', text, 1, 1_000_000_000) }),
  },
  temperature: {
    value: 'X',
    meaning: 'how bold samples are: 0 takes the likeliest character, 1 draws as predicted',
    read: text => ({ temperature: real('temperature', text, 'a number of 0 or more', x => x >= 0) }),
  },
  sample: {
    value: 'N',
    meaning: 'characters in a sample; 0 for none',
    read: text => ({ sample: whole('sample', text, 0, 1_000_000) }),
  },
  prompt: {
    value: 'TEXT',
    meaning: 'what samples begin with',
    read: text => ({ prompt: text }),
  },
};

/** A path, a name: not empty. */
export function filled(name: string, text: string, expected: string): string {
  if (text.trim() === '' || text.includes('\0'))
    throw new OptionError(`${name}: expected ${expected}, got ${show(text)}`);
  return text;
}

function choice<const T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find(one => one === text);
  if (found === undefined) throw new OptionError(`${name}: expected ${either(choices)}, got ${show(text)}`);
  return found;
}

/** Words as a choice: a, b or c. */
export const either = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

function whole(name: string, text: string, low: number, high: number): number {
  const expected = `a whole number from ${low} to ${high}`;
  return real(name, text, expected, x => Number.isSafeInteger(x) && x >= low && x <= high);
}

function real(name: string, text: string, expected: string, fits: (x: number) => boolean): number {
  const x = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(x) || !fits(x)) throw new OptionError(`${name}: expected ${expected}, got ${show(text)}`);
  return x;
}

/** A value in an error message: quoted, on one line, cut short. */
export function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
