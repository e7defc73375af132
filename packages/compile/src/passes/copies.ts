import { primitives } from '@tapegrad/autograd';
import { rowMajorStrides, sameShape } from '@tapegrad/tensor';
import type { Graph, Operation, Value, View } from '../graph/graph.ts';
import { overwritesOf } from '../graph/rewrite.ts';

/**
 * Reads the original instead of a copy of it, in the order of dims that the reader wants: so a product of matrices takes a
 * transposed matrix as it lies.
 */
export function readThroughCopies({ operations, results }: Graph): Graph {
  const copies = new Map<Value, Operation>();
  const overwrites = overwritesOf(operations);
  const changed = operations.map((operation, i) => {
    const through = (view: View): View => {
      const copy = copies.get(view.value);
      if (copy === undefined) return view;
      const [source] = copy.inputs;
      if ((overwrites.get(source.value) ?? i) < i) return view;
      return composed(source, copy.shape, view) ?? view;
    };
    const next = { ...operation, inputs: operation.inputs.map(through) };
    if (operation.op === primitives.copy) copies.set(operation.output, next);
    return next;
  });
  return { operations: changed, results };
}

/** The view of a source that shows what `view` shows of its row-major copy, where that is the same dims in any order. */
function composed(source: View, shape: readonly number[], view: View): View | undefined {
  if (view.offset !== 0) return undefined;
  const steps = rowMajorStrides(shape);
  const dims = view.shape.map((n, d) => steps.findIndex((step, k) => step === view.strides[d] && shape[k] === n));
  const isWhole = dims.every(d => d >= 0) && new Set(dims).size === shape.length && dims.length === shape.length;
  if (
    !isWhole ||
    !sameShape(
      view.shape,
      dims.map(d => shape[d]),
    )
  )
    return undefined;
  return { ...source, shape: view.shape, strides: dims.map(d => source.strides[d]) };
}
