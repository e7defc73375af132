import { stack, type Tensor, zeros } from '@tapegrad/autograd';
import { ArgumentError, type DType, type Shape } from '@tapegrad/tensor';
import { uniform } from './init.ts';
import { type LayerOptions, parameter } from './options.ts';
import type { Parameter } from './parameter.ts';

/** What a cell remembers from step to step: h, and c where there is one. */
export type State = readonly Tensor[];

/**
 * A kind of recurrent cell: what its weights and its state look like, and one step in time. Cells run one step, layers
 * a loop over it; neither has any gradient code.
 */
export interface Recurrence {
  /** Blocks of `hidden` rows in the weights, one for each gate. */
  readonly gates: number;
  /** What the state consists of. */
  readonly state: readonly string[];
  /** Whether b_hh may be added to the projected input, once for all steps. */
  readonly joinsBiases: boolean;
  /**
   * The next state, from the projected input W_ih x + b_ih [batch, gates · hidden] (with b_hh where biases are joined),
   * the state [batch, hidden], W_hh^T [hidden, gates · hidden] and b_hh (null where joined).
   */
  readonly step: (x: Tensor, state: State, weight: Tensor, bias: Tensor | null) => State;
}

/** What an Elman cell's sum goes through. */
export type Nonlinearity = 'tanh' | 'relu';

/** h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu for tanh; Elman 1990. */
export function elman(layer: string, nonlinearity: Nonlinearity): Recurrence {
  if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
    throw new ArgumentError(
      `${layer}: expected nonlinearity to be 'tanh' or 'relu', got ${JSON.stringify(nonlinearity)}`,
    );
  return {
    gates: 1,
    state: ['h'],
    joinsBiases: true,
    step: (x, [h], weight) => {
      const sum: Tensor = h.matmul(weight).add(x);
      return [nonlinearity === 'tanh' ? sum.tanh() : sum.relu()];
    },
  };
}

/**
 * i, f, o = sigmoid and g = tanh of the blocks of W_ih x + b_ih + W_hh h + b_hh, which are in the order i f g o;
 * c' = f c + i g, h' = o tanh(c'). Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.
 */
export const lstm: Recurrence = {
  gates: 4,
  state: ['h', 'c'],
  joinsBiases: true,
  step: (x, [h, c], weight) => {
    const sum: Tensor = h.matmul(weight).add(x);
    const [i, f, g, o] = sum.chunk(4, -1);
    const next: Tensor = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    return [o.sigmoid().mul(next.tanh()), next];
  },
};

/**
 * r, z = sigmoid of the first two blocks of W_ih x + b_ih + W_hh h + b_hh, which are in the order r z n;
 * n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h. Cho et al. 2014, with the reset gate applied to the
 * product, as in cuDNN.
 */
export const gru: Recurrence = {
  gates: 3,
  state: ['h'],
  joinsBiases: false,
  step: (x, [h], weight, bias) => {
    const product: Tensor = h.matmul(weight);
    const hidden: Tensor = bias === null ? product : product.add(bias);
    const [xr, xz, xn] = x.chunk(3, -1);
    const [hr, hz, hn] = hidden.chunk(3, -1);
    const n: Tensor = hr.add(xr).sigmoid().mul(hn).add(xn).tanh();
    return [hz.add(xz).sigmoid().mul(h.sub(n)).add(n)];
  },
};

/** W_ih [gates · hidden, in], W_hh [gates · hidden, hidden], b_ih and b_hh [gates · hidden], in PyTorch's order. */
export type Weights<T = Tensor> = readonly [weightIh: T, weightHh: T, biasIh: T | null, biasHh: T | null];

/** Weights uniform in ± 1 / √hidden. */
export function makeWeights(
  { gates }: Recurrence,
  inputSize: number,
  hiddenSize: number,
  hasBias: boolean,
  options: LayerOptions,
): Weights<Parameter> {
  const rows = gates * hiddenSize;
  const bound = 1 / Math.sqrt(hiddenSize);
  const make = (shape: Shape): Parameter => uniform(parameter(shape, options), -bound, bound, options);
  return [
    make([rows, inputSize]),
    make([rows, hiddenSize]),
    hasBias ? make([rows]) : null,
    hasBias ? make([rows]) : null,
  ];
}

/** The state before the first step, where none is given. */
export function zeroState({ state }: Recurrence, shape: Shape, dtype: DType): State {
  const zero = zeros(shape, { dtype });
  return state.map(() => zero);
}

/** The input of all steps at once, W_ih x + b: x [..., in] becomes [..., gates · hidden]. */
function project({ joinsBiases }: Recurrence, x: Tensor, [weightIh, , biasIh, biasHh]: Weights): Tensor {
  return x.linear(weightIh, joinsBiases && biasIh !== null && biasHh !== null ? biasIh.add(biasHh) : biasIh);
}

/** One step: x [batch, in] or [in]. */
export function runCell(kind: Recurrence, x: Tensor, state: State, weights: Weights): State {
  const [, weightHh, , biasHh] = weights;
  return kind.step(project(kind, x, weights), state, weightHh.t(), kind.joinsBiases ? null : biasHh);
}

/**
 * Steps through time, the first dim of x [time, batch, in]; from the end when `reverse`. Gives the h of every step, in the
 * order of x, and the last state.
 */
export function runLayer(
  kind: Recurrence,
  x: Tensor,
  start: State,
  weights: Weights,
  reverse: boolean,
): [outputs: Tensor, state: State] {
  const [, weightHh, , biasHh] = weights;
  const [time, batch] = x.shape;
  const inputs = project(kind, x.flatten(0, 1), weights).split(new Array<number>(time).fill(batch), 0);
  const weight = weightHh.t();
  const bias = kind.joinsBiases ? null : biasHh;
  const outputs = new Array<Tensor>(time);
  let state = start;
  for (let i = 0; i < time; i++) {
    const t = reverse ? time - 1 - i : i;
    state = kind.step(inputs[t], state, weight, bias);
    outputs[t] = state[0];
  }
  return [stack(outputs), state];
}
