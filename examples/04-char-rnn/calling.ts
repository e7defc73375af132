/** How the program was called, so that it can say how to call it again. */
export interface Calling {
  /** What stands before a command. */
  readonly name: string;
  /** What stands before the path of a text. */
  readonly train: string;
  /** What goes on with a run. */
  readonly resume: string;
  /** What is done when nothing is asked for. */
  readonly alone: 'demo' | 'help';
}

/** Text in single quotes, in which no shell finds anything to expand. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** In a clone of the repository. */
export const npmStart: Calling = {
  name: 'npm start --',
  train: 'npm start -- --text',
  resume: 'npm start -- --resume',
  alone: 'demo',
};

/** Where it is installed, or run by npx. */
export function installed(environment: NodeJS.ProcessEnv): Calling {
  const name = environment.npm_command === 'exec' ? 'npx tapegrad-char' : 'tapegrad-char';
  return { name, train: `${name} train`, resume: `${name} resume`, alone: 'help' };
}
