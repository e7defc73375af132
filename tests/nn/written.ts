/** The state dicts that tests/fixtures/safetensors/tapegrad-*.safetensors hold, made anew. */
import { type DType, io, nn, noGrad, type Tensor, tensor } from 'tapegrad';

/** Multiples of 1/16, which every machine makes alike, around `middle`: others for each tensor. */
const numbers = (shape: readonly number[], i: number, dtype: DType = 'float32', middle = 0): Tensor => {
  const size = shape.reduce((n, m) => n * m, 1);
  const data = Float32Array.from({ length: size }, (_, k) => middle + (((7 * k + 5 * i) % 17) - 8) / 16);
  return tensor(data, { shape, dtype });
};

/** The module with such numbers in the place of its own. */
export function filled<M extends nn.Module>(module: M): M {
  noGrad(() => {
    for (const [i, x] of Object.values(module.stateDict()).entries()) x.assign(numbers(x.shape, i));
  });
  return module;
}

/** A long short-term memory of two layers in both directions. */
export const lstm = () => new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true });

/** A layer of a transformer. */
export const transformer = () => new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, activation: 'gelu' });

/** What a small network of convolutions has: a convolution, a norm of batches, and a linear layer at the end. */
export const convnetState: { readonly [name: string]: Tensor } = {
  '0.weight': numbers([4, 1, 3, 3], 0),
  '0.bias': numbers([4], 1),
  '1.weight': numbers([4], 2, 'float32', 1),
  '1.bias': numbers([4], 3),
  '1.running_mean': numbers([4], 4),
  '1.running_var': numbers([4], 5, 'float32', 1),
  '1.num_batches_tracked': tensor(3, { dtype: 'int32' }),
  '5.weight': numbers([5, 64], 6),
  '5.bias': numbers([5], 7),
};

/** The bytes of each file, by its name. */
export const written: { readonly [name: string]: () => Uint8Array } = {
  lstm: () => io.encodeSafetensors(filled(lstm()).stateDict()),
  transformer: () => io.encodeSafetensors(filled(transformer()).stateDict()),
  convnet: () => io.encodeSafetensors(convnetState),
};
