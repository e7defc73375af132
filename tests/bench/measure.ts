/** Medians of repeated timings: the middle of many runs says more than their mean on a machine that does other things. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Microseconds per call of each function, taken in turn so that all of them see the same machine. */
export function compare<Name extends string>(
  functions: Record<Name, () => unknown>,
  { warmUp = 200, rounds = 60, atLeast = 2000 }: { warmUp?: number; rounds?: number; atLeast?: number } = {},
): Record<Name, number> {
  const names = Object.keys(functions) as Name[];
  const calls = {} as Record<Name, number>;
  for (const name of names) {
    const until = performance.now() + warmUp;
    let n = 0;
    while (performance.now() < until) {
      functions[name]();
      n++;
    }
    // One round lasts long enough for the clock.
    calls[name] = Math.max(1, Math.round((n * atLeast) / (warmUp * 1000)));
  }
  const times = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      const start = performance.now();
      for (let i = 0; i < calls[name]; i++) functions[name]();
      times[name].push(((performance.now() - start) * 1000) / calls[name]);
    }
  return Object.fromEntries(names.map(name => [name, median(times[name])])) as Record<Name, number>;
}

/** A table with aligned columns: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, c) => Math.max(...rows.map(row => row[c].length)));
  return rows
    .map(row => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '))
    .join('\n');
}
