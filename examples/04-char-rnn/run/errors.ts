/** A value that an option of a run cannot have. The message begins with the option's name. */
export class OptionError extends Error {}

/** What keeps a run from going on: a text too short, a checkpoint that does not fit, a loss that is no number. */
export class Failure extends Error {}

/** What an error says, on one line. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
