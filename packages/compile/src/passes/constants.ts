import { emptyArray, NdArray, sameShape, type TypedArray } from '@tapegrad/tensor';
import { type Graph, isUniform, type Operation, Value, type View } from '../graph/graph.ts';

/** Larger results are rather computed at every call than kept. */
const mostElements = 65_536;

/**
 * Computes beforehand what depends on constants alone; and takes an array of one number everywhere for that number, which
 * becomes part of the code.
 */
export function foldConstants({ operations, results }: Graph): Graph {
  const known = new Map<Value, Value>();
  const scalars = new Map<Value, Value>();
  const now = (view: View): View => simplified({ ...view, value: known.get(view.value) ?? view.value }, scalars);
  const kept: Operation[] = [];
  for (const operation of operations) {
    const inputs = operation.inputs.map(now);
    const folded = fold({ ...operation, inputs });
    if (folded === undefined) kept.push({ ...operation, inputs });
    else known.set(operation.output, folded);
  }
  return { operations: kept, results: results.map(view => ({ ...view, value: known.get(view.value) ?? view.value })) };
}

/** A view of an array that holds one number everywhere as that number, repeated. */
function simplified(view: View, scalars: Map<Value, Value>): View {
  const { value, shape } = view;
  const { origin } = value;
  if (origin.from !== 'constant') return view;
  if (value.size > 1 && !scalars.has(value)) {
    const { data } = origin;
    if (!isUniform(data)) return view;
    scalars.set(value, constant(value, data.slice(0, 1)));
  }
  const scalar = value.size === 1 ? value : scalars.get(value);
  return scalar === undefined ? view : { value: scalar, shape, strides: shape.map(() => 0), offset: 0 };
}

const constant = ({ dtype }: Value, data: TypedArray): Value =>
  new Value(dtype, data.length, { from: 'constant', data });

/** The result of an operation on constants; undefined where it is none, or where it reads nothing. */
function fold({ op, attrs, inputs, output, shape }: Operation): Value | undefined {
  if (!('kernel' in op) || inputs.length === 0 || output.replaces || output.size > mostElements) return undefined;
  const arrays = inputs.map(arrayOf);
  if (!arrays.every(array => array !== undefined)) return undefined;
  // What would throw throws when the program runs.
  try {
    if (!sameShape(op.shape(arrays, attrs), shape)) return undefined;
  } catch {
    return undefined;
  }
  const result = emptyArray(shape, output.dtype);
  op.kernel(result, arrays, attrs);
  return constant(output, result.buffer);
}

function arrayOf({ value, shape, strides, offset }: View): NdArray | undefined {
  const { origin } = value;
  if (origin.from !== 'constant') return undefined;
  return new NdArray(value.dtype, [value.size], origin.data).view(shape, strides, offset);
}
