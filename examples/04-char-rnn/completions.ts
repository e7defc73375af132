import { shellQuoted } from './calling.ts';
import type { Shell } from './command.ts';
import { type CommandName, commandNames, commands, spellings } from './commands.ts';

/** A script that teaches a shell to complete the commands, their options, and the values of these. */
export function completions(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      return zsh();
    case 'fish':
      return fish();
  }
}

/** What can stand for a value: one of some words, a file, a folder, or what nobody can guess. */
type Guess = readonly string[] | 'file' | 'folder' | 'nothing';

/** The guess from what a value is called in the help. */
function guessOf(value: string): Guess {
  if (value.includes('|')) return value.split('|');
  return value === 'DIR' ? 'folder' : /FILE|CHECKPOINT/.test(value) ? 'file' : 'nothing';
}

const optionsOf = (command: CommandName) =>
  [...commands[command].options, 'help'].map(name => ({ name, ...spellings.get(name)! }));

function bash(): string {
  const reply = (guess: Guess): string => {
    if (guess === 'nothing') return '';
    const kind = guess === 'file' ? '-f' : guess === 'folder' ? '-d' : `-W $'${guess.join('\\n')}'`;
    const names = typeof guess === 'string' ? 'compopt -o filenames 2>/dev/null; ' : '';
    return `${names}COMPREPLY=($(compgen ${kind} -- "$current")); `;
  };
  const values = Array.from(spellings).filter(([, { value }]) => value !== '');
  return `# bash completion of tapegrad-char
_tapegrad_char() {
  local IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  # --option=value comes as three words.
  if [[ $current == '=' ]]; then current=
  elif [[ $before == '=' ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    ${reply([...commandNames, '--help', '--version'])}return
  fi
  case $before in
${values.map(([name, { value }]) => `    --${name}) ${reply(guessOf(value))}return ;;`).join('\n')}
  esac
  case \${COMP_WORDS[1]}:$current in
${commandNames
  .flatMap(command => [
    `    ${command}:-*) ${reply(optionsOf(command).map(({ name }) => `--${name}`))};;`,
    `    ${command}:*) ${reply(guessOf(commands[command].argument))};;`,
  ])
  .join('\n')
  .replaceAll('; ;;', ' ;;')}
  esac
}
complete -F _tapegrad_char tapegrad-char
`;
}

function zsh(): string {
  const action = (guess: Guess): string =>
    guess === 'nothing' ? ' ' : guess === 'file' ? '_files' : guess === 'folder' ? '_files -/' : `(${guess.join(' ')})`;
  const option = ({ name, value, meaning }: ReturnType<typeof optionsOf>[number]): string => {
    const explained = `[${meaning.replaceAll(/[[\]]/g, '\\$&')}]`;
    return shellQuoted(
      value === '' ? `--${name}${explained}` : `--${name}=${explained}:${value}:${action(guessOf(value))}`,
    );
  };
  const specsOf = (command: CommandName): string[] => {
    const { argument } = commands[command];
    const words = argument === '' ? [] : [shellQuoted(`1:${argument}:${action(guessOf(argument))}`)];
    return [...optionsOf(command).map(option), ...words];
  };
  return `#compdef tapegrad-char
_tapegrad_char() {
  local -a commands=(
${commandNames.map(name => `    ${shellQuoted(`${name}:${commands[name].meaning}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${commandNames.map(name => `    ${name}) _arguments \\\n      ${specsOf(name).join(' \\\n      ')} ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _tapegrad-char ]]; then _tapegrad_char; else compdef _tapegrad_char tapegrad-char; fi
`;
}

function fish(): string {
  const values = (guess: Guess): string =>
    guess === 'nothing'
      ? '-x'
      : guess === 'file'
        ? '-r -F'
        : guess === 'folder'
          ? "-x -a '(__fish_complete_directories)'"
          : `-x -a ${shellQuoted(guess.join(' '))}`;
  const lines = commandNames.flatMap(command => {
    const within = `-n '__fish_seen_subcommand_from ${command}'`;
    const { argument, meaning } = commands[command];
    const words = guessOf(argument);
    return [
      `-n __fish_use_subcommand -f -a ${command} -d ${shellQuoted(meaning)}`,
      ...(words === 'file' ? [`${within} -F`] : words === 'nothing' ? [] : [`${within} ${values(words)}`]),
      ...optionsOf(command).map(
        ({ name, value, meaning }) =>
          `${within} -l ${name}${value === '' ? '' : ` ${values(guessOf(value))}`} -d ${shellQuoted(meaning)}`,
      ),
    ];
  });
  return `# fish completion of tapegrad-char\n${['-f', ...lines].map(line => `complete -c tapegrad-char ${line}\n`).join('')}`;
}
