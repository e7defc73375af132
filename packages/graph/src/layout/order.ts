import type { Grid } from './grid.ts';

const mostSweeps = 24;
/** How many sweeps without a gain are the end. */
const patience = 4;

/**
 * Orders the cells of each row so that few lines cross (Sugiyama, Tagawa and Toda 1981): sweeps down and up, in which
 * every cell goes to the mean place of those that it is joined to in the row before. The best order found is kept.
 */
export function order(grid: Grid): void {
  const { rows, above, below } = grid;
  const place = new Array<number>(above.length);
  firstOrder(grid, place);
  let best = rows.map(row => [...row]);
  let fewest = crossings(grid, place);
  for (let sweep = 0, since = 0; sweep < mostSweeps && since < patience && fewest > 0; sweep++, since++) {
    if (sweep % 2 === 0) for (let r = 1; r < rows.length; r++) sortByMeans(rows[r], above, place);
    else for (let r = rows.length - 2; r >= 0; r--) sortByMeans(rows[r], below, place);
    const count = crossings(grid, place);
    if (count >= fewest) continue;
    fewest = count;
    since = -1;
    best = rows.map(row => [...row]);
  }
  best.forEach((row, r) => {
    rows[r] = row;
  });
}

/** The order in which a walk up from the last row, into inputs before neighbours, first comes by. */
function firstOrder({ rows, above }: Grid, place: number[]): void {
  const found = new Set<number>();
  for (const start of [...rows].reverse().flat()) {
    const stack = [start];
    for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
      if (found.has(cell)) continue;
      found.add(cell);
      for (let k = above[cell].length - 1; k >= 0; k--) stack.push(above[cell][k]);
    }
  }
  const ordinal = new Map([...found].map((cell, i) => [cell, i]));
  for (const row of rows) setOrder(row, ordinal, place);
}

function setOrder(row: number[], key: ReadonlyMap<number, number>, place: number[]): void {
  row.sort((a, b) => key.get(a)! - key.get(b)!);
  row.forEach((cell, i) => {
    place[cell] = i;
  });
}

function sortByMeans(row: number[], joined: readonly number[][], place: number[]): void {
  const means = row.map((cell): [number, number] => {
    const others = joined[cell];
    return [cell, others.length === 0 ? place[cell] : others.reduce((sum, n) => sum + place[n], 0) / others.length];
  });
  setOrder(row, new Map(means), place);
}

/** How many pairs of lines cross between rows: inversions, counted by a tree of sums (Barth, Jünger and Mutzel 2002). */
function crossings({ rows, below }: Grid, place: readonly number[]): number {
  let count = 0;
  for (let r = 0; r + 1 < rows.length; r++) {
    const size = rows[r + 1].length;
    const tree = new Array<number>(size + 1).fill(0);
    let lines = 0;
    for (const cell of rows[r]) {
      const ends = below[cell].map(n => place[n]).sort((a, b) => a - b);
      for (const end of ends) {
        count += lines;
        for (let i = end + 1; i > 0; i -= i & -i) count -= tree[i];
      }
      for (const end of ends) {
        for (let i = end + 1; i <= size; i += i & -i) tree[i]++;
        lines++;
      }
    }
  }
  return count;
}
