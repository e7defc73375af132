import { NdArray, sameShape, type TypedArray } from '@tapegrad/tensor';
import { type Graph, type Operation, Value, type View } from '../graph/graph.ts';

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

/** Whether all elements are one number. */
export function isUniform(data: TypedArray): boolean {
  const first = data[0];
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return false;
  return true;
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
  const data = emptyData(output);
  op.kernel(new NdArray(output.dtype, shape, data), arrays, attrs);
  return constant(output, data);
}

function arrayOf({ value, shape, strides, offset }: View): NdArray | undefined {
  const { origin } = value;
  if (origin.from !== 'constant') return undefined;
  return new NdArray(value.dtype, [value.size], origin.data).view(shape, strides, offset);
}

function emptyData({ dtype, size }: Value): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(size);
    case 'float64':
      return new Float64Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'bool':
      return new Uint8Array(size);
  }
}
