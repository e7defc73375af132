import type { Tensor } from '@tapegrad/autograd';
import type { CellInput, CheckState, Chk, RnnOutput, Sh, Shape } from '@tapegrad/tensor';
import { checkInput, checkState, optionsOf } from './checks.ts';
import { Module } from './module.ts';
import { checkSize, type LayerOptions, layerOptions } from './options.ts';
import type { Parameter } from './parameter.ts';
import {
  elman,
  gru,
  lstm,
  makeWeights,
  type Nonlinearity,
  type Recurrence,
  runCell,
  type State,
  zeroState,
} from './recurrence.ts';

/** The options of `GRUCell` and `LSTMCell`. */
export interface CellOptions extends LayerOptions {
  /** Whether there are biases. Default true. */
  readonly bias?: boolean;
}

/** The dims that may come before the features of an input. */
const cellNames = ['bias', ...layerOptions] as const;
const leading = [['batch'], []];

/** One step of a recurrent network. The weights are uniform in ± 1 / √hidden at first. */
abstract class Cell extends Module {
  /** The features of the input. */
  readonly inputSize: number;
  /** The features of the state. */
  readonly hiddenSize: number;
  /** [gates · hidden, in] */
  weight_ih: Parameter;
  /** [gates · hidden, hidden] */
  weight_hh: Parameter;
  /** [gates · hidden], or null without biases. */
  bias_ih: Parameter | null;
  /** [gates · hidden], or null without biases. */
  bias_hh: Parameter | null;
  private readonly plan: { readonly name: string; readonly kind: Recurrence };

  constructor(name: string, kind: Recurrence, inputSize: number, hiddenSize: number, options: CellOptions) {
    super();
    checkSize(name, 'inputSize', inputSize);
    checkSize(name, 'hiddenSize', hiddenSize);
    this.plan = { name, kind };
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const weights = makeWeights(kind, inputSize, hiddenSize, options.bias ?? true, options);
    [this.weight_ih, this.weight_hh, this.bias_ih, this.bias_hh] = weights;
  }

  /** The next state. */
  protected step(x: Tensor, state: unknown): State {
    const { name, kind } = this.plan;
    checkInput(name, x, this.inputSize, leading);
    const shape: Shape = x.ndim === 2 ? [x.shape[0], this.hiddenSize] : [this.hiddenSize];
    const dims = x.ndim === 2 ? 'batch, hidden' : 'hidden';
    const start =
      state === undefined || state === null
        ? zeroState(kind, shape, this.weight_hh.dtype)
        : checkState(name, state, kind.state, shape, dims);
    return runCell(kind, x, start, [this.weight_ih, this.weight_hh, this.bias_ih, this.bias_hh]);
  }

  /** What stands between the parentheses when the cell is printed. */
  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias_ih === null ? ', bias=false' : ''}`;
  }
}

/** The options of `RNNCell`. */
export interface RNNCellOptions extends CellOptions {
  /** Default 'tanh'. */
  readonly nonlinearity?: Nonlinearity;
}

/** A cell whose state is h alone. */
abstract class HiddenCell<Name extends string, I extends number, H extends number> extends Cell {
  /** The next h, [batch, hidden] for x [batch, in] and [hidden] for x [in]; h is zero when left out. */
  forward<X extends Tensor, S extends Tensor = Tensor>(
    x: Chk<CellInput<Name, X['shape'], I>, X>,
    h?: Chk<CheckState<Name, S['shape'], RnnOutput<X['shape'], H>>, S> | null,
  ): Tensor<Sh<RnnOutput<X['shape'], H>>> {
    return this.step(x as Tensor, h)[0];
  }
}

/**
 * An Elman cell: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu for tanh.
 *
 * weight_ih is [hidden, in], weight_hh [hidden, hidden], bias_ih and bias_hh [hidden].
 */
export class RNNCell<I extends number = any, H extends number = any> extends HiddenCell<'RNNCell', I, H> {
  /** What the state goes through. */
  readonly nonlinearity: Nonlinearity;

  /**
   * A cell from `inputSize` features to a state of `hiddenSize`.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(inputSize: I, hiddenSize: H, options: RNNCellOptions = {}) {
    optionsOf('RNNCell', options, [...cellNames, 'nonlinearity']);
    const { nonlinearity = 'tanh' } = options;
    super('RNNCell', elman('RNNCell', nonlinearity), inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  /** What stands between the parentheses when the cell is printed. */
  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`}`;
  }
}

/**
 * A gated recurrent unit: n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h.
 *
 * The rows of the weights [3 · hidden, …] are the gates r, z and n, in this order.
 */
export class GRUCell<I extends number = any, H extends number = any> extends HiddenCell<'GRUCell', I, H> {
  /**
   * A cell from `inputSize` features to a state of `hiddenSize`.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(inputSize: I, hiddenSize: H, options: CellOptions = {}) {
    optionsOf('GRUCell', options, cellNames);
    super('GRUCell', gru, inputSize, hiddenSize, options);
  }
}

/**
 * A cell of long short-term memory: c' = f c + i g, h' = o tanh(c').
 *
 * The rows of the weights [4 · hidden, …] are the gates i, f, g and o, in this order.
 */
export class LSTMCell<I extends number = any, H extends number = any> extends Cell {
  /**
   * A cell from `inputSize` features to a state of `hiddenSize`.
   * @throws ArgumentError for a size that is no whole number from 1.
   */
  constructor(inputSize: I, hiddenSize: H, options: CellOptions = {}) {
    optionsOf('LSTMCell', options, cellNames);
    super('LSTMCell', lstm, inputSize, hiddenSize, options);
  }

  /** The next [h, c], each [batch, hidden] for x [batch, in] and [hidden] for x [in]; both are zero when left out. */
  forward<X extends Tensor, S extends Tensor = Tensor, C extends Tensor = Tensor>(
    x: Chk<CellInput<'LSTMCell', X['shape'], I>, X>,
    state?:
      | readonly [
          h: Chk<CheckState<'LSTMCell', S['shape'], RnnOutput<X['shape'], H>>, S>,
          c: Chk<CheckState<'LSTMCell', C['shape'], RnnOutput<X['shape'], H>>, C>,
        ]
      | null,
  ): [h: Tensor<Sh<RnnOutput<X['shape'], H>>>, c: Tensor<Sh<RnnOutput<X['shape'], H>>>] {
    const [h, c] = this.step(x as Tensor, state);
    return [h, c];
  }
}
