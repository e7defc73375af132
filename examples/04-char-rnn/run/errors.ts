/** A value that an option of a run cannot have. The message begins with the option's name. */
export class OptionError extends Error {}

/** What keeps a run from going on: a text too short, a checkpoint that does not fit, a loss that is no number. */
export class Failure extends Error {}

/** A text with too few characters for a window of `sequence` and the one after it. */
export class TooShort extends Failure {
  /** A sequence that fits, with room for many windows. */
  readonly fitting: number;

  constructor(characters: number, sequence: number, called: string) {
    super(
      `expected more characters than a window has, ${sequence + 1} or more, got ${characters}; a smaller ${called} helps`,
    );
    this.fitting = Math.max(1, Math.floor(characters / 4));
  }
}

/** What an error says, on one line. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
