import type { Grid } from './grid.ts';

const sweeps = 24;
/** The last sweeps, in which trunks become straight. */
const straightening = 8;

/** What a cell takes of its row, and how far it stays from the next. */
export interface Measures {
  readonly width: (cell: number) => number;
  readonly gap: (left: number, right: number) => number;
}

/**
 * The middle of each cell, from left to right: near the middles of those that it is joined to, in the order of its row and
 * at a distance from its neighbours there. Sweeps up and down bring each cell to those below it and above it in turn, the
 * last ones to both. What nothing leads to stands aside for the rest.
 */
export function place(grid: Grid, { width, gap }: Measures): number[] {
  const { rows, above, below, trunks } = grid;
  const x = new Array<number>(above.length).fill(0);
  const isBend = (cell: number): boolean => cell >= trunks.length;
  const weightOf = (cell: number): number => (isBend(cell) ? 40 : above[cell].length === 0 ? 0.1 : 1);
  const weights = rows.map(row => row.map(weightOf));
  const steps = rows.map(row =>
    row.map((cell, i) => (i === 0 ? 0 : (width(row[i - 1]) + width(cell)) / 2 + gap(row[i - 1], cell))),
  );
  const settle = (r: number, wanted: (cell: number) => number): void => {
    const row = rows[r];
    nearest(row.map(wanted), weights[r], steps[r]).forEach((middle, i) => {
      x[row[i]] = middle;
    });
  };
  /** The weighted middle of cells, or else of others. */
  const middleOf = (cells: readonly number[], others: readonly number[] = []): number => {
    let [sum, total] = [0, 0];
    for (const cell of cells) {
      const weight = isBend(cell) ? 1 : weightOf(cell);
      sum += weight * x[cell];
      total += weight;
    }
    return total > 0 ? sum / total : others.length > 0 ? middleOf(others) : 0;
  };

  const trunkOf = new Map(trunks.flatMap(trunk => trunk.map(bend => [bend, trunk] as const)));
  const straight = new Map<readonly number[] | undefined, number>();
  rows.forEach((_, r) => {
    settle(r, cell => middleOf(above[cell]));
  });
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isUp = sweep % 2 === 0;
    const isLast = sweep >= sweeps - straightening;
    if (isLast) for (const trunk of trunks) straight.set(trunk, middleOf(trunk));
    const wanted = (cell: number): number => {
      if (isLast) return straight.get(trunkOf.get(cell)) ?? middleOf([...above[cell], ...below[cell]]);
      return isUp ? middleOf(below[cell], above[cell]) : middleOf(above[cell], below[cell]);
    };
    for (let i = 0; i < rows.length; i++) settle(isUp ? rows.length - 1 - i : i, wanted);
  }
  return x;
}

/**
 * Numbers with the least sum of weighted squares of the distances to the wanted ones, each at least its step larger than
 * the one before: by pooling adjacent violators, as in isotonic regression.
 */
function nearest(wanted: readonly number[], weights: readonly number[], steps: readonly number[]): number[] {
  let offset = 0;
  const offsets = steps.map(step => (offset += step));
  const pools: { mean: number; weight: number; count: number }[] = [];
  wanted.forEach((w, i) => {
    let pool = { mean: w - offsets[i], weight: weights[i], count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.mean > pool.mean; last = pools.at(-1)) {
      pools.pop();
      const weight = last.weight + pool.weight;
      const mean = (last.mean * last.weight + pool.mean * pool.weight) / weight;
      pool = { mean, weight, count: last.count + pool.count };
    }
    pools.push(pool);
  });
  const means = pools.flatMap(({ mean, count }) => new Array<number>(count).fill(mean));
  return means.map((mean, i) => mean + offsets[i]);
}
