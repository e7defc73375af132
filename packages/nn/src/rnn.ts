import type { Tensor } from '@tapegrad/autograd';
import type { AnySizes, CheckState, Chk, Mul, RnnInput, RnnOutput, RnnState, Sh, Shape } from '@tapegrad/tensor';
import { optionsOf } from './checks.ts';
import { elman, gru, lstm, type Nonlinearity } from './recurrence.ts';
import { Recurrent, type RecurrentOptions, recurrentOptions } from './recurrent.ts';

/** N · 2 where `Both` directions run; `number` where that is not known. */
type Doubled<N extends number, Both extends boolean> = 0 extends 1 & N
  ? number
  : boolean extends Both
    ? number
    : Both extends true
      ? Mul<N, 2>
      : N;

/** The shape of each part of the state that goes with the input X. */
type StateOf<
  X extends Shape,
  H extends number,
  Layers extends number,
  Both extends boolean,
  First extends boolean,
> = boolean extends First
  ? RnnState<AnySizes<X>, Doubled<Layers, Both>, H>
  : RnnState<X, Doubled<Layers, Both>, H, First>;

/** A recurrent layer whose state is h alone. */
abstract class HiddenRecurrent<
  Name extends string,
  I extends number,
  H extends number,
  Layers extends number,
  Both extends boolean,
  First extends boolean,
> extends Recurrent {
  /**
   * The outputs h of the last layer at every step, and the last h of every layer, [layers · directions, batch, hidden].
   * x is [time, batch, in] (or as `batchFirst` says), or [time, in], and then nothing has a batch. h is zero at first when
   * left out.
   */
  forward<X extends Tensor, S extends Tensor = Tensor>(
    x: Chk<RnnInput<Name, X['shape'], I>, X>,
    h?: Chk<CheckState<Name, S['shape'], StateOf<X['shape'], H, Layers, Both, First>>, S> | null,
  ): [
    outputs: Tensor<Sh<RnnOutput<X['shape'], Doubled<H, Both>>>>,
    h: Tensor<Sh<StateOf<X['shape'], H, Layers, Both, First>>>,
  ] {
    const [outputs, [last]] = this.run(x as Tensor, h);
    return [outputs, last];
  }
}

/** The options of `RNN`. */
export interface RNNOptions<
  Layers extends number = number,
  Both extends boolean = boolean,
  First extends boolean = boolean,
> extends RecurrentOptions<Layers, Both, First> {
  /** Default 'tanh'. */
  readonly nonlinearity?: Nonlinearity;
}

/**
 * Elman's network (1990): h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), or relu for tanh.
 *
 * x is [time, batch, in]; the outputs are [time, batch, hidden], the last state is [layers · directions, batch, hidden].
 * Parameters are named and laid out as in PyTorch: `weight_ih_l0` [hidden, in], `weight_hh_l0` [hidden, hidden],
 * `bias_ih_l0` and `bias_hh_l0` [hidden].
 *
 * @example
 * ```ts
 * const rnn = new nn.RNN(3, 4, { numLayers: 2 });
 * const [outputs, h] = rnn.forward(randn([5, 8, 3])); // [5, 8, 4] and [2, 8, 4]
 * const [more] = rnn.forward(randn([5, 8, 3]), h); // goes on from there
 * ```
 */
export class RNN<
  I extends number = any,
  H extends number = any,
  const Layers extends number = 1,
  const Both extends boolean = false,
  const First extends boolean = false,
