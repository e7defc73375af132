/** Exit code of a program that Ctrl-C ended: 128 + 2, the number of SIGINT. */
export const interruptedCode = 130;

/**
 * Calls `first` at the first Ctrl-C (SIGINT, or SIGTERM), `second` at the next one, until it is released. Signals within
 * 200 ms of each other are one Ctrl-C: npm and other runners pass on what the terminal has sent already.
 */
export function watchInterrupt(first: () => void, second: () => void, now = () => performance.now()): () => void {
  let heard: number | undefined;
  const listener = () => {
    if (heard === undefined) {
      heard = now();
      first();
    } else if (now() - heard > 200) second();
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
}
