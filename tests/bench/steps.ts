import { compile } from 'tapegrad';
import { compare } from './measure.ts';
import { agree, eager, firstChecks, type Workload } from './models/workload.ts';
import { areInstalled, type PeerReport, runPeers } from './peers.ts';
import type { Table } from './table.ts';
import { workloads } from './workloads.ts';

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
  /** Null where it gives something else than eager steps do. */
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
    columns: ['workload', 'eager', 'compiled', ...reports.map(([name]) => name)],
    rows: own.map(row => [
      workloads[row.name].title,
      row.eager,
      row.compiled,
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
    title: 'Steps in other libraries: how many times the time of tapegrad, eager or compiled, whichever is faster',
    columns: ['workload', ...reports.map(([name]) => name)],
    rows: own
      .filter(({ name }) => shared.includes(name))
      .map(row => [workloads[row.name].title, ...reports.map(([, report]) => ratioOf(report, row))]),
  };
  return [times, ratios];
}

/** Eager steps, then compiled ones, each on a model of its own. */
function measure(name: string): Own {
  const run = eager(workloads[name].make());
  const checks = firstChecks(run);
  const compiled = compiledSteps(name, checks);
  const failed = typeof compiled === 'string';
  return { name, eager: time(run), compiled: failed ? null : time(compiled), checks, notes: failed ? [compiled] : [] };
}

/** Median ms. */
const time = (run: () => unknown): number => compare({ run }, { warmUp: 500, budget: 1500 }).run / 1000;

/** The compiled step, to be called again and again, or what is wrong with it. */
function compiledSteps(name: string, expected: readonly number[]): (() => unknown) | string {
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
