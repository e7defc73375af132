import type { Operation, Value } from '../graph/graph.ts';

/**
 * What has to be done before each operation: what makes its inputs, and, where it overwrites a buffer, what still reads or
 * writes the older contents.
 */
export function dependenciesOf(operations: readonly Operation[]): Map<Operation, Operation[]> {
  const makers = new Map<Value, Operation>();
  /** By the home of a buffer that is overwritten: its last writer, and who has read it since. */
  const users = new Map<Value, Operation[]>();
  const dependencies = new Map<Operation, Operation[]>();
  for (const operation of operations) {
    const before = new Set<Operation>();
    for (const { value } of operation.inputs) {
      const maker = makers.get(value);
      if (maker !== undefined) before.add(maker);
    }
    const { output } = operation;
    if (output.replaces) for (const user of users.get(output.home) ?? []) before.add(user);
    dependencies.set(operation, [...before]);
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
