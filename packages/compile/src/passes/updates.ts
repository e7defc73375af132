import { primitives } from '@tapegrad/autograd';
import { rowMajorStrides, type Shape } from '@tapegrad/tensor';
import { type Graph, isWhole, type Operation, Value, type View, wholeOf } from '../graph/graph.ts';
import { addPart, empty, type Place, write, writePart } from '../graph/operations.ts';

/**
 * Lets operations that change a part of their first input do that in its buffer: gradients that are added up slice by slice,
 * rows that are added by id. Where somebody still needs the old contents, or they are a constant, a copy is changed
 * instead. Tensors that are joined become parts that are written into one buffer, each where it is made.
 */
export function updateInPlace({ operations, results }: Graph): Graph {
  const next: Operation[] = [];
  const replaced = new Map<Value, Value>();
  const now = (view: View): View => ({ ...view, value: replaced.get(view.value) ?? view.value });
  const lastReads = lastReadsOf(operations, results);

  const change = (buffer: Value, operation: Operation, target: Value): void => {
    const value = new Value(buffer.dtype, buffer.size, { from: 'operation' }, buffer.home);
    next.push({ ...operation, output: value });
    replaced.set(target, value);
  };

  operations.forEach((operation, i) => {
    const { op, attrs, output, shape } = operation;
    const inputs = operation.inputs.map(now);
    if (op === primitives.cat) {
      const { dim, starts, sizes } = attrs as { dim: number; starts: readonly number[]; sizes: readonly number[] };
      let buffer = new Value(output.dtype, output.size, { from: 'operation' });
      next.push({ op: empty, attrs: undefined, inputs: [], output: buffer, shape });
      inputs.forEach((view, k) => {
        const place = sliceOf(shape, dim, starts[k], sizes[k], 1);
        const operation = { op: writePart, attrs: place, inputs: [wholeOf(buffer, shape), view], output, shape };
        change(buffer, operation, output);
        buffer = replaced.get(output)!;
      });
      return;
    }
    if (!updates.has(op) || output.replaces) {
      next.push({ ...operation, inputs });
      return;
    }
    const [target, ...others] = inputs;
    const { value } = target;
    const isFree =
      isWhole(target) &&
      value.home.origin.from === 'operation' &&
      value.dtype === output.dtype &&
      lastReads.get(operation.inputs[0].value) === i &&
      others.every(view => view.value !== value);
    let buffer = value;
    if (!isFree) {
      buffer = new Value(output.dtype, output.size, { from: 'operation' });
      next.push({ op: write, attrs: undefined, inputs: [target], output: buffer, shape: target.shape });
    }
    change(buffer, asPart({ ...operation, inputs: [wholeOf(buffer, target.shape), ...others] }), output);
  });
  return { operations: next, results: results.map(now) };
}

/** Operations whose result is their first input with something done to a part of it. */
const updates: ReadonlySet<object> = new Set([
  primitives.sliceAdd,
  primitives.indexAdd,
  primitives.scatterAdd,
  primitives.scatter,
  writePart,
]);

/** An addition to a slice as an addition at a place. */
function asPart(operation: Operation): Operation {
  if (operation.op !== primitives.sliceAdd) return operation;
  const { dim, start, length, step } = operation.attrs as { dim: number; start: number; length: number; step: number };
  return { ...operation, op: addPart, attrs: sliceOf(operation.shape, dim, start, length, step) };
}

function sliceOf(shape: Shape, dim: number, start: number, length: number, step: number): Place {
  const strides = rowMajorStrides(shape);
  const offset = length === 0 ? 0 : start * strides[dim];
  const sizes = shape.slice();
  sizes[dim] = length;
  strides[dim] *= step;
  return { shape: sizes, strides, offset };
}

/** The position of the last operation that reads each value; results are read after all. */
function lastReadsOf(operations: readonly Operation[], results: readonly View[]): Map<Value, number> {
  const last = new Map<Value, number>();
  operations.forEach(({ inputs }, i) => {
    for (const { value } of inputs) last.set(value, i);
  });
  for (const { value } of results) last.set(value, operations.length);
  return last;
}
