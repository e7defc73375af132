import { cat, stack, type Tensor } from '@tapegrad/autograd';
import { type Generator, type Shape, ShapeError, showShape } from '@tapegrad/tensor';
import { checkInput, checkState } from './checks.ts';
import { Module } from './module.ts';
import { checkProbability, checkSize, type LayerOptions, layerOptions } from './options.ts';
import type { Parameter } from './parameter.ts';
import { makeWeights, type Recurrence, runLayer, type State, type Weights, zeroState } from './recurrence.ts';

/** The options of `RNN`, `GRU` and `LSTM`. */
export interface RecurrentOptions<
  Layers extends number = number,
  Both extends boolean = boolean,
  First extends boolean = boolean,
> extends LayerOptions {
  /** Layers on top of each other, each fed with the outputs of the one below. Default 1. */
  readonly numLayers?: Layers;
  /** Whether there are biases. Default true. */
  readonly bias?: boolean;
  /** Whether input and output are [batch, time, features] instead of [time, batch, features]. Default false. */
  readonly batchFirst?: First;
  /** The probability of dropout, in training, on the outputs of every layer but the last; drawn from `generator`. Default 0. */
  readonly dropout?: number;
  /** Whether a second pass runs from the end; the outputs of both are concatenated. Default false. */
  readonly bidirectional?: Both;
}

/** The names of the options of every recurrent layer. */
export const recurrentOptions = [
  'numLayers',
  'bias',
  'batchFirst',
  'dropout',
  'bidirectional',
  ...layerOptions,
] as const;

type WeightName = `weight_${string}`;
type BiasName = `bias_${string}`;

/** The names of one layer's parameters in one direction: `weight_ih_l0`, `bias_hh_l1_reverse`. */
interface Names {
  readonly weights: readonly [ih: WeightName, hh: WeightName];
  readonly biases: readonly [ih: BiasName, hh: BiasName];
}

const namesOf = (layer: number, reverse: boolean): Names => {
  const suffix = `l${layer}${reverse ? '_reverse' : ''}`;
  return {
    weights: [`weight_ih_${suffix}`, `weight_hh_${suffix}`],
    biases: [`bias_ih_${suffix}`, `bias_hh_${suffix}`],
  };
};

/** Layers of recurrent cells, run through time in one direction or both. The weights are uniform in ± 1 / √hidden at first. */
export abstract class Recurrent extends Module {
  /** The features of the input. */
  readonly inputSize: number;
  /** The features of the state. */
  readonly hiddenSize: number;
  /** How many layers are on top of each other. */
  readonly numLayers: number;
  /** Whether there are biases. */
  readonly bias: boolean;
  /** Whether input and output are [batch, time, features]. */
  readonly batchFirst: boolean;
  /** The probability of dropout between layers, in training. */
  readonly dropout: number;
  /** Whether a second pass runs from the end. */
  readonly bidirectional: boolean;
  /** Where the masks of the dropout come from. */
  readonly generator: Generator | undefined;

  /** [gates · hidden, in] */
  declare weight_ih_l0: Parameter;
  /** [gates · hidden, hidden] */
  declare weight_hh_l0: Parameter;
  /** [gates · hidden]; not there without biases. */
  declare bias_ih_l0: Parameter;
  /** [gates · hidden]; not there without biases. */
  declare bias_hh_l0: Parameter;
  /** Of the layers above, and of the pass from the end: `weight_ih_l1`, `weight_hh_l0_reverse`. */
  [weight: WeightName]: Parameter;
  /** `bias_ih_l1`, `bias_hh_l0_reverse`; not there without biases. */
  [bias: BiasName]: Parameter;

  private readonly plan: { readonly name: string; readonly kind: Recurrence; readonly parameters: readonly Names[] };

