import { stack, Tensor } from '@tapegrad/autograd';
import {
  ArgumentError,
  IndexError,
  type IndexSelect,
  type Select,
  type Sh,
  ShapeError,
  showShape,
} from '@tapegrad/tensor';

/** One example: a tensor, or a tuple of them such as an input and its target. */
export type Example = Tensor | readonly Tensor[];

/** Anything with a length and examples 0 … length - 1. */
export interface Dataset<E extends Example = Example> {
  /** The number of examples. */
  readonly length: number;
  /** Example `i`, of the same shapes for every i if they are to be stacked. */
  get(i: number): E;
  /** The examples `ids` (int32, [n]) stacked along a new first dim: a faster way than `get`, for those who have one. */
  batch?(ids: Tensor<[number]>): Example;
}

/** Examples stacked along a new first dim, tensor by tensor. */
export type Stacked<E extends Example> = E extends Tensor
  ? StackedTensor<E>
  : { -readonly [K in keyof E]: E[K] extends Tensor ? StackedTensor<E[K]> : never };

type StackedTensor<X extends Tensor> = 0 extends 1 & X['shape'] ? Tensor : Tensor<[number, ...X['shape']]>;

/** What a loader gives for a dataset: the result of its `batch`, else its examples stacked. */
export type BatchOf<D extends Dataset> = D extends { batch(ids: Tensor<[number]>): infer B }
  ? B
  : D extends { get(i: number): infer E extends Example }
    ? Stacked<E>
    : never;

/**
 * Tensors of the same first dim; example i is position i of each.
 *
 * @example
 * const [inputs, targets] = windows(vocabulary.encode(text), 25);
 * for (const [x, y] of new DataLoader(new TensorDataset(inputs, targets), { batchSize: 32, shuffle: true, seed: 5 })) …
 */
export class TensorDataset<L extends readonly Tensor[]> {
  /** The tensors, whose first dim counts the examples. */
  readonly tensors: L;
  /** The number of examples: the first dim of every tensor. */
  readonly length: number;

  /** @throws ShapeError when the tensors have no first dim, or not the same; ArgumentError without any. */
  constructor(...tensors: L) {
    if (tensors.length === 0) throw new ArgumentError('TensorDataset: expected at least one tensor, got none');
    for (const [i, x] of tensors.entries()) {
      if (!(x instanceof Tensor))
        throw new ArgumentError(`TensorDataset: expected argument ${i} to be a tensor, got ${typeof x}`);
      if (x.ndim === 0 || x.shape[0] !== tensors[0].shape[0])
        throw new ShapeError(
          'TensorDataset: expected tensors of the same first dim, got shapes ' +
            tensors.map(t => showShape(t.shape)).join(', '),
        );
    }
    this.tensors = tensors;
    this.length = tensors[0].shape[0];
  }

  /** Example `i`: that position of every tensor. */
  get(i: number): { -readonly [K in keyof L]: Tensor<Sh<Select<L[K]['shape'], 0>>> } {
    if (!Number.isInteger(i) || i < 0 || i >= this.length)
      throw new IndexError(`get: expected an example in 0..${this.length - 1}, got ${i}`);
    return this.#each(x => x.select(0, i));
  }

  /** The examples `ids` (int32, [n]), repeats and all: one `indexSelect` along dim 0 per tensor. */
  batch<I extends Tensor>(ids: I): { -readonly [K in keyof L]: Tensor<Sh<IndexSelect<L[K]['shape'], 0, I['shape']>>> } {
    const list: Tensor = ids;
    return this.#each(x => x.indexSelect(0, list));
  }

  /** A tuple has a tensor for each tensor, which the compiler cannot follow through `map`. */
  #each<R>(pick: (x: Tensor) => Tensor): R {
    return this.tensors.map(pick) as R;
  }
}

/** Examples as a batch: each tensor stacked along a new first dim. */
export function stackExamples(examples: readonly Example[]): Example {
  const first = examples[0];
  if (first instanceof Tensor) return stack(examples.map(tensorOf));
  if (!Array.isArray(first)) throw notExample(first);
  return first.map((_, k) =>
    stack(
      examples.map((example, i) => {
        if (!Array.isArray(example) || example.length !== first.length)
          throw new ArgumentError(
            `DataLoader: expected examples of ${first.length} tensors like the first of the batch, ` +
              `got another at place ${i} of it`,
          );
        return tensorOf(example[k]);
      }),
    ),
  );
}

function tensorOf(x: unknown): Tensor {
  if (!(x instanceof Tensor)) throw notExample(x);
  return x;
}

const notExample = (x: unknown): ArgumentError =>
  new ArgumentError(
    `DataLoader: expected get(i) to return a tensor or a tuple of tensors, got ${x === null ? 'null' : typeof x}`,
  );
