import { primitives } from '@tapegrad/autograd';
import { sameShape } from '@tapegrad/tensor';
import { type Graph, isWhole, type Operation, type Value, type View } from '../graph/graph.ts';
import { products } from '../graph/operations.ts';
import { overwritesOf, viewsOf } from '../graph/rewrite.ts';

/**
 * Makes one operation of a sum of products, a1 b1 + a2 b2 + …, as the gradient of a weight that is used at every time step
 * is: their inner dims go through the kernel as one. The time steps' products, which are many and short, run as fast as one
 * that is long.
 */
export function joinProducts(graph: Graph): Graph {
  const views = viewsOf(graph);
  const overwrites = overwritesOf(graph.operations);
  const sums = new Map<Value, Operation>();
  const joined = new Set<Operation>();
  const operations = graph.operations.map((operation, i) => {
    if (isProduct(operation)) {
      sums.set(operation.output, operation);
      return operation;
    }
    if (operation.op !== primitives.add || operation.output.replaces) return operation;
    const terms = operation.inputs.map(view => {
      const term = sums.get(view.value);
      const isOwn = term !== undefined && isWhole(view) && sameShape(view.shape, operation.shape);
      return isOwn && views.get(view.value)!.length === 1 ? term : undefined;
    });
    if (!terms.every(term => term !== undefined) || terms[0] === terms[1]) return operation;
    const { shape } = terms[0];
    if (!sameShape(shape, terms[1].shape)) return operation;
    const inputs = terms.flatMap(term => term.inputs);
    if (inputs.some(({ value }) => (overwrites.get(value) ?? i) < i)) return operation;
    const sum: Operation = { ...operation, op: products, attrs: undefined, inputs, shape };
    for (const term of terms) joined.add(term);
    sums.set(sum.output, sum);
    return sum;
  });
  return { operations: operations.filter(operation => !joined.has(operation)), results: graph.results };
}

const isProduct = ({ op, output }: Operation): boolean =>
  (op === primitives.matmul || op === products) && output.dtype === 'float32';

/** Computes the transpose of a product where only that is read: (a b)^T = b^T a^T. */
export function transposeProducts(graph: Graph): Graph {
  const views = viewsOf(graph);
  /** The rows of the products as they were, of those that are computed transposed. */
  const transposed = new Map<Value, number>();
  const operations = graph.operations.map(operation => {
    const { inputs, output, shape } = operation;
    const readers = views.get(output) ?? [];
    const isRead = readers.length > 0 && readers.every(view => isTransposeOf(shape, view));
    if (!isProduct(operation) || shape.length !== 2 || !isRead) return operation;
    transposed.set(output, shape[0]);
    const swapped: View[] = [];
    for (let i = 0; i < inputs.length; i += 2) swapped.push(flipped(inputs[i + 1]), flipped(inputs[i]));
    return { ...operation, inputs: swapped, shape: [shape[1], shape[0]] };
  });
  // The views are transposes, or those turned back where the reader is transposed, too: rows follow each other now.
  const now = (view: View): View => {
    const rows = transposed.get(view.value);
    return rows === undefined ? view : { ...view, strides: view.strides.map(step => (step === 1 ? rows : 1)) };
  };
  return {
    operations: operations.map(operation => ({ ...operation, inputs: operation.inputs.map(now) })),
    results: graph.results.map(now),
  };
}

const isTransposeOf = ([rows, columns]: readonly number[], { shape, strides, offset }: View): boolean =>
  offset === 0 && sameShape(shape, [columns, rows]) && sameShape(strides, [1, columns]) && rows > 1 && columns > 1;

const flipped = (view: View): View => ({
  ...view,
  shape: [view.shape[1], view.shape[0]],
  strides: [view.strides[1], view.strides[0]],
});