  constructor(name: string, kind: Recurrence, inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false } = options;
    checkSize(name, 'inputSize', inputSize);
    checkSize(name, 'hiddenSize', hiddenSize);
    checkSize(name, 'numLayers', numLayers);
    checkProbability(name, 'dropout', dropout);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.generator = options.generator;
    const directions = bidirectional ? [false, true] : [false];
    const layers = Array.from({ length: numLayers }, (_, layer) => directions.map(back => namesOf(layer, back)));
    this.plan = { name, kind, parameters: layers.flat() };
    this.plan.parameters.forEach(({ weights, biases }, i) => {
      const features = i < directions.length ? inputSize : hiddenSize * directions.length;
      const made = makeWeights(kind, features, hiddenSize, bias, options);
      [this[weights[0]], this[weights[1]]] = made;
      if (made[2] !== null && made[3] !== null) [this[biases[0]], this[biases[1]]] = [made[2], made[3]];
    });
  }

  private weightsOf({ weights, biases }: Names): Weights {
    const [ih, hh] = [this[weights[0]], this[weights[1]]];
    return this.bias ? [ih, hh, this[biases[0]], this[biases[1]]] : [ih, hh, null, null];
  }

  /** The outputs of the last layer, and the last state, one tensor [layers · directions, batch, hidden] for each part. */
  protected run(x: Tensor, state: unknown): [outputs: Tensor, state: State] {
    const batchNames = this.batchFirst ? ['batch', 'time'] : ['time', 'batch'];
    checkInput(this.plan.name, x, this.inputSize, [batchNames, ['time']]);
    const batched = x.ndim === 3;
    const timeFirst: Tensor = !batched ? x.unsqueeze(1) : this.batchFirst ? x.transpose(0, 1) : x;
    if (timeFirst.shape[0] === 0)
      throw new ShapeError(`${this.plan.name}: expected at least one time step, got x of shape ${showShape(x.shape)}`);
    const [outputs, last] = this.runLayers(timeFirst, this.startFrom(state, timeFirst.shape[1], batched));
    if (!batched) return [outputs.squeeze(1), last.map(part => part.squeeze(1))];
    return [this.batchFirst ? outputs.transpose(0, 1) : outputs, last];
  }

  private runLayers(x: Tensor, start: readonly State[]): [outputs: Tensor, state: State] {
    const { kind, parameters } = this.plan;
    const directions = this.bidirectional ? 2 : 1;
    const last: State[] = [];
    let y = x;
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0 && this.dropout > 0)
        y = y.dropout(this.dropout, { training: this.training, generator: this.generator });
      const passes: Tensor[] = [];
      for (let back = 0; back < directions; back++) {
        const i = layer * directions + back;
        const [outputs, end] = runLayer(kind, y, start[i], this.weightsOf(parameters[i]), back === 1);
        passes.push(outputs);
        last.push(end);
      }
      y = directions === 1 ? passes[0] : cat(passes, -1);
    }
    return [y, kind.state.map((_, k) => stackLayers(last.map(parts => parts[k])))];
  }

  /** The state that each layer and direction starts from. */
  private startFrom(state: unknown, batch: number, batched: boolean): State[] {
    const { name, kind, parameters } = this.plan;
    const { hiddenSize } = this;
    const count = parameters.length;
    if (state === undefined || state === null) {
      const zero = zeroState(kind, [batch, hiddenSize], this.weight_hh_l0.dtype);
      return new Array<State>(count).fill(zero);
    }
    const shape: Shape = batched ? [count, batch, hiddenSize] : [count, hiddenSize];
    const layers = this.bidirectional ? 'layers · directions' : 'layers';
    const dims = batched ? `${layers}, batch, hidden` : `${layers}, hidden`;
    const parts = checkState(name, state, kind.state, shape, dims);
    const perLayer = parts.map(part => (batched ? part : part.unsqueeze(1)).unbind(0));
    return parameters.map((_, i) => perLayer.map(part => part[i]));
  }

  /** What stands between the parentheses when the layer is printed. */
  override extraRepr(): string {
    const { inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional } = this;
    return [
      `${inputSize}, ${hiddenSize}`,
      numLayers === 1 ? '' : `, numLayers=${numLayers}`,
      bias ? '' : ', bias=false',
      batchFirst ? ', batchFirst=true' : '',
      dropout === 0 ? '' : `, dropout=${dropout}`,
      bidirectional ? ', bidirectional=true' : '',
    ].join('');
  }
}

/** One part of the state of all layers, along a new first dim. */
const stackLayers = (parts: readonly Tensor[]): Tensor => (parts.length === 1 ? parts[0].unsqueeze(0) : stack(parts));