> extends HiddenRecurrent<'RNN', I, H, Layers, Both, First> {
  /** What the state goes through at each step. */
  readonly nonlinearity: Nonlinearity;

  /**
   * Layers from `inputSize` features to a state of `hiddenSize`.
   * @throws ArgumentError for a size that is no whole number from 1, and a dropout outside of [0, 1].
   */
  constructor(inputSize: I, hiddenSize: H, options: RNNOptions<Layers, Both, First> = {}) {
    optionsOf('RNN', options, [...recurrentOptions, 'nonlinearity']);
    const { nonlinearity = 'tanh' } = options;
    super('RNN', elman('RNN', nonlinearity), inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  /** What stands between the parentheses when the layer is printed. */
  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`}`;
  }
}

/**
 * Gated recurrent units (Cho et al. 2014), in PyTorch's form:
 *
 *     r = σ(W_ir x + b_ir + W_hr h + b_hr)
 *     z = σ(W_iz x + b_iz + W_hz h + b_hz)
 *     n = tanh(W_in x + b_in + r (W_hn h + b_hn))
 *     h' = (1 - z) n + z h
 *
 * The rows of the weights [3 · hidden, …] are the gates r, z and n, in this order. Shapes are as in `RNN`.
 */
export class GRU<
  I extends number = any,
  H extends number = any,
  const Layers extends number = 1,
  const Both extends boolean = false,
  const First extends boolean = false,
> extends HiddenRecurrent<'GRU', I, H, Layers, Both, First> {
  /**
   * Layers from `inputSize` features to a state of `hiddenSize`.
   * @throws ArgumentError for a size that is no whole number from 1, and a dropout outside of [0, 1].
   */
  constructor(inputSize: I, hiddenSize: H, options: RecurrentOptions<Layers, Both, First> = {}) {
    optionsOf('GRU', options, recurrentOptions);
    super('GRU', gru, inputSize, hiddenSize, options);
  }
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
 *
 *     i, f, o = σ(W_i· x + b_i· + W_h· h + b_h·), for each gate its own weights
 *     g = tanh(W_ig x + b_ig + W_hg h + b_hg)
 *     c' = f c + i g
 *     h' = o tanh(c')
 *
 * The rows of the weights [4 · hidden, …] are the gates i, f, g and o, in this order. Shapes are as in `RNN`; the state is
 * [h, c].
 *
 * @example
 * ```ts
 * const lstm = new nn.LSTM(3, 4, { numLayers: 2 });
 * let [outputs, [h, c]] = lstm.forward(randn([5, 8, 3])); // [5, 8, 4]; h and c are [2, 8, 4]
 * [outputs, [h, c]] = lstm.forward(randn([5, 8, 3]), [h.detach(), c.detach()]); // goes on, but no gradient goes back
 * ```
 */
export class LSTM<
  I extends number = any,
  H extends number = any,
  const Layers extends number = 1,
  const Both extends boolean = false,
  const First extends boolean = false,
> extends Recurrent {
  /**
   * Layers from `inputSize` features to a state of `hiddenSize`.
   * @throws ArgumentError for a size that is no whole number from 1, and a dropout outside of [0, 1].
   */
  constructor(inputSize: I, hiddenSize: H, options: RecurrentOptions<Layers, Both, First> = {}) {
    optionsOf('LSTM', options, recurrentOptions);
    super('LSTM', lstm, inputSize, hiddenSize, options);
  }

  /**
   * The outputs h of the last layer at every step, and the last [h, c] of every layer, [layers · directions, batch,
   * hidden] each. x is [time, batch, in] (or as `batchFirst` says), or [time, in], and then nothing has a batch. h and c
   * are zero at first when left out.
   */
  forward<X extends Tensor, S extends Tensor = Tensor, C extends Tensor = Tensor>(
    x: Chk<RnnInput<'LSTM', X['shape'], I>, X>,
    state?:
      | readonly [
          h: Chk<CheckState<'LSTM', S['shape'], StateOf<X['shape'], H, Layers, Both, First>>, S>,
          c: Chk<CheckState<'LSTM', C['shape'], StateOf<X['shape'], H, Layers, Both, First>>, C>,
        ]
      | null,
  ): [
    outputs: Tensor<Sh<RnnOutput<X['shape'], Doubled<H, Both>>>>,
    state: [
      h: Tensor<Sh<StateOf<X['shape'], H, Layers, Both, First>>>,
      c: Tensor<Sh<StateOf<X['shape'], H, Layers, Both, First>>>,
    ],
  ] {
    const [outputs, [h, c]] = this.run(x as Tensor, state);
    return [outputs, [h, c]];
  }
}
