import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installed, npmStart } from '../../examples/04-char-rnn/calling.ts';
import { parseCommand, shells } from '../../examples/04-char-rnn/command.ts';
import { commandNames, commands } from '../../examples/04-char-rnn/commands.ts';
import { completions } from '../../examples/04-char-rnn/completions.ts';
import { UsageError } from '../../examples/04-char-rnn/errors.ts';
import { commandHelp, help } from '../../examples/04-char-rnn/help.ts';
import { defaults, rules } from '../../examples/04-char-rnn/run/options.ts';

const parse = (line: string) => parseCommand(line.split(' '));
const manner = { eager: false, verbose: false, json: false };

describe('the command line', () => {
  test('without arguments asks for the notebook', () => {
    expect(parseCommand([])).toEqual({ run: 'notebook', manner });
  });

  test('turns compiling off with --eager and says more with --verbose, whatever is run', () => {
    expect(parse('--eager --verbose')).toEqual({ run: 'notebook', manner: { ...manner, eager: true, verbose: true } });
    expect(parse('--text a.txt --eager')).toMatchObject({ run: 'text', manner: { ...manner, eager: true } });
    expect(parse('--resume --verbose')).toMatchObject({ run: 'resume', manner: { ...manner, verbose: true } });
  });

  test('with --text asks for a run with the defaults where nothing is given', () => {
    expect(parse('--text a.txt --cell gru --hidden=32 --lr 1e-2 --steps 2e3')).toEqual({
      run: 'text',
      out: 'runs/char-rnn',
      manner,
      options: { ...defaults, text: 'a.txt', cell: 'gru', hidden: 32, lr: 0.01, steps: 2000 },
    });
  });

  test('with --resume keeps only what is given, for the rest is in the checkpoint', () => {
    expect(parse('--resume --out here --steps 50')).toEqual({
      run: 'resume',
      out: 'here',
      manner,
      given: { steps: 50 },
    });
  });

  test('with --help, or -h, asks for nothing else', () => {
    expect(parse('--text a.txt --help')).toEqual({ run: 'help' });
    expect(parse('-h')).toEqual({ run: 'help' });
  });

  test('with a command asks for the same as with the options that stand for it', () => {
    expect(parse('train a.txt --hidden 8')).toEqual(parse('--text a.txt --hidden 8'));
    expect(parse('train --text a.txt')).toEqual(parse('--text a.txt'));
    expect(parse('resume --steps 9 --out b')).toEqual(parse('--resume --steps 9 --out b'));
    expect(parse('demo --eager')).toEqual(parse('--eager'));
    expect(parse('train -- --odd.txt')).toMatchObject({ run: 'text', options: { text: '--odd.txt' } });
    expect(parse('train -')).toMatchObject({ run: 'text', options: { text: '-' } });
  });

  test('lets a checkpoint write, that of a folder or another, with what is given', () => {
    expect(parse('sample --prompt x --temperature 0.5')).toEqual({
      run: 'sample',
      out: 'runs/char-rnn',
      checkpoint: undefined,
      manner,
      given: { prompt: 'x', temperature: 0.5 },
    });
    expect(parse('sample some.safetensors')).toMatchObject({ checkpoint: 'some.safetensors' });
  });

  test('asks for the help of a command, the version, or what a shell needs to complete it', () => {
    expect(parse('train --help')).toEqual({ run: 'help', of: 'train' });
    expect(parse('--version')).toEqual({ run: 'version' });
    expect(parse('completions fish')).toEqual({ run: 'completions', shell: 'fish' });
  });

  test('counts the last of an option that is repeated', () => {
    expect(parse('--text a.txt --hidden 8 --hidden 16')).toMatchObject({ options: { hidden: 16 } });
  });

  const command = 'expected a command, train, resume, sample, demo or completions, or only options, as --text FILE';
  const whole = (low: number, high: number) => `expected a whole number from ${low} to ${high}`;
  test.each([
    ['--foo 3', '--foo: no such option'],
    ['--text a --resum', '--resum: no such option'],
    ['-x', '-x: no such option'],
    ['--__proto__ 3', '--__proto__: no such option'],
    ['--constructor 3', '--constructor: no such option'],
    ['book.txt', `${command}, got "book.txt"`],
    ['--text a -- b', `${command}, got "b"`],
    ['constructor', `${command}, got "constructor"`],
    ['train', 'train: expected the path of a text file, or - for standard input, got nothing'],
    ['train a b', 'train: expected no more than its options, got "b"'],
    ['train a --text b', 'train: expected one text, got "a" and --text "b"'],
    ['train a --resume', '--resume: no option of train'],
    ['resume a', 'resume: expected no more than its options, got "a"'],
    ['resume --text -', '--text: expected the path of a text file, got "-"'],
    ['sample --hidden 8', '--hidden: no option of sample'],
    ['demo --out here', '--out: no option of demo'],
    ['completions', 'completions: expected bash, zsh or fish, got nothing'],
    ['completions tcsh', 'completions: expected bash, zsh or fish, got "tcsh"'],
    ['--hidden', '--hidden: expected a value, got nothing'],
    ['--hidden --steps 5', '--hidden: expected a value, got the option --steps'],
    ['--resume=yes', '--resume: expected no value, got "yes"'],
    ['--eager=yes', '--eager: expected no value, got "yes"'],
    ['--eager --hidden 8', '--hidden: expected --text FILE or --resume beside it, got neither'],
    ['--text=', '--text: expected the path of a text file, got ""'],
    ['--text a --out=', '--out: expected the path of a folder, got ""'],
    ['--hidden 8', '--hidden: expected --text FILE or --resume beside it, got neither'],
    ['--out here', '--out: expected --text FILE or --resume beside it, got neither'],
    ['--text a --cell foo', '--cell: expected rnn, lstm or gru, got "foo"'],
    ['--text a --optimizer Adam', '--optimizer: expected sgd, adam or adamw, got "Adam"'],
    ['--text a --hidden 0', `--hidden: ${whole(1, 4096)}, got "0"`],
    ['--text a --hidden 0x10', `--hidden: ${whole(1, 4096)}, got "0x10"`],
    ['--text a --hidden 1e9', `--hidden: ${whole(1, 4096)}, got "1e9"`],
    ['--text a --layers -1', `--layers: ${whole(1, 16)}, got "-1"`],
    ['--text a --sequence 0', `--sequence: ${whole(1, 4096)}, got "0"`],
    ['--text a --batch many', `--batch: ${whole(1, 4096)}, got "many"`],
    ['--text a --steps 1.5', `--steps: ${whole(1, 1e9)}, got "1.5"`],
    ['--text a --every 0', `--every: ${whole(1, 1e9)}, got "0"`],
    ['--text a --sample -1', `--sample: ${whole(0, 1e6)}, got "-1"`],
    ['--text a --seed 1.5', `--seed: ${whole(0, Number.MAX_SAFE_INTEGER)}, got "1.5"`],
    ['--text a --lr NaN', '--lr: expected a number greater than 0, got "NaN"'],
    ['--text a --lr Infinity', '--lr: expected a number greater than 0, got "Infinity"'],
    ['--text a --lr 1e999', '--lr: expected a number greater than 0, got "1e999"'],
    ['--text a --lr 0', '--lr: expected a number greater than 0, got "0"'],
    ['--text a --lr=', '--lr: expected a number greater than 0, got ""'],
    ['--text a --temperature -0.5', '--temperature: expected a number of 0 or more, got "-0.5"'],
  ])('%s is a usage error', (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });
});

