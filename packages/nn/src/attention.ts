import { attentionWeights, cat, type Tensor, zeros } from '@tapegrad/autograd';
import { ArgumentError, type Chk, type Generator, type RnnInput, ShapeError, showShape } from '@tapegrad/tensor';
import { checkInput, optionsOf } from './checks.ts';
import { xavierNormal, xavierUniform, zeros as zero } from './init.ts';
import { Linear } from './linear.ts';
import { hidingMask } from './masks.ts';
import { Module } from './module.ts';
import { checkProbability, checkSize, type LayerOptions, layerOptions, parameter } from './options.ts';
import type { Parameter } from './parameter.ts';

/** The options of `MultiheadAttention`. */
export interface MultiheadAttentionOptions<KD extends number = number, VD extends number = number>
  extends LayerOptions {
  /** The features of the keys. Default: those of the queries. */
  readonly kdim?: KD;
  /** The features of the values. Default: those of the queries. */
  readonly vdim?: VD;
  /** The probability of dropout, in training, on the weights; drawn from `generator`. Default 0. */
  readonly dropout?: number;
  /** Whether there are biases. Default true. */
  readonly bias?: boolean;
  /** Whether inputs and output are [batch, time, features] instead of [time, batch, features]. Default false. */
  readonly batchFirst?: boolean;
  /** Whether a learnt key and its value are added behind the others. Default false. */
  readonly addBiasKv?: boolean;
  /** Whether a key and its value of zeros are added behind the others. Default false. */
  readonly addZeroAttn?: boolean;
}

const multiheadNames = [
  'kdim',
  'vdim',
  'dropout',
  'bias',
  'batchFirst',
  'addBiasKv',
  'addZeroAttn',
  ...layerOptions,
] as const;

/** What is hidden from whom, and whether the weights are wanted. */
export interface MultiheadForwardOptions<Need extends boolean = boolean> {
  /** [L, S], or [batch · heads, L, S]: of bool, true where a query may not look; of floats, added to the scores. */
  readonly attnMask?: Tensor | null;
  /** [batch, S], without a batch [S]: of bool, true where a key is hidden from all; of floats, added to the scores. */
  readonly keyPaddingMask?: Tensor | null;
  /** Whether query i sees keys 0..i alone, of those that the masks let it see. Default false. */
  readonly isCausal?: boolean;
  /** Whether the weights are given. Default true. */
  readonly needWeights?: Need;
  /** Whether they are the mean over the heads, [batch, L, S], and not those of each, [batch, heads, L, S]. Default true. */
  readonly averageAttnWeights?: boolean;
}

/**
 * Attention of several heads (Vaswani et al. 2017): concat(head_1, …) W_o + b_o of head_i = softmax(q_i k_i^T / √d) v_i,
 * where q_i, k_i and v_i, of d = dim / heads features, are the i-th blocks of q W_q^T + b_q, k W_k^T + b_k, v W_v^T + b_v.
 *
 * in_proj_weight is W_q, W_k and W_v one below the other, [3 · dim, dim] (with a `kdim` or `vdim` of its own q_proj_weight,
 * k_proj_weight and v_proj_weight), in_proj_bias the three biases, out_proj W_o and b_o. The weights are Xavier-uniform at
 * first, W_o as in `Linear`, the biases zero.
 *
 * A query that the masks hide every key from gets the weights 0, whether they are asked for or not.
 *
 * @example
 * ```ts
 * const attention = new nn.MultiheadAttention(8, 2);
 * const x = randn([5, 3, 8]);
 * const [out, weights] = attention.forward(x, x, x, { isCausal: true }); // [5, 3, 8] and [3, 5, 5]
 * ```
 */
export class MultiheadAttention<
  D extends number = any,
  const KD extends number = D,
  const VD extends number = D,
