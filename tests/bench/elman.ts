import { compare, warmManyCallSites } from './measure.ts';
import { elman } from './models/elman.ts';
import { elmanModules } from './models/recurrent.ts';
import { eager } from './models/workload.ts';
import type { Table } from './table.ts';

/** The smallest step in its two forms, in a program of float32 alone and in one of many dtypes: the overhead of a program. */
export function elmanTable(): Table {
  const alone = trainingSteps();
  warmManyCallSites();
  const mixed = trainingSteps();
  return {
    title: 'Training step of an Elman language model, B=14 T=3 V=12 H=4: µs for forward, backward, SGD (target 60)',
    columns: ['written with', 'float32 alone', 'after other dtypes'],
    rows: [
      ['tensors', alone.tensors, mixed.tensors],
      ['nn and optim', alone.modules, mixed.modules],
    ],
    write: us => us.toFixed(1),
  };
}

function trainingSteps(): { tensors: number; modules: number } {
  const size = { B: 14, T: 3, V: 12, H: 4 };
  const options = { warmUp: 1500, rounds: 300 };
  return {
    ...compare({ tensors: eager(elman(size)) }, options),
    ...compare({ modules: eager(elmanModules(size)) }, options),
  };
}

/** The same step over more and more time steps. */
export function timeTable(): Table {
  const rows = [10, 100, 500, 2000].map((T): [string, number, number] => {
    const size = { B: 14, T, V: 12, H: 4 };
    const options = { warmUp: 400, rounds: 15, atLeast: 20_000 };
    const steps = { tensors: eager(elman(size)), modules: eager(elmanModules(size)) };
    const { tensors, modules } = compare(steps, options);
    return [String(T), tensors / T, modules / T];
  });
  return {
    title: 'The same step over T time steps: µs for each of them (linear cost is a constant column)',
    columns: ['T', 'tensors', 'nn and optim'],
    rows,
    write: us => us.toFixed(1),
  };
}
