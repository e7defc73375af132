import type { Computed } from '@tapegrad/autograd';
import { binaryLoop, copyInto, copyOf, matmulInto, type NdArray, runBinary } from '@tapegrad/tensor';
import { isWhole, type Operation, type Value, type View, wholeOf } from './graph.ts';

// The operations that only a compiler has. Like all others they have a kernel in JavaScript, which is what they mean.

const unused: Pick<Computed<any>, 'gradients' | 'keeps'> = { gradients: [], keeps: [] };

/** Where in a buffer: a view without its value. */
export type Place = Omit<View, 'value'>;

const placedIn = (array: NdArray, { shape, strides, offset }: Place): NdArray => array.view(shape, strides, offset);

/** The source, read out first where it lies in the buffer that is written. */
const apart = (source: NdArray, out: NdArray): NdArray => (source.base === out.base ? copyOf(source) : source);

/** The first input, of whatever dtype, as the output's. */
export const write: Computed<undefined> = {
  ...unused,
  name: 'write',
  shape: ([source]) => source.shape,
  kernel: (out, [source]) => copyInto(out, apart(source, out)),
};

/** The first input with the second one written at a place of it. */
export const writePart: Computed<Place> = {
  ...unused,
  name: 'writePart',
  shape: ([buffer]) => buffer.shape,
  inPlace: true,
  kernel: (out, [buffer, source], place) => {
    const from = apart(source, out);
    if (out !== buffer) copyInto(out, buffer);
    copyInto(placedIn(out, place), from);
  },
};

/** The value that a buffer has after `source`, which broadcasts to the place, was written there. */
export function overwrite(buffer: Value, place: Place, source: View, next: Value): Operation {
  const target: View = { ...place, value: buffer };
  const rest = { output: next, shape: place.shape };
  return isWhole(target)
    ? { op: write, attrs: undefined, inputs: [source], ...rest }
    : {
        op: writePart,
        attrs: place,
        inputs: [wholeOf(buffer, [buffer.size]), source],
        output: next,
        shape: [buffer.size],
      };
}

/** The first input with the second one added at a place of it. */
export const addPart: Computed<Place> = {
  ...unused,
  name: 'addPart',
  shape: ([buffer]) => buffer.shape,
  inPlace: true,
  kernel: (out, [buffer, source], place) => {
    const from = apart(source, out);
    if (out !== buffer) copyInto(out, buffer);
    const target = placedIn(out, place);
    const sum = copyOf(target);
    runBinary(binaryLoop('add', out.dtype), sum, target, from);
    copyInto(target, sum);
  },
};

/** A buffer of whatever was there before, for others to write to, part by part. */
export const empty: Computed<undefined> = {
  ...unused,
  name: 'empty',
  shape: () => [],
  kernel: () => {},
};

/** The sum of the products of its inputs, two by two: a1 b1 + a2 b2 + …, all of one shape. */
export const products: Computed<undefined> = {
  ...unused,
  name: 'products',
  shape: ([a, b]) => [...a.shape.slice(0, -1), b.shape[b.ndim - 1]],
  kernel: (out, inputs) => {
    matmulInto(out, inputs[0], inputs[1]);
    for (let i = 2; i < inputs.length; i += 2) {
      const product = copyOf(out);
      matmulInto(product, inputs[i], inputs[i + 1]);
      for (let k = 0; k < out.size; k++) out.buffer[out.offset + k] += product.buffer[k];
    }
  },
};

/** A matrix [K, N] made ready for products that share it; in JavaScript that is a copy, row by row. */
export const pack: Computed<undefined> = {
  ...unused,
  name: 'pack',
  shape: ([b]) => b.shape,
  kernel: (out, [b]) => copyInto(out.base.view(b.shape, undefined, 0), b),
};

export interface PackedAttrs {
  readonly K: number;
  readonly N: number;
}

/** a b for a b [K, N] that was packed. */
export const packedProduct: Computed<PackedAttrs> = {
  ...unused,
  name: 'packedProduct',
  shape: ([a], { N }) => [a.shape[0], N],
  kernel: (out, [a, b], { K, N }) => matmulInto(out, a, b.base.view([K, N], undefined, 0)),
};
