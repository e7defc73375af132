import { type Tensor, tensor } from '@tapegrad/autograd';
import fc from 'fast-check';

/** The bytes of the elements of a tensor. */
export const bytesOf = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Tensors of every dtype, 0-d and empty ones too, of random bits: among them are all kinds of NaN, infinity and -0. */
export const anyTensor = fc
  .record({
    dtype: fc.constantFrom('float32', 'float64', 'int32', 'bool'),
    shape: fc.array(fc.nat(4), { maxLength: 4 }),
  })
  .chain(({ dtype, shape }) => {
    const size = shape.reduce((n, m) => n * m, 1);
    return fc.uint8Array({ minLength: 8 * size, maxLength: 8 * size }).map(bytes => {
      const { buffer } = bytes.slice();
      if (dtype === 'float32') return tensor(new Float32Array(buffer, 0, size), { shape });
      if (dtype === 'float64') return tensor(new Float64Array(buffer, 0, size), { shape });
      if (dtype === 'int32') return tensor(new Int32Array(buffer, 0, size), { shape });
      return tensor(bytes.slice(0, size), { shape, dtype: 'bool' });
    });
  });

/** Any text, and some that have a meaning elsewhere. */
export const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'weight_ih_l0', '0.bias', '7'),
);
