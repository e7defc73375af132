import { noGrad, type Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import type { Parameters } from './parameters.ts';

/** All options of an optimiser, the defaults included. */
export interface Settings {
  /** The learning rate. */
  readonly lr: number;
}

/** Those that do not change from step to step, but for a momentum that a schedule cycles. */
export type Fixed<S extends Settings> = Omit<S, 'lr'>;

/** A momentum, or the first of `betas`, as an update sees it: a 0-d float64 tensor where a schedule cycles it. */
export type Momentum = number | Tensor;

/** The options as an update sees them. */
export type InStep<S extends Settings> = {
  readonly [K in keyof Fixed<S>]: K extends 'momentum'
    ? Momentum
    : K extends 'betas'
      ? readonly [Momentum, number]
      : Fixed<S>[K];
};

/** Parameters with options of their own; what is left out is as for the whole optimiser. */
export type GroupOf<S extends Settings> = Partial<S> & {
  /** What is trained: leaf tensors. */
  readonly params: Parameters;
};

/** What a group asks of its optimiser. */
export interface Owner<S extends Settings> {
  /** What its errors begin with. */
  readonly name: string;
  /** Throws when options make no sense. */
  check(options: Fixed<S>): void;
  /** Makes what has to be remembered of parameters under these options, where it is not there. */
  remember(params: readonly Tensor[], options: Fixed<S>): void;
}

/** Throws unless lr is a learning rate. */
export function checkLr(optimizer: string, lr: number): void {
  if (!(typeof lr === 'number' && lr >= 0 && lr < Infinity))
    throw new ArgumentError(`${optimizer}: expected a learning rate lr of 0 or more, got ${lr}`);
}

/**
 * Parameters that are trained with the same options.
 *
 * The learning rate lives in a 0-d float64 tensor, so that a recorded training step sees it change; and so does a momentum
 * from the moment that it is set. The other options are fixed when a step is recorded.
 */
export class ParamGroup<S extends Settings = Settings> {
  /** The tensors that are trained. */
  readonly params: readonly Tensor[];
  /** The learning rate that schedules started from, once there are any. */
  initialLr: number | undefined;
  /** The learning rate as the updates see it: a 0-d float64 tensor. */
  readonly lrTensor: Tensor<[]>;
  readonly #owner: Owner<S>;
  #options: Readonly<Fixed<S>>;
  #inStep: InStep<S>;
  #momentum: Tensor<[]> | undefined;

  /**
   * Made by an optimiser; see `addParamGroup`.
   * @throws ArgumentError for options that make no sense.
   */
  constructor(owner: Owner<S>, params: readonly Tensor[], { lr, ...options }: S) {
    checkLr(owner.name, lr);
    owner.check(options);
    owner.remember(params, options);
    this.#owner = owner;
    this.params = params;
    this.#options = options;
    this.#inStep = options as InStep<S>;
    this.lrTensor = tensor(lr, { dtype: 'float64' });
  }

  /**
   * All options but lr. A recorded step is recorded anew when they are set.
   *
   * @throws ArgumentError when they are set to something that makes no sense.
   */
  get options(): Readonly<Fixed<S>> {
    return this.#options;
  }

  set options(options: Readonly<Fixed<S>>) {
    this.#owner.check(options);
    this.#owner.remember(this.params, options);
    this.#options = options;
    this.#inStep = options as InStep<S>;
    this.#momentum = undefined;
  }

  /** The options as the updates see them: the same object as long as a recorded step need not be recorded anew. */
  get inStep(): InStep<S> {
    return this.#inStep;
  }

  /**
   * The learning rate.
   *
   * @throws ArgumentError when it is set to something negative, infinite or NaN.
   */
  get lr(): number {
    return this.lrTensor.item();
  }

  set lr(lr: number) {
    checkLr(this.#owner.name, lr);
    noGrad(() => this.lrTensor.assign(lr));
  }

  /**
   * The momentum among the options: `momentum` or the first of `betas`; undefined for an optimiser that has neither.
   *
   * A recorded step is recorded anew when this is set for the first time, since it becomes a tensor then, and where 0 is
   * left or reached, which is to have none; from then on it sees the momentum change, as it does with lr.
   *
   * @throws ArgumentError when it is set to something that makes no sense, or is undefined.
   */
  get momentum(): number | undefined {
    return momentumOf(this.#options);
  }

  set momentum(momentum: number) {
    this.checkMomentum(momentum);
    const options = withMomentum<Fixed<S>>(this.#options, momentum);
    if (this.#momentum !== undefined && momentum !== 0) {
      this.#options = options;
      this.#momentum.assign(momentum);
      return;
    }
    this.options = options;
    if (momentum === 0) return;
    this.#momentum = tensor(momentum, { dtype: 'float64' });
    this.#inStep = withMomentum<InStep<S>>(options, this.#momentum);
  }

  /** Throws what setting the momentum would throw. */
  checkMomentum(momentum: number): void {
    if (this.momentum === undefined)
      throw new ArgumentError(
        `${this.#owner.name}: expected momentum or betas among the options, got an optimiser with neither`,
      );
    this.#owner.check(withMomentum<Fixed<S>>(this.#options, momentum));
  }
}

interface WithMomentum {
  readonly momentum?: number;
  readonly betas?: readonly [number, number];
}

const momentumOf = ({ betas, momentum }: WithMomentum): number | undefined => betas?.[0] ?? momentum;

/** The options with another momentum: of `betas` the first, as in PyTorch. */
function withMomentum<Options>(options: WithMomentum, momentum: Momentum): Options {
  const { betas } = options;
  const changed = betas === undefined ? { momentum } : { betas: [momentum, betas[1]] };
  return { ...options, ...changed } as Options;
}
