import { primitives } from '@tapegrad/autograd';
import { type DType, type Shape, sameShape, sizeOf } from '@tapegrad/tensor';
import { type Graph, isWhole, type Operation, Value, type View, wholeOf } from '../graph/graph.ts';
import { overwritesOf } from '../graph/rewrite.ts';

/**
 * Takes operations apart that are one for eager code only, where one pass beats five: their parts fuse with what is around
 * them. softmax(x) = e / sum(e) and logSoftmax(x) = s - log(sum(e)), with s = x - max(x) and e = exp(s), so that
 * exp(logSoftmax(x)), of which the gradient is made, is e / sum(e) again. Sums of squares are sums of what is squared. One id for each row that something is added at,
 * as in the gradient of a cross entropy, becomes a comparison with the positions of the row.
 */
export function expand({ operations, results }: Graph): Graph {
  const softmaxes = new Map<Value, Exponentials>();
  /** What was added at one place of each row of zeros, which is what the row sums up to. */
  const added = new Map<Value, OneHot>();
  const overwrites = overwritesOf(operations);
  return {
    operations: operations.flatMap((operation, i) => {
      const { op, inputs, output } = operation;
      if (output.dtype !== 'float32' || output.size === 0) return [operation];
      if (op === primitives.sumSquares) return sumSquaresOf(operation);
      if (op === primitives.softmax) return softmaxOf(operation);
      if (op === primitives.logSoftmax) {
        const parts = exponentialsOf(operation);
        softmaxes.set(output, parts);
        return logSoftmaxOf(operation, parts);
      }
      const softmax = op === primitives.exp && isWhole(inputs[0]) ? softmaxes.get(inputs[0].value) : undefined;
      if (softmax !== undefined && sameShape(softmax.exponentials.shape, operation.shape))
        return [quotientOf(operation, softmax)];
      if (op === primitives.scatterAdd) {
        const parts = oneHotOf(operation);
        if (parts !== undefined) added.set(output, { source: inputs[2], shape: operation.shape });
        return parts ?? [operation];
      }
      const rows = op === primitives.sum && isWhole(inputs[0]) ? added.get(inputs[0].value) : undefined;
      const isThere = rows !== undefined && (overwrites.get(rows.source.value) ?? i) >= i;
      return isThere ? [sumOfRows(operation, rows)] : [operation];
    }),
    results,
  };
}

/** Zeros with one element of the source in each row. */
interface OneHot {
  readonly source: View;
  readonly shape: Shape;
}

function sumSquaresOf(operation: Operation): Operation[] {
  const [x] = operation.inputs;
  const squares = made(primitives.square, [x], x.shape);
  return [squares, { ...operation, op: primitives.sum, inputs: [viewOf(squares)] }];
}

interface Exponentials {
  readonly parts: readonly Operation[];
  readonly shifted: View;
  readonly exponentials: View;
  readonly sum: View;
}

const quotientOf = (operation: Operation, { exponentials, sum }: Exponentials): Operation => ({
  ...operation,
  op: primitives.div,
  attrs: undefined,
  inputs: [exponentials, sum],
});

function softmaxOf(operation: Operation): Operation[] {
  const parts = exponentialsOf(operation);
  return [...parts.parts, quotientOf(operation, parts)];
}

function logSoftmaxOf(operation: Operation, { parts, shifted, sum }: Exponentials): Operation[] {
  const log = made(primitives.log, [sum], sum.shape);
  return [...parts, log, { ...operation, op: primitives.sub, attrs: undefined, inputs: [shifted, viewOf(log)] }];
}

/** Additions at one id for each row of zeros: source where the position is the id, else 0. */
function oneHotOf({ attrs, inputs, output, shape }: Operation): Operation[] | undefined {
  const { dim } = attrs as { readonly dim: number };
  const [target, ids, source] = inputs;
  const isZero =
    target.value.origin.from === 'constant' && target.value.size === 1 && target.value.origin.data[0] === 0;
  // Ids that are arguments are looked at before the program runs; a comparison would not notice a wrong one.
  const isChecked = ids.value.origin.from === 'input' && ids.value === ids.value.home;
  const isOnePerRow = dim === shape.length - 1 && ids.shape[dim] === 1;
  const fits = shape.every((n, d) => d === dim || ids.shape[d] === n);
  if (!isZero || !isChecked || !isOnePerRow || !fits || !sameShape(ids.shape, source.shape)) return undefined;
  const positions = Int32Array.from({ length: shape[dim] }, (_, i) => i);
  const order = new Value('int32', positions.length, { from: 'constant', data: positions });
  const isHere = made(primitives.eq, [ids, wholeOf(order, [positions.length])], shape, undefined, 'bool');
  return [isHere, { op: primitives.where, attrs: undefined, inputs: [viewOf(isHere), source, target], output, shape }];
}

/** The sums of rows as what was added there. */
function sumOfRows(operation: Operation, { source, shape }: OneHot): Operation {
  const { attrs, inputs } = operation;
  const { dims, keepdim } = attrs as { readonly dims: readonly number[]; readonly keepdim: boolean };
  const last = source.shape.length - 1;
  if (dims.length !== 1 || dims[0] !== last || !sameShape(inputs[0].shape, shape)) return operation;
  const sums = keepdim ? source : { ...source, shape: source.shape.slice(0, -1), strides: source.strides.slice(0, -1) };
  return { ...operation, op: primitives.copy, attrs: undefined, inputs: [sums] };
}

function exponentialsOf({ attrs, inputs: [x], shape }: Operation): Exponentials {
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

const made = (
  op: Operation['op'],
  inputs: readonly View[],
  shape: Shape,
  attrs?: unknown,
  dtype: DType = 'float32',
): Operation => ({
  op,
  attrs,
  inputs,
  output: new Value(dtype, sizeOf(shape), { from: 'operation' }),
  shape,
});

const viewOf = ({ output, shape }: Operation): View => wholeOf(output, shape);
