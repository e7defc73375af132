import type { Calling } from './calling.ts';
import { type Command, parseCommand } from './command.ts';
import { UsageError } from './errors.ts';
import type { Tell, Told } from './events.ts';
import { Failure } from './run/errors.ts';

/** What the program needs to know of where it runs. */
export interface Place {
  readonly calling: Calling;
  /** The program of the training thread. */
  readonly thread: URL;
}

/** Runs the program to its end; what it prints, and its exit code, are all that is seen of it. */
export async function program(args: readonly string[], place: Place): Promise<void> {
  // Whoever reads the output may stop reading, `| head` for one: that is no failure.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const tell: Tell = args.includes('--json')
    ? event => void process.stdout.write(`${JSON.stringify(event)}\n`)
    : () => {};
  try {
    const alone = args.length === 0 && place.calling.alone === 'help';
    process.exitCode = await run(alone ? { run: 'help', of: undefined } : parseCommand(args), place, tell);
  } catch (error) {
    process.exitCode = report(error, place.calling, tell);
  }
}

/** Runs a command and returns the exit code. Nothing is loaded that it does not need. */
async function run(command: Command, { calling, thread }: Place, tell: Tell): Promise<number> {
  const print = (text: string) => void process.stdout.write(text);
  switch (command.run) {
    case 'help': {
      const { commandHelp, help } = await import('./help.ts');
      print(command.of === undefined ? help(calling) : commandHelp(calling, command.of));
      return 0;
    }
    case 'version':
      print(`${(await import('./package.json', { with: { type: 'json' } })).default.version}\n`);
      return 0;
    case 'completions':
      print((await import('./completions.ts')).completions(command.shell));
      return 0;
  }
  // With --json, standard output belongs to the events.
  const output = command.manner.json ? process.stderr : process.stdout;
  switch (command.run) {
    case 'notebook':
      (await import('./notebook.ts')).runNotebook({ ...command.manner, calling, output, tell });
      return 0;
    case 'sample':
      return (await import('./sampling.ts')).runSample(command, process.stdout, tell);
    default:
      return (await import('./thread/outside.ts')).trainInThread(command, { calling, thread, output, tell });
  }
}

/** Says on one line what went wrong, and returns the exit code; what nobody expected comes with its stack. */
function report(error: unknown, { name }: Calling, tell: Tell): number {
  const kind = error instanceof UsageError ? 'usage' : error instanceof Failure ? 'failure' : 'bug';
  const code = kind === 'usage' ? 2 : 1;
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
  if (kind === 'bug') console.error(error);
  else process.stderr.write(`error: ${message}${kind === 'usage' ? ` (${name} --help explains the options)` : ''}\n`);
  const told: Told = { event: 'error', code, kind, message };
  tell(told);
  return code;
}
