import { primitives } from '@tapegrad/autograd';
import { type Shape, sizeOf } from '@tapegrad/tensor';
import { type Graph, type Operation, Value, type View, wholeOf } from '../graph/graph.ts';

/**
 * Takes operations apart that are one for eager code only, where one pass beats five: their parts fuse with what is around
 * them. softmax(x) = e / sum(e) and logSoftmax(x) = s - log(sum(e)), with s = x - max(x) and e = exp(s).
 */
export const expand = ({ operations, results }: Graph): Graph => ({
  operations: operations.flatMap(operation => {
    const { op, output, shape } = operation;
    const isSoftmax = op === primitives.softmax;
    if (!isSoftmax && op !== primitives.logSoftmax) return [operation];
    if (output.dtype !== 'float32' || sizeOf(shape) === 0) return [operation];
    return isSoftmax ? softmaxOf(operation) : logSoftmaxOf(operation);
  }),
  results,
});

function softmaxOf(operation: Operation): Operation[] {
  const { parts, exponentials, sum } = exponentialsOf(operation);
  return [...parts, { ...operation, op: primitives.div, attrs: undefined, inputs: [exponentials, sum] }];
}

function logSoftmaxOf(operation: Operation): Operation[] {
  const { parts, shifted, sum } = exponentialsOf(operation);
  const log = made(primitives.log, [sum], sum.shape);
  const inputs = [shifted, viewOf(log)];
  return [...parts, log, { ...operation, op: primitives.sub, attrs: undefined, inputs }];
}

function exponentialsOf({ attrs, inputs: [x], shape }: Operation) {
  const { dim } = attrs as { readonly dim: number };
  const fold = { dims: [dim], keepdim: true };
  const folded = shape.map((n, d) => (d === dim ? 1 : n));
  const largest = made(primitives.amax, [x], folded, fold);
  const shifted = made(primitives.sub, [x, viewOf(largest)], shape);
  const exponentials = made(primitives.exp, [viewOf(shifted)], shape);
  const sum = made(primitives.sum, [viewOf(exponentials)], folded, fold);
  return {
    parts: [largest, shifted, exponentials, sum],
    shifted: viewOf(shifted),
    exponentials: viewOf(exponentials),
    sum: viewOf(sum),
  };
}

const made = (op: Operation['op'], inputs: readonly View[], shape: Shape, attrs?: unknown): Operation => ({
  op,
  attrs,
  inputs,
  output: new Value('float32', sizeOf(shape), { from: 'operation' }),
  shape,
});

const viewOf = ({ output, shape }: Operation): View => wholeOf(output, shape);
