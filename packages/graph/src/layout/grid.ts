/** What is to be laid out: boxes, one at least, numbered from 0, and lines, each from a box to one of a larger number. */
export interface Diagram {
  readonly widths: readonly number[];
  readonly lines: readonly Line[];
}

export interface Line {
  readonly from: number;
  readonly to: number;
}

/**
 * Rows of cells: boxes, numbered as in the diagram, and after those bends, where lines pass through a row. The lines that
 * leave one box for others further down share a trunk, which has one bend a row.
 */
export interface Grid {
  /** The cells of each row, from left to right. */
  readonly rows: number[][];
  /** The row of each box. */
  readonly rowOf: readonly number[];
  /** Of each cell, those above it, and those below it, that lines lead to. */
  readonly above: readonly number[][];
  readonly below: readonly number[][];
  /** Of each box, the bends of its trunk, from the row below it on. */
  readonly trunks: readonly (readonly number[])[];
  /** Whether lines have bends at all. */
  readonly hasBends: boolean;
}

/** How many cells there are at most where lines have bends. */
export const largestGrid = 5000;

/**
 * Puts the boxes in rows, each as far above the last row as its longest way down is long, and bends where lines pass
 * other rows; without bends where there would be too many.
 */
export function gridOf({ widths, lines }: Diagram): Grid {
  const count = widths.length;
  const rowOf = rowsOf(count, lines);
  const rows: number[][] = Array.from({ length: span(rowOf)[1] + 1 }, () => []);
  rowOf.forEach((row, box) => {
    rows[row].push(box);
  });
  const lengths = trunkLengths(rowOf, lines);
  const hasBends = lengths.reduce((sum, n) => sum + n, count) <= largestGrid;
  let cells = count;
  const trunks = lengths.map((length, box) =>
    Array.from({ length: hasBends ? length : 0 }, (_, i) => {
      rows[rowOf[box] + 1 + i].push(cells);
      return cells++;
    }),
  );
  const above: number[][] = Array.from({ length: cells }, () => []);
  const below: number[][] = Array.from({ length: cells }, () => []);
  const join = (upper: number, lower: number): void => {
    below[upper].push(lower);
    above[lower].push(upper);
  };
  trunks.forEach((trunk, box) => {
    trunk.forEach((bend, i) => {
      join(i === 0 ? box : trunk[i - 1], bend);
    });
  });
  for (const { from, to } of lines) join(bendsOf({ rowOf, trunks }, from, to).at(-1) ?? from, to);
  return { rows, rowOf, above, below, trunks, hasBends };
}

/** The bends of a line. */
export const bendsOf = (
  { rowOf, trunks }: Pick<Grid, 'rowOf' | 'trunks'>,
  from: number,
  to: number,
): readonly number[] => trunks[from].slice(0, rowOf[to] - rowOf[from] - 1);

function rowsOf(count: number, lines: readonly Line[]): number[] {
  const heights = new Array<number>(count).fill(0);
  for (const { from, to } of [...lines].sort((a, b) => b.from - a.from))
    heights[from] = Math.max(heights[from], heights[to] + 1);
  const [, highest] = span(heights);
  return heights.map(height => highest - height);
}

/** How many rows lie between each box and the last one that a line leads to from it. */
function trunkLengths(rowOf: readonly number[], lines: readonly Line[]): number[] {
  const lengths = rowOf.map(() => 0);
  for (const { from, to } of lines) lengths[from] = Math.max(lengths[from], rowOf[to] - rowOf[from] - 1);
  return lengths;
}

/** The smallest and the largest, however many there are. */
export function span(numbers: readonly number[]): [smallest: number, largest: number] {
  let [smallest, largest] = [numbers[0], numbers[0]];
  for (const n of numbers) {
    if (n < smallest) smallest = n;
    if (n > largest) largest = n;
  }
  return [smallest, largest];
}
