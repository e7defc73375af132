/** What one step of training gave. */
export interface Metrics {
  readonly step: number;
  /** The mean cross entropy of the step's batch, before the update, in nats per character. */
  readonly loss: number;
  /** The norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** The mean cross entropy on the held-out text, where it was measured. */
  readonly heldOut?: number;
}

/** A loss in bits: what a character costs an ideal compressor. */
export const bitsPerCharacter = (loss: number): number => loss / Math.LN2;

/** A step's line of metrics.jsonl. It holds no times, so that equal runs write equal files. */
export function metricsLine({ step, loss, gradientNorm, heldOut }: Metrics): string {
  return `${JSON.stringify({ step, loss, bitsPerCharacter: bitsPerCharacter(loss), gradientNorm, heldOut })}\n`;
}

/** The step whose held-out loss is the lowest, if there is one. */
export function bestOf(history: readonly Metrics[]): Metrics | undefined {
  let best: Metrics | undefined;
  for (const metrics of history)
    if (metrics.heldOut !== undefined && metrics.heldOut < (best?.heldOut ?? Number.POSITIVE_INFINITY)) best = metrics;
  return best;
}

/** The means of `n` (or fewer) consecutive stretches of about equal length, for a curve that is `n` points wide. */
export function stretches(values: readonly number[], n: number): number[] {
  const count = Math.min(n, values.length);
  return Array.from({ length: count }, (_, i) => {
    const stretch = values.slice(
      Math.floor((i * values.length) / count),
      Math.floor(((i + 1) * values.length) / count),
    );
    return stretch.reduce((sum, x) => sum + x, 0) / stretch.length;
  });
}
