import * as tapegrad from 'tapegrad';
import { compare } from './measure.ts';
import { agree, eager, firstChecks, type Workload } from './models/workload.ts';
import { areInstalled, type PeerReport, runPeers } from './peers.ts';
import type { Table } from './table.ts';
import { workloads } from './workloads.ts';

/** What makes a step one WebAssembly program, in versions that have it. */
const { compile } = tapegrad as { readonly compile?: (step: Workload['step']) => Workload['step'] };

export interface StepsOptions {
  /** The workloads to measure, by name. */
  readonly only: readonly string[];
  /** Whether other libraries are measured too, where they are installed. */
  readonly peers: boolean;
}

/** A workload in tapegrad: ms a step, and what the first steps gave. */
interface Own {
  readonly name: string;
  readonly eager: number;
  /** Null without `compile`, and where it gives something else than eager steps do. */
  readonly compiled: number | null;
  readonly checks: readonly number[];
  readonly notes: readonly string[];
}

/** Whole steps: ms in tapegrad and in other libraries, and how many times those of tapegrad's faster way they take. */
export async function stepsTables({ only, peers }: StepsOptions): Promise<Table[]> {
  const own = only.map(measure);
  const shared = only.filter(name => workloads[name].modules !== true);
  const made = (): Record<string, Workload> => Object.fromEntries(shared.map(name => [name, workloads[name].make()]));
  const reports = peers && areInstalled() ? await runPeers(made()) : [];
  const missing = 'Other libraries stand beside these figures after `npm ci` in tests/bench/peers.';
  const times: Table = {
    title: 'Steps: ms',
    columns: ['workload', 'eager', ...(compile ? ['compiled'] : []), ...reports.map(([name]) => name)],
    rows: own.map(row => [
      workloads[row.name].title,
      row.eager,
      ...(compile ? [row.compiled] : []),
      ...reports.map(([, report]) => msOf(report, row)),
    ]),
    notes: [
      ...own.flatMap(({ notes }) => notes),
      ...reports.flatMap(([name, report]) => [`${name}: ${report.about}`, ...complaints(name, report, own)]),
      ...(peers && reports.length === 0 ? [missing] : []),
    ],
  };
  if (reports.length === 0) return [times];
  const ratios: Table = {
    title: `Steps: how many times the time of ${compile ? 'the faster of tapegrad’s two' : 'tapegrad'}`,
    columns: ['workload', ...reports.map(([name]) => name)],
    rows: own
      .filter(({ name }) => shared.includes(name))
      .map(row => [workloads[row.name].title, ...reports.map(([, report]) => ratioOf(report, row))]),
  };
  return [times, ratios];
}

/** Eager and compiled steps in turn, each on a model of its own. */
function measure(name: string): Own {
  const run = eager(workloads[name].make());
  const checks = firstChecks(run);
  const ms = (us: number): number => us / 1000;
  const options = { warmUp: 500, budget: 1500 };
  const other = compile === undefined ? undefined : compiledSteps(name, compile, checks);
  if (typeof other !== 'function') {
    const times = compare({ run }, options);
    return { name, eager: ms(times.run), compiled: null, checks, notes: other === undefined ? [] : [other] };
  }
  const times = compare({ run, other }, options);
  return { name, eager: ms(times.run), compiled: ms(times.other), checks, notes: [] };
}

/** The compiled step, to be called again and again, or what is wrong with it. */
function compiledSteps(
  name: string,
  compile: (step: Workload['step']) => Workload['step'],
  expected: readonly number[],
): (() => unknown) | string {
  const workload = workloads[name].make();
  try {
    const run = eager({ ...workload, step: compile(workload.step) });
    const checks = firstChecks(run);
    return agree(checks, expected) ? run : `compiled ${name} gives ${checks}, eager steps give ${expected}`;
  } catch (error) {
    return `compiled ${name} does not run: ${(error as Error).message}`;
  }
}

/** The time of a peer that did the same as tapegrad, or null. */
function msOf({ results }: PeerReport, { name, checks }: Own): number | null {
  const result = results[name];
  return result !== undefined && 'ms' in result && agree(result.checks, checks) ? result.ms : null;
}

function ratioOf(report: PeerReport, row: Own): number | null {
  const ms = msOf(report, row);
  return ms === null ? null : ms / Math.min(row.eager, row.compiled ?? Infinity);
}

/** Why times of a peer do not count. */
function complaints(peer: string, { results }: PeerReport, own: readonly Own[]): string[] {
  return own.flatMap(({ name, checks }) => {
    const result = results[name];
    if (result === undefined) return [];
    if ('error' in result) return [`${peer} ${name} does not run: ${result.error}`];
    return agree(result.checks, checks) ? [] : [`${peer} ${name} gives ${result.checks}, tapegrad gives ${checks}`];
  });
}
