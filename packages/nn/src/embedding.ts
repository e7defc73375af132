import { noGrad, type Tensor, where } from '@tapegrad/autograd';
import { ArgumentError, type Embedding as EmbeddingShape, type Fn, type In, type Sh } from '@tapegrad/tensor';
import { checkTensor, optionsOf } from './checks.ts';
import { normal } from './init.ts';
import { Module } from './module.ts';
import { checkSize, type LayerOptions, layerOptions, parameter } from './options.ts';
import type { Parameter } from './parameter.ts';

interface EmbeddingFn<N extends number, D extends number> extends Fn {
  out: EmbeddingShape<In<this>, [N, D]>;
}

/** The options of `Embedding`. */
export interface EmbeddingOptions extends LayerOptions {
  /** The id whose row is zeros at first and gets no gradient; negative counts from the end. Default: none. */
  readonly paddingIdx?: number;
}

/**
 * A table with a row of `dim` numbers for each of n ids: int32 ids [...] become [..., dim].
 *
 * weight is [n, dim], standard normal at first.
 *
 * @example
 * ```ts
 * const table = new nn.Embedding(96, 32);
 * table.forward(tensor([[5, 0, 7]], { dtype: 'int32' })).shape; // [1, 3, 32]
 * ```
 */
export class Embedding<N extends number = any, D extends number = any> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': EmbeddingFn<N, D>;
  /** The number of rows, and of ids. */
  readonly numEmbeddings: N;
  /** The size of a row. */
  readonly embeddingDim: D;
  /** The id that is padding, counted from the start; null for none. */
  readonly paddingIdx: number | null;
  /** [n, dim] */
  weight: Parameter<[N, D]>;

  /**
   * A table of `numEmbeddings` rows of `embeddingDim`.
   * @throws ArgumentError for a size that is no whole number from 1, and a paddingIdx that is no id.
   */
  constructor(numEmbeddings: N, embeddingDim: D, options: EmbeddingOptions = {}) {
    super();
    optionsOf('Embedding', options, ['paddingIdx', ...layerOptions]);
    checkSize('Embedding', 'numEmbeddings', numEmbeddings);
    checkSize('Embedding', 'embeddingDim', embeddingDim);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingOf(options.paddingIdx, numEmbeddings);
    this.weight = normal(parameter([numEmbeddings, embeddingDim], options), 0, 1, options);
    const weight: Tensor = this.weight;
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => weight.detach().select(0, paddingIdx).assign(0));
  }

  /** @throws IndexError for an id that is not in 0..n-1, DTypeError for ids that are not int32. */
  forward<X extends Tensor>(ids: X): Tensor<Sh<EmbeddingShape<X['shape'], [N, D]>>> {
    checkTensor('Embedding', ids);
    const given: Tensor = ids;
    const weight: Tensor = this.weight;
    const rows: Tensor = given.embedding(weight);
    if (this.paddingIdx === null) return rows;
    return where(given.eq(this.paddingIdx).unsqueeze(-1), rows.detach(), rows);
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === null ? '' : `, paddingIdx=${this.paddingIdx}`;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`;
  }
}

function paddingOf(id: number | undefined, n: number): number | null {
  if (id === undefined) return null;
  const place = id < 0 ? id + n : id;
  if (!Number.isInteger(place) || place < 0 || place >= n)
    throw new ArgumentError(`Embedding: expected paddingIdx in -${n}..${n - 1}, got ${id}`);
  return place;
}
