// npm run bench: what the framework costs here, on this engine. Medians; every ratio is to a baseline in the same run.
//   npm run bench -- steps matmul         these tables only
//   npm run bench -- --json file          the figures, as JSON
//   npm run bench -- steps --only lstm    one workload (with commas: several) of the table of steps
//   npm run bench -- --no-peers           without other libraries, though they are installed
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { convolutionTable } from './convolution.ts';
import { elmanTable, timeTable } from './elman.ts';
import { largeTable } from './large.ts';
import { matmulTable } from './matmul.ts';
import { warmManyCallSites } from './measure.ts';
import { overheadTable } from './overhead.ts';
import { passesTable } from './passes.ts';
import { stepsTables } from './steps.ts';
import { format, place, type Table } from './table.ts';
import { vocabularyTable } from './vocabulary.ts';
import { workloads } from './workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: { json: { type: 'string' }, only: { type: 'string' }, peers: { type: 'boolean', default: true } },
});

/** All tables, in the order in which they are made: the first one is about a program that has done nothing else yet. */
const makers: Readonly<Record<string, () => Table | Promise<Table[]>>> = {
  elman: elmanTable,
  time: timeTable,
  overhead: overheadTable,
  ops: largeTable,
  vocabulary: vocabularyTable,
  matmul: matmulTable,
  convolution: convolutionTable,
  passes: passesTable,
  steps: () => stepsTables({ only: values.only?.split(',') ?? Object.keys(workloads), peers: values.peers }),
};

check('tables', positionals, makers);
check('workloads', values.only?.split(',') ?? [], workloads);
const chosen = Object.keys(makers).filter(name => positionals.length === 0 || positionals.includes(name));
const results: Table[] = [];
for (const name of chosen) {
  if (name !== 'elman') warmManyCallSites();
  for (const table of [await makers[name]()].flat()) {
    console.log(`${format(table)}\n`);
    results.push(table);
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ ...place(), tables: results }, null, 2)}\n`);

/** Ends the program when a name is not among those that there are. */
function check(kind: string, names: readonly string[], known: object): void {
  const unknown = names.filter(name => !Object.hasOwn(known, name));
  if (unknown.length === 0) return;
  console.error(`bench: expected ${kind} among ${Object.keys(known).join(', ')}, got ${unknown.join(', ')}`);
  process.exit(1);
}
