import type { Graph, Operation, Value, View } from './graph.ts';

/** When the contents of a buffer cease to be this value, by the position of the operation that overwrites them. */
export function overwritesOf(operations: readonly Operation[]): Map<Value, number> {
  const current = new Map<Value, Value>();
  const overwritten = new Map<Value, number>();
  operations.forEach(({ output }, i) => {
    if (!output.replaces) return;
    overwritten.set(current.get(output.home) ?? output.home, i);
    current.set(output.home, output);
  });
  return overwritten;
}

/** All views through which a value is read, by operations and as results. */
export function viewsOf({ operations, results }: Graph): Map<Value, View[]> {
  const views = new Map<Value, View[]>();
  const add = (view: View): void => {
    const list = views.get(view.value);
    if (list === undefined) views.set(view.value, [view]);
    else list.push(view);
  };
  for (const { inputs } of operations) for (const view of inputs) add(view);
  for (const view of results) add(view);
  return views;
}