> extends Module {
  /** The features of queries and output. */
  readonly dim: D;
  /** How many heads they are divided among. */
  readonly heads: number;
  /** The features of the keys. */
  readonly kdim: number;
  /** The features of the values. */
  readonly vdim: number;
  /** The probability of dropout on the weights, in training. */
  readonly dropout: number;
  /** Whether inputs and output are [batch, time, features]. */
  readonly batchFirst: boolean;
  /** Whether a key and its value of zeros are added behind the others. */
  readonly addZeroAttn: boolean;
  /** Where the masks of the dropout come from. */
  readonly generator: Generator | undefined;
  /** [dim, dim], or null where the three are one. */
  q_proj_weight: Parameter | null;
  /** [dim, kdim], or null where the three are one. */
  k_proj_weight: Parameter | null;
  /** [dim, vdim], or null where the three are one. */
  v_proj_weight: Parameter | null;
  /** [3 · dim, dim], or null where the three are apart. */
  in_proj_weight: Parameter | null;
  /** [3 · dim], or null without biases. */
  in_proj_bias: Parameter | null;
  /** [1, 1, dim], or null without a learnt key. */
  bias_k: Parameter | null;
  /** [1, 1, dim], or null without a learnt key. */
  bias_v: Parameter | null;
  /** The linear layer, dim to dim, that mixes the heads. */
  readonly out_proj: Linear<D, D, boolean>;

  /**
   * `dim` features divided among `heads`.
   * @throws ArgumentError for sizes that are no whole numbers from 1, a dim that the heads do not divide, and a
   * dropout outside of [0, 1].
   */
  constructor(dim: D, heads: number, options: MultiheadAttentionOptions<KD, VD> = {}) {
    super();
    const name = 'MultiheadAttention';
    optionsOf(name, options, multiheadNames);
    const { kdim = dim, vdim = dim, dropout = 0, bias = true, batchFirst = false } = options;
    const { addBiasKv = false, addZeroAttn = false } = options;
    checkSize(name, 'dim', dim);
    checkSize(name, 'heads', heads);
    checkSize(name, 'kdim', kdim);
    checkSize(name, 'vdim', vdim);
    checkProbability(name, 'dropout', dropout);
    if (dim % heads !== 0)
      throw new ArgumentError(`${name}: expected dim to be a multiple of heads, got dim ${dim} and ${heads} heads`);
    this.dim = dim;
    this.heads = heads;
    this.kdim = kdim;
    this.vdim = vdim;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    this.generator = options.generator;
    const weight = (rows: number, columns: number): Parameter =>
      xavierUniform(parameter([rows, columns], options), options);
    const together = kdim === dim && vdim === dim;
    this.q_proj_weight = together ? null : weight(dim, dim);
    this.k_proj_weight = together ? null : weight(dim, kdim);
    this.v_proj_weight = together ? null : weight(dim, vdim);
    this.in_proj_weight = together ? weight(3 * dim, dim) : null;
    this.in_proj_bias = bias ? parameter([3 * dim], options) : null;
    this.bias_k = addBiasKv ? xavierNormal(parameter([1, 1, dim], options), options) : null;
    this.bias_v = addBiasKv ? xavierNormal(parameter([1, 1, dim], options), options) : null;
    this.out_proj = new Linear(dim, dim, { bias, dtype: options.dtype, generator: options.generator });
    if (this.out_proj.bias !== null) zero(this.out_proj.bias);
  }

  /**
   * What queries q [L, batch, dim] find at keys k [S, batch, kdim] with values v [S, batch, vdim], [L, batch, dim] (or as
   * `batchFirst` says; or without a batch all of them), and the weights, or null where they are not wanted. Those are
   * [batch, L, S], with one key more for each that the module adds, and behind the dropout.
   *
   * @throws ShapeError where the inputs or the masks do not fit; DTypeError for a mask of integers.
   */
  forward<X extends Tensor, K extends Tensor, V extends Tensor, const Need extends boolean = true>(
    q: Chk<RnnInput<'MultiheadAttention: q', X['shape'], D>, X>,
    k: Chk<RnnInput<'MultiheadAttention: k', K['shape'], KD>, K>,
    v: Chk<RnnInput<'MultiheadAttention: v', V['shape'], VD>, V>,
    options: MultiheadForwardOptions<Need> = {},
  ): [out: Tensor<X['shape']>, weights: Need extends true ? Tensor : null] {
    const given = [q, k, v] as [Tensor, Tensor, Tensor];
    this.checkInputs(given);
    const [queries, keys, values] = this.project(given);
    const { dropout, generator } = this;
    const training = dropout > 0 && this.training;
    const looking = hidingMask(options, queries.shape, keys.shape, this.added, given[0].ndim === 3);
    if (!(options.needWeights ?? true)) {
      const mixed = queries.scaledDotProductAttention(keys, values, { ...looking, dropout, training, generator });
      return [this.join(mixed, given[0]), null as Need extends true ? Tensor : null];
    }
    const weights: Tensor = attentionWeights(queries, keys, looking).dropout(dropout, { training, generator });
    const wanted: Tensor = (options.averageAttnWeights ?? true) ? weights.mean(1) : weights;
    const unbatched: Tensor = given[0].ndim === 3 ? wanted : wanted.squeeze(0);
    return [this.join(weights.matmul(values), given[0]), unbatched as Need extends true ? Tensor : null];
  }

  /** How many keys are added behind those that are given. */
  private get added(): number {
    return Number(this.bias_k !== null) + Number(this.addZeroAttn);
  }

  private checkInputs([q, k, v]: readonly Tensor[]): void {
    const name = 'MultiheadAttention';
    const [time, batch] = this.batchFirst ? [1, 0] : [0, 1];
    const names = this.batchFirst ? ['batch', 'time'] : ['time', 'batch'];
    checkInput(name, q, this.dim, [names, ['time']], 'q');
    const dims = q.ndim === 3 ? [names] : [['time']];
    checkInput(name, k, this.kdim, dims, 'k');
    checkInput(name, v, this.vdim, dims, 'v');
    const shapes = (): string => `got ${[q, k, v].map(x => showShape(x.shape)).join(', ')}`;
    if (q.ndim === 3 && (q.shape[batch] !== k.shape[batch] || q.shape[batch] !== v.shape[batch]))
      throw new ShapeError(`${name}: expected q, k and v of one batch size, ${shapes()}`);
    const along = q.ndim === 3 ? time : 0;
    if (k.shape[along] !== v.shape[along])
      throw new ShapeError(`${name}: expected a value in v for each key in k, ${shapes()}`);
  }

  /** Queries, keys and values of each head, [batch, heads, time, dim / heads], those that are added included. */
  private project([q, k, v]: [Tensor, Tensor, Tensor]): [q: Tensor, k: Tensor, v: Tensor] {
    let [queries, keys, values] = this.multiply(q, k, v);
    if (this.bias_k !== null && this.bias_v !== null) {
      keys = this.append(keys, this.bias_k);
      values = this.append(values, this.bias_v);
    }
    const heads = [queries, keys, values].map(x => this.split(x));
    if (!this.addZeroAttn) return [heads[0], heads[1], heads[2]];
    const [batch, count, , size] = heads[1].shape;
    const none = zeros([batch, count, 1, size], { dtype: keys.dtype });
    return [heads[0], cat([heads[1], none], 2), cat([heads[2], none], 2)];
  }

  /** The inputs times their weights; at once where all of them are the same. */
  private multiply(q: Tensor, k: Tensor, v: Tensor): Tensor[] {
    const { in_proj_weight: weight, in_proj_bias: bias, q_proj_weight, k_proj_weight, v_proj_weight } = this;
    if (weight !== null && q === k && k === v) return (q.linear(weight, bias) as Tensor).chunk(3, -1);
    const weights: readonly (Tensor | null)[] =
      weight === null ? [q_proj_weight, k_proj_weight, v_proj_weight] : (weight as Tensor).chunk(3, 0);
    const biases: readonly Tensor[] | undefined = bias?.chunk(3, 0);
    return [q, k, v].map((x, i): Tensor => x.linear(weights[i]!, biases?.[i]));
  }

  /** One place more, behind the last: `place` is [1, 1, dim]. */
  private append(x: Tensor, place: Tensor): Tensor {
    if (x.ndim === 2) return cat([x, place.select(0, 0)], 0);
    const time = this.batchFirst ? 1 : 0;
    const shape: number[] = [1, 1, this.dim];
    shape[1 - time] = x.shape[1 - time];
    return cat([x, place.expand(shape)], time);
  }

  /** [time, batch, dim] becomes [batch, heads, time, dim / heads]. */
  private split(x: Tensor): Tensor {
    const [a, b]: readonly number[] = x.ndim === 3 ? x.shape : [x.shape[0], 1];
    const parts = x.reshape([a, b, this.heads, this.dim / this.heads]);
    return parts.permute(x.ndim === 3 && this.batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]);
  }

  /** The heads side by side again, in the layout of q, through the last layer. */
  private join(heads: Tensor, q: Tensor): Tensor {
    const order = q.ndim === 3 && this.batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3];
    const mixed: Tensor = heads.permute(order).reshape(q.shape);
    return this.out_proj.forward(mixed);
  }

  override extraRepr(): string {
    const { dim, heads, kdim, vdim, dropout, batchFirst, addZeroAttn } = this;
    return [
      `${dim}, ${heads}`,
      kdim === dim ? '' : `, kdim=${kdim}`,
      vdim === dim ? '' : `, vdim=${vdim}`,
      dropout === 0 ? '' : `, dropout=${dropout}`,
      this.in_proj_bias === null ? ', bias=false' : '',
      batchFirst ? ', batchFirst=true' : '',
      this.bias_k === null ? '' : ', addBiasKv=true',
      addZeroAttn ? ', addZeroAttn=true' : '',
    ].join('');
  }
}
