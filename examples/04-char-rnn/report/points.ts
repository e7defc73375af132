import { bitsPerCharacter, type Metrics, stretches } from '../run/history.ts';

/** A point of a curve over the steps. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

/** The loss of a step in bits. */
export const bitsOf = ({ loss }: Metrics): number => bitsPerCharacter(loss);

/** The held-out losses in bits, where they were measured. */
export const heldOutOf = (history: readonly Metrics[]): Point[] =>
  history.flatMap(({ step, heldOut }) => (heldOut === undefined ? [] : [{ step, value: bitsPerCharacter(heldOut) }]));

/** From the beginning to the last step: what the axis of steps shows. */
export const domainOf = (history: readonly Metrics[]): [number, number] => [0, Math.max(10, history.at(-1)?.step ?? 0)];

const points = 1000;

/** At most a thousand points: no picture is wider. */
export function thinned(history: readonly Metrics[], valueOf: (metrics: Metrics) => number): Point[] {
  const stride = Math.ceil(history.length / points);
  return history.filter((_, i) => i % stride === 0).map(metrics => ({ step: metrics.step, value: valueOf(metrics) }));
}

/** The means of stretches, each at the middle of its own. */
export function smoothed(history: readonly Metrics[], valueOf: (metrics: Metrics) => number): Point[] {
  const means = stretches(history.map(valueOf), 60);
  const steps = stretches(
    history.map(({ step }) => step),
    60,
  );
  return means.map((value, i) => ({ step: steps[i], value }));
}