describe('the help', () => {
  const bin = installed({});

  test('has a line for every command and every option, with its default', () => {
    const text = help(npmStart);
    for (const name of commandNames) expect(text).toContain(`\n  ${name} `);
    for (const name of Object.keys(rules)) expect(text).toContain(`\n  --${name} `);
    expect(text).toContain('--cell rnn|lstm|gru         the recurrent layer (default: lstm)');
  });

  test('of a command has just its options', () => {
    const text = commandHelp(bin, 'sample');
    const named = Array.from(text.matchAll(/^ {2}--(\w+)/gm), ([, name]) => name);
    expect(text).toMatch(/^tapegrad-char sample \[CHECKPOINT\] \[options\]\n/);
    expect(named).toEqual(['prompt', 'temperature', 'sample', 'seed', 'out', 'json']);
  });

  test('fits a terminal, has no hole, and names the program as it was called', () => {
    for (const calling of [npmStart, bin, installed({ npm_command: 'exec' })])
      for (const text of [help(calling), ...commandNames.map(name => commandHelp(calling, name))]) {
        expect(text).not.toContain('undefined');
        expect(text.endsWith('\n')).toBe(true);
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
      }
    expect(help(npmStart)).toContain('  npm start -- --text book.txt --cell gru');
    expect(help(bin)).toContain('  tapegrad-char train book.txt --cell gru');
    expect(help(installed({ npm_command: 'exec' }))).toContain('  npx tapegrad-char train book.txt --cell gru');
  });
});

