import { Tensor } from '@tapegrad/autograd';
import { ArgumentError, defaultGenerator, FormatError, Generator, NdArray } from '@tapegrad/tensor';
import { type BatchOf, type Dataset, type Example, stackExamples } from './dataset.ts';

/** The options of `DataLoader`. */
export interface DataLoaderOptions {
  /** The number of examples in a batch; the last one may have fewer. Default 1. */
  readonly batchSize?: number;
  /** Whether each epoch goes through the examples in a random order of its own. Default false. */
  readonly shuffle?: boolean;
  /** Whether to leave out a last batch that is not full. Default false. */
  readonly dropLast?: boolean;
  /** What the orders follow from. Default: drawn once from `generator`. */
  readonly seed?: number | string;
  /** Where the seed is drawn from if none is given. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/** Where a loader stands, as plain JSON: the next batch is number `batch` of epoch `epoch`, both from 0. */
export interface LoaderState {
  /** What the orders follow from; null where nothing is shuffled. */
  readonly seed: number | string | null;
  /** The epoch of the next batch. */
  readonly epoch: number;
  /** Its number within the epoch. */
  readonly batch: number;
}

/**
 * The examples of a dataset in batches: an iterable whose every iteration is one epoch.
 *
 * The order of epoch e is a function of the seed and e alone: loaders do not disturb each other, and an iteration that
 * is broken off changes nothing for the next, which is epoch e + 1 in its order. To resume a run, save `state()`, in the
 * middle of an epoch too, and pass it to `loadState` of a loader with the same dataset and options.
 *
 * @example
 * for (const [x, y] of new DataLoader(new TensorDataset(inputs, targets), { batchSize: 32, shuffle: true, seed: 5 })) …
 */
export class DataLoader<D extends Dataset> {
  /** The examples. */
  readonly dataset: D;
  /** The number of examples in a batch. */
  readonly batchSize: number;
  /** Whether each epoch has an order of its own. */
  readonly shuffle: boolean;
  /** Whether a last batch that is not full is left out. */
  readonly dropLast: boolean;
  #seed: number | string | null;
  /** Where the next iteration begins. */
  #next = { epoch: 0, batch: 0 };
  /** Where the iteration stands that began last; null when it has ended. */
  #current: { epoch: number; batch: number } | null = null;

  /** @throws ArgumentError for a batch size that is no whole number from 1, and for both a seed and a generator. */
  constructor(dataset: D, options: DataLoaderOptions = {}) {
    const { batchSize = 1, shuffle = false, dropLast = false, seed, generator } = options;
    if (typeof dataset?.get !== 'function' || !isCount(dataset.length))
      throw new ArgumentError('DataLoader: expected a dataset with a length and get(i)');
    if (!isCount(batchSize) || batchSize === 0)
      throw new ArgumentError(`DataLoader: expected a batchSize that is a whole number from 1, got ${batchSize}`);
    if (seed !== undefined && generator !== undefined)
      throw new ArgumentError('DataLoader: expected a seed or a generator, got both');
    if (seed !== undefined) new Generator(seed); // throws for what is no seed
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.#seed = seed ?? (shuffle ? (generator ?? defaultGenerator()).integer(0, Number.MAX_SAFE_INTEGER) : null);
  }

  /** The number of batches in an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** The number of the epoch under way or, between two, of the next one; from 0. */
  get epoch(): number {
    return this.state().epoch;
  }

  /** The batches of the next epoch. */
  *[Symbol.iterator](): IterableIterator<BatchOf<D>> {
    const at = { ...this.#next };
    this.#next = { epoch: at.epoch + 1, batch: 0 };
    this.#current = at;
    try {
      const { dataset, batchSize, length: batches } = this;
      const order = this.#order(at.epoch, dataset.length);
      while (at.batch < batches) {
        const start = at.batch++ * batchSize;
        yield batchOf(dataset, order.slice(start, start + batchSize));
      }
    } finally {
      if (this.#current === at) this.#current = null;
    }
  }

  /** What `loadState` continues from: inside of a loop the batch that comes next, else the start of the next epoch. */
  state(): LoaderState {
    const { epoch, batch } = this.#current ?? this.#next;
    return { seed: this.#seed, epoch, batch };
  }

  /**
   * Lets the next iteration begin where `state()` of another loader stood, in the same order.
   *
   * @throws FormatError, and no change, for anything that `state()` does not give for this number of batches.
   */
  loadState(state: LoaderState): this {
    const { seed, epoch, batch }: { [key: string]: unknown } = Object(state);
    if (seed !== null && typeof seed !== 'string' && !Number.isFinite(seed))
      throw new FormatError(
        `loadState: expected a seed that is a finite number, a string or null, got ${String(seed)}`,
      );
    if (seed === null && this.shuffle)
      throw new FormatError('loadState: expected the state of a loader that shuffles, got one without a seed');
    if (!isCount(epoch) || !isCount(batch))
      throw new FormatError(
        `loadState: expected epoch and batch to be whole numbers from 0, got ${String(epoch)} and ${String(batch)}`,
      );
    if (batch > this.length)
      throw new FormatError(`loadState: expected a batch within the ${this.length} of an epoch, got ${batch}`);
    this.#seed = seed as number | string | null;
    this.#next = { epoch, batch };
    this.#current = null;
    return this;
  }

  #order(epoch: number, n: number): Int32Array {
    if (this.shuffle) return new Generator(`${this.#seed}, epoch ${epoch}`).permutation(n);
    return Int32Array.from({ length: n }, (_, i) => i);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function batchOf<D extends Dataset>(dataset: D, ids: Int32Array): BatchOf<D> {
  const batch: Example =
    dataset.batch === undefined
      ? stackExamples(Array.from(ids, i => dataset.get(i)))
      : dataset.batch(new Tensor(new NdArray('int32', [ids.length], ids)));
  return batch as BatchOf<D>;
}
