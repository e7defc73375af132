/// <reference path="./asciichart.d.ts" />
import asciichart from 'asciichart';
import { stretches } from '../run/history.ts';

/** A curve of losses for a terminal `columns` wide: steps to the right, one point a column, `rows` high. */
export function chart(losses: readonly number[], columns: number, rows = 8): string {
  const label = 8;
  const width = Math.max(10, Math.min(columns, 100) - label - 4);
  const points = stretches(losses, width);
  // A flat line has no height to scale by.
  const flat = points.every(y => y === points[0]);
  const drawn = asciichart.plot(points, { height: flat ? 0 : rows - 1, format: y => y.toFixed(3).padStart(label) });
  return drawn.replaceAll(/ +$/gm, '');
}