describe('the completions', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'char-rnn-completions-'));
    await writeFile(join(folder, 'a text.txt'), '');
    await mkdir(join(folder, 'books'));
    for (const shell of shells) await writeFile(join(folder, `script.${shell}`), completions(shell));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const inShell = (shell: string, script: string): string =>
    execFileSync(shell, ['-c', `. ./script.${shell}\n${script}`], { cwd: folder, encoding: 'utf8' });

  const inBash = (...words: string[]): string[] => {
    const list = words.map(word => `'${word}'`).join(' ');
    const call = `COMP_WORDS=(tapegrad-char ${list}); COMP_CWORD=${words.length}; _tapegrad_char`;
    return inShell('bash', `${call}; printf '%s\\n' "\${COMPREPLY[@]}"`).trimEnd().split('\n');
  };

  const inFish = (line: string): string[] =>
    Array.from(inShell('fish', `complete -C ${JSON.stringify(line)}`).matchAll(/^[^\t\n]+/gm), ([word]) => word).sort();

  const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

  test.skipIf(!has('bash'))('tell bash the commands, the options of each, and what can stand for their values', () => {
    expect(inBash('')).toEqual([...commandNames, '--help', '--version']);
    expect(inBash('tr')).toEqual(['train']);
    expect(inBash('train', '--o')).toEqual(['--optimizer', '--out']);
    expect(inBash('train', '--cell', '')).toEqual(['rnn', 'lstm', 'gru']);
    expect(inBash('train', '--cell', '=', 'l')).toEqual(['lstm']);
    expect(inBash('train', '--optimizer', '=')).toEqual(['sgd', 'adam', 'adamw']);
    expect(inBash('train', '--hidden', '')).toEqual(['']);
    expect(inBash('train', 'a')).toEqual(['a text.txt']);
    expect(inBash('resume', '--out', '')).toEqual(['books']);
    expect(inBash('sample', '--hid')).toEqual(['']);
    expect(inBash('completions', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test.skipIf(!has('fish'))('tell fish the same', () => {
    expect(inFish('tapegrad-char ')).toEqual([...commandNames].sort());
    expect(inFish('tapegrad-char train --o')).toEqual(['--optimizer', '--out']);
    expect(inFish('tapegrad-char train --cell ')).toEqual(['gru', 'lstm', 'rnn']);
    expect(inFish('tapegrad-char train a')).toEqual(['a text.txt']);
    expect(inFish('tapegrad-char resume --out b')).toEqual(['books/']);
    expect(inFish('tapegrad-char completions ')).toEqual(['bash', 'fish', 'zsh']);
  });

  test.skipIf(!has('zsh'))('are a script that zsh can read', () => {
    execFileSync('zsh', ['-n', join(folder, 'script.zsh')]);
  });

  test('name each option of each command for zsh', () => {
    const cases = completions('zsh')
      .split(/^ {4}(?=\w+\) _arguments)/m)
      .slice(1);
    expect(cases.map(text => text.match(/^\w+/)?.[0])).toEqual(commandNames);
    for (const [i, text] of cases.entries())
      expect(Array.from(text.matchAll(/^ +'--(\w+)/gm), ([, name]) => name)).toEqual([
        ...commands[commandNames[i]].options,
        'help',
      ]);
  });
});
