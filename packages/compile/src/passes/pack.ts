import { primitives } from '@tapegrad/autograd';
import { packedBytes, worthPacking } from '../emit/products.ts';
import { type Graph, type Operation, Value, type View, wholeOf } from '../graph/graph.ts';
import { pack, packedProduct } from '../graph/operations.ts';

/**
 * Packs a right factor that several large products share once for all of them: the recurrent weight, which is used at
 * every time step.
 */
export function packShared({ operations, results }: Graph): Graph {
  const uses = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (!isCandidate(operation)) continue;
    const key = keyOf(operation.inputs[1]);
    const list = uses.get(key);
    if (list === undefined) uses.set(key, [operation]);
    else list.push(operation);
  }
  const packed = new Map<string, View>();
  return {
    operations: operations.flatMap(operation => {
      const key = isCandidate(operation) ? keyOf(operation.inputs[1]) : undefined;
      if (key === undefined || uses.get(key)!.length < 2) return [operation];
      const [a, b] = operation.inputs;
      const [K, N] = b.shape;
      const known = packed.get(key);
      const before: Operation[] = [];
      let view = known;
      if (view === undefined) {
        const size = packedBytes(K, N) / 4;
        const output = new Value('float32', size, { from: 'operation' });
        before.push({ op: pack, attrs: undefined, inputs: [b], output, shape: [size] });
        view = wholeOf(output, [size]);
        packed.set(key, view);
      }
      return [...before, { ...operation, op: packedProduct, attrs: { K, N }, inputs: [a, view] }];
    }),
    results,
  };
}

function isCandidate({ op, inputs, output, shape }: Operation): boolean {
  if (op !== primitives.matmul || output.dtype !== 'float32' || shape.length !== 2) return false;
  const [M, N] = shape;
  return worthPacking(M, N, inputs[0].shape[1], 4 * inputs[1].strides[1]);
}

const keyOf = ({ value, shape, strides, offset }: View): string => [value.id, shape, strides, offset].join(':');
