import type { Graph, Operation, Value, View } from '../graph/graph.ts';

/** Computes what several operations compute in the same way only once. */
export function shareCommon({ operations, results }: Graph): Graph {
  const known = new Map<string, Value>();
  const shared = new Map<Value, Value>();
  const numbers = new Map<object, number>();
  const numberOf = (thing: object): number => {
    const known = numbers.get(thing);
    if (known !== undefined) return known;
    numbers.set(thing, numbers.size);
    return numbers.size - 1;
  };
  const now = (view: View): View => {
    const value = shared.get(view.value);
    return value === undefined ? view : { ...view, value };
  };
  const viewKey = ({ value, shape, strides, offset }: View): string =>
    `${numberOf(constantKeyed(value))}:${shape.join()}:${strides.join()}:${offset}`;
  // Constants of one number are one, wherever it was written.
  const scalars = new Map<string, Value>();
  const constantKeyed = (value: Value): Value => {
    const { origin, dtype } = value;
    if (origin.from !== 'constant' || value.size !== 1) return value;
    const key = `${dtype} ${Object.is(origin.data[0], -0) ? '-0' : origin.data[0]}`;
    const first = scalars.get(key) ?? value;
    scalars.set(key, first);
    return first;
  };

  const kept: Operation[] = [];
  for (const operation of operations) {
    const { op, attrs, output, shape } = operation;
    const inputs = operation.inputs.map(now);
    const changed = { ...operation, inputs };
    if (output.replaces || !('kernel' in op)) {
      kept.push(changed);
      continue;
    }
    const key = [numberOf(op), JSON.stringify(attrs), output.dtype, shape.join(), ...inputs.map(viewKey)].join(' ');
    const same = known.get(key);
    if (same !== undefined) shared.set(output, same);
    else {
      known.set(key, output);
      kept.push(changed);
    }
  }
  return { operations: kept, results: results.map(now) };
}
