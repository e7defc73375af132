import type { Graph, Operation, Value } from '../graph/graph.ts';

/** Drops the operations whose results nobody reads. */
export function dropDead({ operations, results }: Graph): Graph {
  const needed = new Set<Value>(results.map(({ value }) => value));
  const kept: Operation[] = [];
  for (let i = operations.length - 1; i >= 0; i--) {
    const operation = operations[i];
    if (!needed.has(operation.output)) continue;
    kept.push(operation);
    for (const { value } of operation.inputs) needed.add(value);
  }
  return { operations: kept.reverse(), results };
}
