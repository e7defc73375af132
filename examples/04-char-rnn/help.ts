import { defaultFolder } from './command.ts';
import { defaults, rules } from './run/options.ts';

const column = 28;

const line = (left: string, right: string): string => `  ${left.padEnd(column)}${right}`;

/** All that `--help` says. */
export function help(): string {
  const initial: Readonly<Record<string, unknown>> = { ...defaults };
  const options = Object.entries(rules).map(([name, { value, meaning }]) => {
    const usual = initial[name] === '' ? '' : ` (default: ${initial[name]})`;
    return line(`--${name} ${value}`, meaning + usual);
  });
  return [
    'A recurrent network that learns to write, one character after the other.',
    '',
    'Usage',
    line('npm start', 'train on the notebook\'s sequence, "I am learning RNN", beside its losses'),
    line('npm start -- --text FILE', 'train on a text of your own'),
    line('npm start -- --resume', 'go on from the checkpoint of an earlier run'),
    '',
    'Options',
    ...options,
    line('--out DIR', `where the files go (default: ${defaultFolder})`),
    line('--resume', 'go on from the checkpoint in --out, with its options where none are given'),
    line('--eager', 'compute one operation after the other, without compile: slower, equal but for rounding'),
    line('--verbose', 'say also what compile made of the training step'),
    line('-h, --help', 'this page'),
    '',
    'Files in --out',
    line('checkpoint.safetensors', 'weights, optimiser, vocabulary, random state, losses'),
    line('metrics.jsonl', 'a line a step: loss, bits per character, gradient norm, held-out loss'),
    line('loss.svg', 'the loss curve'),
    '',
    'The last tenth of the text is held out, if it is long enough, and its loss is shown now and then.',
    'Gradients are clipped to norm 5. Ctrl-C finishes the step and saves; --resume then goes on exactly as the',
    'unbroken run would have, if both are compiled or both --eager. A second Ctrl-C quits at once, without saving.',
    '--resume keeps cell, hidden, layers, sequence, batch, optimizer, seed and the text; the rest may be changed.',
    'A run that starts anew in a used folder keeps the earlier checkpoint as checkpoint.previous.safetensors.',
    '',
    'Exit codes: 0 done, 1 failed (a file, a diverged run), 2 wrong command line, 130 interrupted.',
    '',
    'Examples',
    '  npm start -- --text book.txt --cell gru --hidden 96 --steps 3000',
    '  npm start -- --resume --steps 6000                     train longer',
    '  npm start -- --resume --sample 2000 --prompt "The "    write more, when all steps are done',
    '',
  ].join('\n');
}
