import type { Operation, Value } from '../graph/graph.ts';
import { mayRefuse } from '../lower/kinds.ts';

/**
 * What has to be done before each operation: what makes its inputs, and, where it overwrites a buffer, what still reads or
 * writes the older contents. What outlives the call is overwritten only when all that may be refused before it has been looked
 * at: an error must find nothing changed.
 */
export function dependenciesOf(operations: readonly Operation[]): Map<Operation, Operation[]> {
  const makers = new Map<Value, Operation>();
  /** By the home of a buffer that is overwritten: its last writer, and who has read it since. */
  const users = new Map<Value, Operation[]>();
  /** Those that may refuse what they get. */
  const refusing: Operation[] = [];
  const dependencies = new Map<Operation, Operation[]>();
  for (const operation of operations) {
    const before = new Set<Operation>();
    for (const { value } of operation.inputs) {
      const maker = makers.get(value);
      if (maker !== undefined) before.add(maker);
    }
    const { output } = operation;
    if (output.replaces) for (const user of users.get(output.home) ?? []) before.add(user);
    if (output.replaces && output.home.origin.from !== 'operation') for (const other of refusing) before.add(other);
    dependencies.set(operation, [...before]);
    if (mayRefuse(operation)) refusing.push(operation);
    makers.set(output, operation);
    for (const { value } of operation.inputs) {
      const list = users.get(value.home);
      if (list === undefined) users.set(value.home, [operation]);
      else list.push(operation);
    }
    if (output.replaces) users.set(output.home, [operation]);
  }
  return dependencies;
}
