import type { Calling } from './calling.ts';
import { type CommandName, commandNames, commands, spellings } from './commands.ts';
import { defaults } from './run/options.ts';

const column = 28;

const line = (left: string, right: string): string => `  ${left.padEnd(column)}${right}`;

const usual: Readonly<Record<string, unknown>> = { ...defaults, prompt: 'the first character of the text' };

/** The line of an option; with its default, where it has one of its own. */
function optionLine(name: string, withDefault: boolean): string {
  const { value, meaning } = spellings.get(name)!;
  const known = usual[name] ?? '';
  return line(`--${name} ${value}`.trimEnd(), meaning + (withDefault && known !== '' ? ` (default: ${known})` : ''));
}

const commandLine = ({ name }: Calling, command: CommandName): string =>
  `${name} ${command} ${commands[command].argument}`.trimEnd();

/** What `--help` says of a command. */
export function commandHelp(calling: Calling, command: CommandName): string {
  const { meaning, options, notes = [] } = commands[command];
  return [
    `${commandLine(calling, command)}${options.length > 0 ? ' [options]' : ''}`,
    '',
    `  ${meaning}`,
    '',
    ...(options.length === 0 ? [] : ['Options', ...options.map(name => optionLine(name, command === 'train')), '']),
    ...(notes.length === 0 ? [] : [...notes, '']),
  ].join('\n');
}

/** All that `--help` says without a command. */
export function help(calling: Calling): string {
  const { name, train, resume } = calling;
  return [
    'A recurrent network that learns to write, one character after the other.',
    '',
    'Commands',
    ...commandNames.map(command => line(`${command} ${commands[command].argument}`, commands[command].meaning)),
    '',
    `Each explains itself: ${name} train --help. Without a command, --text FILE means train FILE,`,
    `--resume means resume${calling.alone === 'demo' ? ', and nothing at all means demo' : ''}.`,
    '',
    'Options',
    ...commands.train.options.map(option => optionLine(option, true)),
    line('-h, --help', 'this page, or that of the command'),
    line('--version', 'the version'),
    '',
    'Files in --out',
    line('checkpoint.safetensors', 'weights, optimiser, vocabulary, random state, losses, samples'),
    line('metrics.jsonl', 'a line a step: loss, bits per character, gradient norm, held-out loss'),
    line('loss.svg', 'the loss curve'),
    line('report.html', 'the run as a page: curves, samples, hidden state'),
    '',
    'The last tenth of the text is held out, if it is long enough, and its loss is shown now and then.',
    'The checkpoint is the last state, not the best: for that, train anew with --steps at the step that was best.',
    'Gradients are clipped to norm 5. Ctrl-C finishes the step and saves; resume then goes on exactly as the',
    'unbroken run would have, if both are compiled or both --eager. A second Ctrl-C quits at once, without saving.',
    'resume keeps cell, hidden, layers, sequence, batch, optimizer, seed and the text; the rest may be changed.',
    'A run that starts anew in a used folder keeps the earlier checkpoint as checkpoint.previous.safetensors, and',
    'so the report and the curve.',
    '',
    'Exit codes: 0 done, 1 failed (a file, a diverged run), 2 wrong command line, 130 interrupted.',
    '',
    'Examples',
    `  ${train} book.txt --cell gru --hidden 96 --steps 3000`,
    `  ${resume} --steps 6000                train longer`,
    `  ${name} sample --sample 2000 --prompt "The "    let it write`,
    '',
  ].join('\n');
}
