import { rules } from './run/options.ts';

/** How an option is written: what its value is called, '' where it has none, and what it does. */
export interface Spelling {
  readonly value: string;
  readonly meaning: string;
}

export const defaultFolder = 'runs/char-rnn';

/** The options that are no part of a run. */
const own: Readonly<Record<string, Spelling>> = {
  out: { value: 'DIR', meaning: `where the files go (default: ${defaultFolder})` },
  resume: { value: '', meaning: 'without a command: the command resume' },
  eager: {
    value: '',
    meaning: 'compute one operation after the other, without compile: slower, equal but for rounding',
  },
  verbose: { value: '', meaning: 'say also what compile made of the training step' },
  json: { value: '', meaning: 'print events as JSON, one on each line; words for people go to standard error' },
  help: { value: '', meaning: 'explain the command' },
  version: { value: '', meaning: 'print the version' },
};

/** Every option, by name. */
export const spellings: ReadonlyMap<string, Spelling> = new Map([...Object.entries(rules), ...Object.entries(own)]);

/** One command: what stands behind its name, what it does, and the options that it takes. */
export interface CommandRule {
  readonly argument: string;
  readonly meaning: string;
  readonly options: readonly string[];
  /** What is to be known besides. */
  readonly notes?: readonly string[];
}

const ofRun = Object.keys(rules).filter(name => name !== 'text');
const manners = ['eager', 'verbose', 'json'];

export const commandNames = ['train', 'resume', 'sample', 'demo', 'completions'] as const;
export type CommandName = (typeof commandNames)[number];

/** Every command. */
export const commands: Readonly<Record<CommandName, CommandRule>> = {
  train: {
    argument: 'FILE',
    meaning: 'train on a text of your own; - reads it from standard input',
    options: [...ofRun, 'text', 'out', ...manners],
    notes: ['A text from standard input is kept as standard-input.txt in --out, where resume finds it.'],
  },
  resume: {
    argument: '',
    meaning: 'go on from the checkpoint of an earlier run',
    options: [...ofRun, 'text', 'out', ...manners],
    notes: [
      'Options that are not given are those of the checkpoint. cell, hidden, layers, sequence, batch, optimizer, seed',
      'and the text must be the same; --text says where the text is, if it was moved.',
    ],
  },
  sample: {
    argument: '[CHECKPOINT]',
    meaning: 'let a trained network write',
    options: ['prompt', 'temperature', 'sample', 'seed', 'out', 'json'],
    notes: [
      'It writes from the checkpoint in --out, or from that file, and needs no text. Options that are not given are',
      'those of the checkpoint. Another --seed writes another sample.',
    ],
  },
  demo: {
    argument: '',
    meaning: 'train on the notebook\'s sequence, "I am learning RNN", beside its losses',
    options: manners,
  },
  completions: {
    argument: 'bash|zsh|fish',
    meaning: 'print what teaches a shell to complete all this',
    options: [],
    notes: [
      'bash: source <(tapegrad-char completions bash)     in ~/.bashrc',
      'zsh:  source <(tapegrad-char completions zsh)      in ~/.zshrc, after compinit',
      'fish: tapegrad-char completions fish | source      in ~/.config/fish/config.fish',
    ],
  },
};
