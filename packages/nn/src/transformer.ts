import type { Tensor } from '@tapegrad/autograd';
import { ArgumentError, type Chk, type Fn, type In, type RnnInput } from '@tapegrad/tensor';
import { MultiheadAttention } from './attention.ts';
import { kindOf, optionsOf } from './checks.ts';
import { ModuleList } from './containers.ts';
import { Dropout } from './dropout.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { LayerNorm } from './norm.ts';
import { checkSize, type LayerOptions, layerOptions } from './options.ts';

/** What comes between the two linear layers. */
export type TransformerActivation = 'relu' | 'gelu' | ((x: Tensor) => Tensor);

/** The options of `TransformerEncoderLayer`. */
export interface TransformerEncoderLayerOptions extends LayerOptions {
  /** The features between the two linear layers. Default 2048. */
  readonly dimFeedforward?: number;
  /** The probability of dropout, in training: on the weights, between the linear layers, and on what is added. Default 0.1. */
  readonly dropout?: number;
  /** Default 'relu'. */
  readonly activation?: TransformerActivation;
  /** Added to the variance in the norms. Default 1e-5. */
  readonly layerNormEps?: number;
  /** Whether the norms come before attention and linear layers, and not after what is added. Default false. */
  readonly normFirst?: boolean;
  /** Whether input and output are [batch, time, features] instead of [time, batch, features]. Default false. */
  readonly batchFirst?: boolean;
  /** Whether there are biases. Default true. */
  readonly bias?: boolean;
}

/** What is hidden from whom in an encoder layer. */
export interface EncoderLayerForwardOptions {
  /** [time, time], or [batch · heads, time, time]: of bool, true where a place may not look; of floats, added to the scores. */
  readonly srcMask?: Tensor | null;
  /** [batch, time], without a batch [time]: of bool, true at places that are hidden from all; of floats, added. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Whether no place sees those after it, whatever else the masks hide. Default false. */
  readonly isCausal?: boolean;
}

/** What is hidden from whom in an encoder. */
export interface EncoderForwardOptions {
  /** As `srcMask` of a layer. */
  readonly mask?: Tensor | null;
  /** As that of a layer. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** As that of a layer. */
  readonly isCausal?: boolean;
}

interface EncoderFn<Name extends string, D extends number> extends Fn {
  out: RnnInput<Name, In<this>, D>;
}

const encoderNames = [
  'dimFeedforward',
  'dropout',
  'activation',
  'layerNormEps',
  'normFirst',
  'batchFirst',
  'bias',
  ...layerOptions,
] as const;

const relu = (x: Tensor): Tensor => x.relu();
const gelu = (x: Tensor): Tensor => x.gelu();

function activationOf(activation: unknown): (x: Tensor) => Tensor {
  if (activation === 'relu') return relu;
  if (activation === 'gelu') return gelu;
  if (typeof activation === 'function') return activation as (x: Tensor) => Tensor;
  const got = typeof activation === 'string' ? JSON.stringify(activation) : kindOf(activation);
  throw new ArgumentError(
    `TransformerEncoderLayer: expected activation to be 'relu', 'gelu' or a function, got ${got}`,
  );
}

/**
 * Self-attention and two linear layers with an activation between them, each added to what went in (Vaswani et al. 2017):
 *
 *     x = norm1(x + dropout1(attention(x)))
 *     x = norm2(x + dropout2(linear2(dropout(activation(linear1(x))))))
 *
 * or with `normFirst` (Xiong et al. 2020) x + dropout1(attention(norm1(x))), and the second alike. The shape stays, [time,
 * batch, dim], or as `batchFirst` says, or [time, dim].
 */
