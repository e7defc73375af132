export * from '@tapegrad/autograd/public';
export * from '@tapegrad/compile';
/**
 * Data in batches: vocabularies of characters, windows over sequences, datasets and loaders.
 *
 * A dataset is anything with a `length` and `get(i)`; a {@link data.DataLoader} goes through it in batches, in an order that
 * follows from its seed, and can be saved in the middle of an epoch.
 *
 * @example
 * ```ts
 * const vocabulary = data.Vocabulary.of(text);
 * const [inputs, targets] = data.windows(vocabulary.encode(text), 25); // [n, 25] each, views of the ids
 * const loader = new data.DataLoader(new data.TensorDataset(inputs, targets), { batchSize: 32, shuffle: true, seed: 5 });
 * for (const [x, y] of loader) train(x, y);
 * ```
 */
export * as data from '@tapegrad/data';
export * from '@tapegrad/graph';
/**
 * Tensors in files: safetensors, npy and npz.
 *
 * `encode…` and `decode…` work on bytes, in a browser too; `save…` and `load…` take a path, in Node. Files need not be
 * trusted: what is wrong with one is a {@link FormatError} that says where.
 *
 * @example
 * ```ts
 * await io.saveSafetensors('model.safetensors', model.stateDict());
 * model.loadStateDict(await io.loadSafetensors('model.safetensors'));
 * ```
 */
export * as io from '@tapegrad/io';
/**
 * Neural networks: layers, their containers, initialisers, and a summary of what a model is made of.
 *
 * A model is a class that extends {@link nn.Module}: its layers and parameters are its fields, and `forward` says how they
 * are used. Names, defaults, initialisation and the keys of `stateDict()` are PyTorch's. Layers know what they do to a
 * shape, and {@link nn.Sequential} follows it when the program is compiled.
 *
 * @example
 * ```ts
 * class Classifier extends nn.Module {
 *   readonly hidden = new nn.Linear(784, 128);
 *   readonly head = new nn.Linear(128, 10);
 *   forward(x: Tensor) {
 *     return this.head.forward(this.hidden.forward(x).relu()); // [batch, 784] to [batch, 10]
 *   }
 * }
 * ```
 */
export * as nn from '@tapegrad/nn';
/**
 * Optimisers, gradient clipping, and schedules of the learning rate.
 *
 * Any leaf tensor that requires a gradient can be trained. Options and what they do are PyTorch's, and so are parameter
 * groups. What an optimiser or a schedule remembers is a `stateDict()` of tensors, to be saved beside the model's.
 *
 * @example
 * ```ts
 * const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-4 });
 * const schedule = new optim.schedule.CosineAnnealingLR(optimizer, { tMax: epochs });
 * // at each step, behind optimizer.zeroGrad() and loss.backward():
 * optim.clipGradNorm(model.parameters(), 1);
 * optimizer.step();
 * // and after each epoch:
 * schedule.step();
 * ```
 */
export * as optim from '@tapegrad/optim';
export {
  ArgumentError,
  type DType,
  DTypeError,
  FormatError,
  Generator,
  GradError,
  IndexError,
  manualSeed,
  type NamedDim,
  type Shape,
  ShapeError,
  TapegradError,
} from '@tapegrad/tensor';
export { wideSimd } from '@tapegrad/wasm';
