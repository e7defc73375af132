import { bendsOf, type Diagram, gridOf, type Line, span } from './grid.ts';
import { order } from './order.ts';
import { place } from './place.ts';

export const boxHeight = 38;
const rowGap = 36;
const margin = 20;
const gapOfBoxes = 24;
const gapOfBends = 14;
/** How far the ends of lines at one box lie apart, where it is wide enough. */
const gapOfEnds = 12;

/** Where a line is joined, or passes. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where boxes and lines are, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The left upper corner of each box. */
  readonly corners: readonly Point[];
  /**
   * Of each line the points that it goes through, two by two: it starts below a box, comes into and leaves each row that it
   * passes, and ends above a box.
   */
  readonly lines: readonly (readonly Point[])[];
}

/** Lays a diagram out in rows, from above. */
export function layOut(diagram: Diagram): Layout {
  const { widths, lines } = diagram;
  const grid = gridOf(diagram);
  const isBox = (cell: number): boolean => cell < widths.length;
  if (grid.hasBends) order(grid);
  const middles = place(grid, {
    width: cell => widths[cell] ?? 0,
    gap: (left, right) => (isBox(left) && isBox(right) ? gapOfBoxes : gapOfBends),
  });
  const [left] = span(middles.map((x, cell) => x - (widths[cell] ?? 0) / 2));
  // Whole pixels, so that what is all but straight is straight.
  const x = middles.map(middle => Math.round(middle - left) + margin);
  const [, right] = span(x.map((middle, cell) => middle + (widths[cell] ?? 0) / 2));
  const top = (row: number): number => margin + row * (boxHeight + rowGap);
  const ends = endsOf(diagram, ({ from, to }) => x[bendsOf(grid, from, to).at(-1) ?? from]);
  return {
    width: right + margin,
    height: top(grid.rows.length) - rowGap + margin,
    corners: widths.map((width, box) => ({ x: x[box] - width / 2, y: top(grid.rowOf[box]) })),
    lines: lines.map(({ from, to }, i) => {
      const through = bendsOf(grid, from, to).flatMap((bend, k) => {
        const y = top(grid.rowOf[from] + 1 + k);
        return [
          { x: x[bend], y },
          { x: x[bend], y: y + boxHeight },
        ];
      });
      const start = { x: x[from], y: top(grid.rowOf[from]) + boxHeight };
      return [start, ...through, { x: x[to] + ends[i], y: top(grid.rowOf[to]) }];
    }),
  };
}

/** How far from the middle of its box each line ends: side by side, in the order in which they come from the left. */
function endsOf({ widths, lines }: Diagram, comesFrom: (line: Line) => number): number[] {
  const arriving = new Map<number, number[]>();
  lines.forEach(({ to }, i) => {
    if (arriving.has(to)) arriving.get(to)!.push(i);
    else arriving.set(to, [i]);
  });
  const ends = new Array<number>(lines.length).fill(0);
  for (const [to, group] of arriving) {
    const gap = Math.min(gapOfEnds, (widths[to] * 0.8) / group.length);
    const sorted = group.map(i => ({ i, x: comesFrom(lines[i]) })).sort((a, b) => a.x - b.x);
    sorted.forEach(({ i }, k) => {
      ends[i] = (k - (group.length - 1) / 2) * gap;
    });
  }
  return ends;
}
