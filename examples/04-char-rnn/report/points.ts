import { type Metrics, stretches } from '../run/history.ts';

/** A point of a curve over the steps. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

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
