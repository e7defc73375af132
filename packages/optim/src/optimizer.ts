import { dependOn, noGrad, Tensor } from '@tapegrad/autograd';
import { ArgumentError, checkOptionNames, type DType } from '@tapegrad/tensor';
import { type Fixed, type GroupOf, type InStep, type Owner, ParamGroup, type Settings } from './group.ts';
import { checkLeaves, iterate, kindOf, listOf, type Parameters } from './parameters.ts';
import { type ParamState, readState, type StateDict, writeState } from './state.ts';

/** The learning rate of a step as a 0-d tensor of the dtype that is asked for: an operation, made once for each dtype. */
export type Rate = (dtype: DType) => Tensor;

/**
 * What an optimiser trains: leaf tensors, or groups of them with options of their own. One that does not require a
 * gradient (a frozen one) gets none, and stays where it is until it does.
 */
export type Trainable<S extends Settings> = Parameters | Iterable<GroupOf<S>>;

/**
 * The base of all optimisers: `step()` moves every parameter that has a gradient. Subclasses say what they remember of a
 * parameter and how they move one; `S` are their options.
 *
 * Updates are operations on tensors and `assign`; learning rates and step counts are 0-d float64 tensors.
 */
export abstract class Optimizer<S extends Settings = Settings> {
  readonly #name: string;
  readonly #owner: Owner<S>;
  readonly #defaults: S;
  readonly #groups: ParamGroup<S>[] = [];
  readonly #states = new Map<Tensor, ParamState>();

  /**
   * @throws ArgumentError for options that make no sense, an empty list and a parameter given twice; GradError for a
   * tensor that is not a leaf.
   */
  constructor(name: string, params: Trainable<S>, options: Partial<S>, defaults: S) {
    this.#name = name;
    this.#defaults = withGiven(name, defaults, options);
    this.#owner = {
      name,
      check: options => this.check(name, options),
      remember: (params, options) => {
        for (const p of params) this.#states.set(p, { ...this.initialState(p, options), ...this.#states.get(p) });
      },
    };
    const given = iterate(name, params);
    const bare = given.length === 0 || given.some(part => !isGroup(part));
    const groups = bare ? [{ params: given }] : given;
    for (const group of groups) this.addParamGroup(group as GroupOf<S>);
  }

  /** Throws when options make no sense; `name` is the optimiser's. */
  protected abstract check(name: string, options: Fixed<S>): void;

  /** What is remembered of a parameter, as it is before the first step. */
  protected abstract initialState(parameter: Tensor, options: Fixed<S>): ParamState;

  /** Overwrites a parameter, and what is remembered of it, from its gradient. */
  protected abstract update(parameter: Tensor, gradient: Tensor, state: ParamState, lr: Rate, options: InStep<S>): void;

  /** The parameters and their options, group by group. */
  get paramGroups(): readonly ParamGroup<S>[] {
    return this.#groups;
  }

  /**
   * The learning rate of the first group; setting it sets that of all groups.
   *
   * @throws ArgumentError when it is set to something negative, infinite or NaN.
   */
  get lr(): number {
    return this.#groups[0].lr;
  }

  set lr(lr: number) {
    for (const group of this.#groups) group.lr = lr;
  }

  /** Adds parameters to train, with options of their own; what is left out is as for the whole optimiser. */
  addParamGroup(group: GroupOf<S>): void {
    const list = listOf(this.#name, group.params);
    if (list.length === 0)
      throw new ArgumentError(
        `${this.#name}: expected at least one parameter, got none (layers in a plain array are not found: use nn.ModuleList)`,
      );
    checkLeaves(this.#name, list, [...this.#states.keys()]);
    const { params: _, ...options } = group;
    this.#groups.push(new ParamGroup(this.#owner, list, withGiven(this.#name, this.#defaults, options)));
  }

  /** Sets the gradients of all parameters to null. */
  zeroGrad(): void {
    for (const p of this.#states.keys()) p.zeroGrad();
  }

  /** Moves every parameter that has a gradient by one update. */
  step(): void {
    dependOn(() => this.#states.size);
    noGrad(() => {
      for (const group of this.#groups) {
        dependOn(() => group.inStep);
        const { params, lrTensor, inStep } = group;
        const lr = rateOf(lrTensor);
        for (const p of params) if (p.grad !== null) this.update(p, p.grad, this.#states.get(p)!, lr, inStep);
      }
    });
  }

  /**
   * Everything that is needed to continue exactly, as tensors by name: the options of every group,
   * `paramGroups.0.lr`, and what is remembered of every parameter, `state.0.momentumBuffer`. They share memory with the
   * optimiser.
   */
  stateDict(): StateDict {
    const states = this.#groups.flatMap(({ params, options }) => params.map(p => this.#stateUnder(options, p)));
    return writeState(this.#groups, states);
  }

  /**
   * Continues from a dict that `stateDict()` gave, for parameters of the same shapes in the same groups and order. The
   * options become those of the dict.
   *
   * @throws ArgumentError that lists everything that does not fit; then nothing has changed.
   */
  loadStateDict(dict: { readonly [name: string]: Tensor }): void {
    const stateOf = (p: Tensor, options: Fixed<S>): ParamState => this.#stateUnder(options, p);
    const { groups, states, values } = readState(this.#owner, dict, this.#groups, stateOf);
    noGrad(() => {
      for (const [target, source] of values) target.assign(source);
    });
    [...this.#states.keys()].forEach((p, i) => {
      this.#states.set(p, states[i]);
    });
    groups.forEach(({ lr, options }, g) => {
      this.#groups[g].lr = lr;
      this.#groups[g].options = options;
    });
  }

  /** The optimiser as a person reads it: every group with its options. */
  toString(): string {
    const groups = this.#groups.map(({ params, lr, options }) =>
      [
        `${params.length} parameter${params.length === 1 ? '' : 's'}`,
        ...Object.entries({ lr, ...options }).map(shown),
      ].join(', '),
    );
    return groups.length === 1 ? `${this.#name}(${groups[0]})` : `${this.#name}(\n  ${groups.join('\n  ')}\n)`;
  }

  /** What console.log shows in Node. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** What is remembered of a parameter and matters under these options; what is not there yet is as at first. */
  #stateUnder(options: Fixed<S>, p: Tensor): ParamState {
    const own = this.#states.get(p);
    const fresh = Object.entries(this.initialState(p, options));
    return Object.fromEntries(fresh.map(([key, value]) => [key, own?.[key] ?? value]));
  }
}

const isGroup = (part: unknown): boolean =>
  typeof part === 'object' && part !== null && !(part instanceof Tensor) && 'params' in part;

const shown = ([name, value]: [string, unknown]): string =>
  `${name}=${Array.isArray(value) ? `[${value.join(', ')}]` : value}`;

function rateOf(lr: Tensor): Rate {
  const casts: { [D in DType]?: Tensor } = {};
  return dtype => (casts[dtype] ??= lr.to(dtype));
}

/** The settings, with those that are given in place of the others. */
function withGiven<S extends Settings>(name: string, settings: S, given: object): S {
  if (typeof given !== 'object' || given === null)
    throw new ArgumentError(`${name}: expected the options to be an object such as { lr: 0.01 }, got ${kindOf(given)}`);
  checkOptionNames(name, given, Object.keys(settings));
  const changed = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [key, value] of changed)
    if (typeof settings[key as keyof S] === 'boolean' && typeof value !== 'boolean')
      throw new ArgumentError(`${name}: expected ${key} to be true or false, got ${value}`);
  return { ...settings, ...Object.fromEntries(changed) };
}
