import { compile, type PassName } from 'tapegrad';
import { compare } from './measure.ts';
import type { Table } from './table.ts';
import { workloads } from './workloads.ts';

/** What is left out, one at a time; the others only tidy up after them. */
const left: readonly PassName[] = [
  'constants',
  'common',
  'copies',
  'products',
  'transposes',
  'expand',
  'updates',
  'pack',
  'fuse',
];

const measured = ['elman-a', 'elman-b', 'lstm', 'mlp', 'transformer'] as const;

/** How many times as long a compiled step takes with one pass left out: what the pass gains. */
export function passesTable(): Table {
  const columns = measured.map(name => {
    const { step, inputs } = workloads[name].make();
    const ways = Object.fromEntries(
      [undefined, ...left].map(pass => {
        const program = compile(step, { without: pass === undefined ? [] : [pass] });
        return [pass ?? 'none', () => program(...inputs)];
      }),
    );
    const times = compare(ways, { warmUp: 300, rounds: 9, budget: 4000 });
    return left.map(pass => times[pass] / times.none);
  });
  return {
    title: 'Compiled steps with one pass left out: how many times as long they take',
    columns: ['without', ...measured],
    rows: left.map((pass, i) => [pass, ...columns.map(column => column[i])] as const),
    write: ratio => ratio.toFixed(2),
  };
}
