import { GradError } from '@tapegrad/tensor';

let recording = true;

/** Whether operations remember how they were made. */
export const isGradEnabled = (): boolean => recording;

/** Runs `fn` with the recording of histories on or off, and restores what was before, also after an error. */
export function withGradMode<T>(enabled: boolean, fn: () => T): T {
  const before = recording;
  recording = enabled;
  try {
    return fn();
  } finally {
    recording = before;
  }
}

/**
 * Runs `fn` without recording histories: its results do not require gradients.
 *
 * @throws GradError when `fn` is asynchronous, since the mode ends when `fn` returns.
 * @example
 * ```ts
 * noGrad(() => parameter.assign(parameter.mul(0.9)));
 * const right = noGrad(() => model.forward(x).argmax(1).eq(ids));
 * ```
 */
export function noGrad<T>(fn: () => T): T {
  return synchronous('noGrad', withGradMode(false, fn));
}

/**
 * Runs `fn` with histories recorded, inside of a `noGrad` too.
 *
 * @throws GradError when `fn` is asynchronous.
 */
export function enableGrad<T>(fn: () => T): T {
  return synchronous('enableGrad', withGradMode(true, fn));
}

/** The result of a function, unless that goes on after it returned. */
export function synchronous<T>(op: string, result: T): T {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {}); // The error below is the one to report.
  throw new GradError(
    `${op}: expected a synchronous function, got one that returned a promise: what it does later is outside of ${op}`,
  );
}
