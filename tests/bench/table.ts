import { cpus, loadavg } from 'node:os';

/** What a table holds: a name and numbers for each row, null where there is none. */
export interface Table {
  readonly title: string;
  /** What the rows are, then what each column of numbers is. */
  readonly columns: readonly [string, ...string[]];
  readonly rows: readonly (readonly [name: string, ...numbers: (number | null)[]])[];
  /** How numbers are written. Default: with three significant digits. */
  readonly write?: (x: number) => string;
  /** What is to be said below it. */
  readonly notes?: readonly string[];
}

/** The machine, what else it did, the engine and the day that figures belong to. */
export interface Place {
  readonly machine: string;
  /** How many programs ran at once, on average over the last minute: figures of a busy machine are worth little. */
  readonly load: number;
  readonly node: string;
  readonly v8: string;
  readonly date: string;
}

export const place = (): Place => ({
  machine: cpus()[0].model,
  load: loadavg()[0],
  node: process.version,
  v8: process.versions.v8,
  date: new Date().toISOString().slice(0, 10),
});

/** Three significant digits at least, without an exponent. */
export function significant(x: number): string {
  const magnitude = Math.floor(Math.log10(Math.abs(Number(x.toPrecision(3)))));
  return x.toFixed(x === 0 ? 2 : Math.min(Math.max(2 - magnitude, 0), 6));
}

/** The table as text, with the place that it was made at. */
export function format({ title, columns, rows, write = significant, notes = [] }: Table): string {
  const { machine, load, node, v8, date } = place();
  const made = `${machine}, load ${load.toFixed(1)}, Node ${node}, V8 ${v8}, ${date}`;
  const cells = rows.map(([name, ...numbers]) => [name, ...numbers.map(x => (x === null ? '-' : write(x)))]);
  return [title, made, aligned([columns, ...cells]), ...notes].join('\n');
}

/** Rows with aligned columns: the first to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, c) => Math.max(...rows.map(row => row[c].length)));
  return rows
    .map(row => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '))
    .join('\n');
}
