import { type Command, parseCommand } from './command.ts';
import { UsageError } from './errors.ts';
import { help } from './help.ts';
import { Failure } from './run/errors.ts';
import { trainInThread } from './thread/outside.ts';

/** Runs a command and returns the exit code. */
async function run(command: Command): Promise<number> {
  const output = process.stdout;
  switch (command.run) {
    case 'help':
      output.write(help());
      return 0;
    case 'notebook':
      (await import('./notebook.ts')).runNotebook(output, command.manner);
      return 0;
    default:
      return await trainInThread(command, output);
  }
}

/** Says on one line what went wrong, and returns the exit code; what nobody expected comes with its stack. */
function report(error: unknown): number {
  const expected = error instanceof UsageError || error instanceof Failure;
  if (!expected) console.error(error);
  else {
    const hint = error instanceof UsageError ? ' (npm start -- --help explains the options)' : '';
    process.stderr.write(`error: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}${hint}\n`);
  }
  return error instanceof UsageError ? 2 : 1;
}

// Whoever reads the output may stop reading, `| head` for one: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  process.exitCode = await run(parseCommand(process.argv.slice(2)));
} catch (error) {
  process.exitCode = report(error);
}
