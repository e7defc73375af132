/** A watch over Ctrl-C: the first one is remembered, a second one quits at once. */
export interface Interrupt {
  readonly requested: boolean;
  /** Gives Ctrl-C its usual meaning back. */
  release(): void;
}

/** Exit code of a program that SIGINT ended: 128 + 2. */
export const interruptedCode = 130;

/** Watches for SIGINT (Ctrl-C) and SIGTERM; `first` is called at the first one. */
export function watchInterrupt(first: () => void, quit: () => void = () => process.exit(interruptedCode)): Interrupt {
  let requested = false;
  const listener = () => {
    if (requested) return quit();
    requested = true;
    first();
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return {
    get requested() {
      return requested;
    },
    release: () => void process.off('SIGINT', listener).off('SIGTERM', listener),
  };
}
