import type { Value } from '../graph/graph.ts';
import { changesPart, isCostly } from '../lower/kinds.ts';
import { type Access, type Group, isPerRow, type Member, sameAccess, sameWalk } from './group.ts';

/**
 * When the members of a group are computed. A row is gone through once for every fold that something else in the row
 * waits for: softmax takes three phases, one for the maximum, one for the sum, one for the result.
 */
export interface Phases {
  readonly count: number;
  /** By member: the pass through the row in which it is computed, or after which, for what is one for each row; -1 is before all. */
  readonly of: readonly number[];
  /** By member: whether it is one for each row instead of one for each element. */
  readonly perRow: readonly boolean[];
  /** The members that go to memory: for others, or for a later phase that would have to compute too much again. */
  readonly stored: ReadonlySet<number>;
}

export function phasesOf(group: Group, isNeeded: (value: Value) => boolean): Phases {
  const { members } = group;
  const perRow = members.map(member => isPerRow(group, member));
  const of: number[] = [];
  members.forEach(({ sources, role }, i) => {
    // What is computed between the rows, or folds what is, comes right after the phase that it waits for.
    const between = perRow[i] && role === 'elementwise';
    let phase = between ? -1 : 0;
    for (const source of sources) {
      if (source.from !== 'member') continue;
      const waits = perRow[source.index] && !between && role !== 'end';
      phase = Math.max(phase, of[source.index] + (waits ? 1 : 0));
    }
    of.push(phase);
  });
  const stored = new Set<number>();
  members.forEach(({ operation }, i) => {
    if (isNeeded(operation.output)) stored.add(i);
  });
  keepForLater(members, of, perRow, stored);
  return { count: Math.max(0, ...of) + 1, of, perRow, stored };
}

/** As many cheap operations as are rather done again than stored and loaded. */
const mostRepeated = 6;

/** Stores what a later phase needs and should not compute again. */
function keepForLater(
  members: readonly Member[],
  of: readonly number[],
  perRow: readonly boolean[],
  stored: Set<number>,
): void {
  const cost = (index: number, phase: number): number => {
    if (perRow[index] || stored.has(index)) return 0;
    if (isCostly(members[index].operation)) return Infinity;
    return members[index].sources.reduce(
      (sum, source) => sum + (source.from === 'member' ? cost(source.index, phase) : 0),
      1,
    );
  };
  members.forEach(({ sources }, i) => {
    for (const source of sources)
      if (source.from === 'member' && !perRow[source.index] && of[source.index] < of[i])
        if (cost(source.index, of[i]) > mostRepeated) stored.add(source.index);
  });
}

/** The values that a group needs to be in memory: what it reads, and what it changes a part of. */
export const readsOf = (group: Group): Value[] => [
  ...new Set([
    ...group.reads.map(({ value }) => value),
    ...group.members.flatMap(({ operation: { op, inputs } }) => (changesPart(op) ? [inputs[0].value] : [])),
  ]),
];

/**
 * Pairs of an output and an input whose memory it may take over: both are walked through in the same way, once, so that
 * each element is read before it is written.
 */
export function reusesOf(group: Group, { count, stored, perRow }: Phases): [written: Value, read: Value][] {
  if (count > 1) return [];
  const accesses = group.reads;
  return [...stored].flatMap(index => {
    const { output, role } = group.members[index];
    if (role !== 'elementwise' || perRow[index] || output.value.replaces) return [];
    return accesses
      .filter(
        access =>
          sameMemory(access, output) &&
          accesses.every(other => other.value !== access.value || sameAccess(other, access)),
      )
      .map((access): [Value, Value] => [output.value, access.value]);
  });
}

/** Whether two accesses come by the same places of buffers of one kind and size. */
const sameMemory = (a: Access, b: Access): boolean =>
  a.value.size === b.value.size && a.value.dtype === b.value.dtype && sameWalk(a, b);