export class TransformerEncoderLayer<D extends number = any> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': EncoderFn<'TransformerEncoderLayer', D>;
  /** Whether the norms come first. */
  readonly normFirst: boolean;
  /** What stands between the linear layers. */
  readonly activation: (x: Tensor) => Tensor;
  /** The attention of every place to all. */
  readonly self_attn: MultiheadAttention<D>;
  /** From dim features to dimFeedforward. */
  readonly linear1: Linear<D, number, boolean>;
  /** Dropout between the linear layers. */
  readonly dropout: Dropout;
  /** From dimFeedforward features back to dim. */
  readonly linear2: Linear<number, D, boolean>;
  /** The norm of the attention. */
  readonly norm1: LayerNorm;
  /** The norm of the linear layers. */
  readonly norm2: LayerNorm;
  /** Dropout on what the attention adds. */
  readonly dropout1: Dropout;
  /** Dropout on what the linear layers add. */
  readonly dropout2: Dropout;

  /**
   * `dim` features, whose attention has `heads` heads.
   * @throws ArgumentError for sizes that are no whole numbers from 1, a dim that the heads do not divide, and a
   * dropout outside of [0, 1].
   */
  constructor(dim: D, heads: number, options: TransformerEncoderLayerOptions = {}) {
    super();
    optionsOf('TransformerEncoderLayer', options, encoderNames);
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps = 1e-5 } = options;
    const { normFirst = false, batchFirst = false, bias = true, dtype, generator } = options;
    const made = { bias, dtype, generator };
    this.normFirst = normFirst;
    this.activation = activationOf(activation);
    this.self_attn = new MultiheadAttention(dim, heads, { ...made, dropout, batchFirst });
    this.linear1 = new Linear(dim, dimFeedforward, made);
    this.dropout = new Dropout(dropout, { generator });
    this.linear2 = new Linear(dimFeedforward, dim, made);
    this.norm1 = new LayerNorm(dim, { bias, dtype, eps: layerNormEps });
    this.norm2 = new LayerNorm(dim, { bias, dtype, eps: layerNormEps });
    this.dropout1 = new Dropout(dropout, { generator });
    this.dropout2 = new Dropout(dropout, { generator });
  }

  forward<X extends Tensor>(
    x: Chk<RnnInput<'TransformerEncoderLayer', X['shape'], D>, X>,
    options: EncoderLayerForwardOptions = {},
  ): Tensor<X['shape']> {
    const input: Tensor = x as Tensor;
    const norm1 = (y: Tensor): Tensor => this.norm1.forward(y);
    const norm2 = (y: Tensor): Tensor => this.norm2.forward(y);
    if (this.normFirst) {
      const attended: Tensor = input.add(this.attend(norm1(input), options));
      return attended.add(this.feedForward(norm2(attended)));
    }
    const attended: Tensor = norm1(input.add(this.attend(input, options)));
    return norm2(attended.add(this.feedForward(attended)));
  }

  private attend(x: Tensor, { srcMask, srcKeyPaddingMask, isCausal }: EncoderLayerForwardOptions): Tensor {
    const [found] = this.self_attn.forward(x, x, x, {
      attnMask: srcMask,
      keyPaddingMask: srcKeyPaddingMask,
      isCausal,
      needWeights: false,
    });
    return this.dropout1.forward(found);
  }

  private feedForward(x: Tensor): Tensor {
    const inner: Tensor = this.activation(this.linear1.forward(x));
    return this.dropout2.forward(this.linear2.forward(this.dropout.forward(inner)));
  }

  override extraRepr(): string {
    return this.normFirst ? 'normFirst=true' : '';
  }
}

/**
 * `n` layers on top of each other, made by copying one (`clone`), so that all start from its numbers, and a `norm` behind
 * the last, where one is given.
 *
 * @example
 * ```ts
 * const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 32 });
 * const encoder = new nn.TransformerEncoder(layer, 3, { norm: new nn.LayerNorm(8) });
 * encoder.forward(randn([5, 4, 8])); // [5, 4, 8]
 * ```
 */
export class TransformerEncoder<D extends number = any> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': EncoderFn<'TransformerEncoder', D>;
  /** The layers, in order. */
  readonly layers: ModuleList<TransformerEncoderLayer<D>[]>;
  /** What follows the last layer, if anything. */
  readonly norm: Module | null;

  /**
   * `n` copies of `layer`, with the numbers that it has, and `norm` behind them.
   * @throws ArgumentError for what is no module, and an n that is no whole number.
   */
  constructor(layer: TransformerEncoderLayer<D>, n: number, options: { readonly norm?: Module | null } = {}) {
    super();
    optionsOf('TransformerEncoder', options, ['norm']);
    const { norm = null } = options;
    checkModule('layer', layer);
    if (norm !== null) checkModule('norm', norm);
    checkSize('TransformerEncoder', 'n', n, 0);
    this.layers = new ModuleList(Array.from({ length: n }, () => layer.clone()));
    this.norm = norm;
  }

  forward<X extends Tensor>(
    x: Chk<RnnInput<'TransformerEncoder', X['shape'], D>, X>,
    { mask, srcKeyPaddingMask, isCausal }: EncoderForwardOptions = {},
  ): Tensor<X['shape']> {
    let y: Tensor = x as Tensor;
    for (const layer of this.layers) y = layer.forward(y, { srcMask: mask, srcKeyPaddingMask, isCausal });
    return this.norm === null ? y : this.norm.forward(y);
  }
}

function checkModule(argument: string, value: unknown): void {
  if (!(value instanceof Module))
    throw new ArgumentError(`TransformerEncoder: expected ${argument} to be a Module, got ${kindOf(value)}`);
}
