import { Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { checkAtLeastZero } from '../checks.ts';
import type { ParamGroup } from '../group.ts';
import type { StateDict } from '../state.ts';

/** What a schedule needs of an optimiser. */
export interface Scheduled {
  /** The groups whose rates are set. */
  readonly paramGroups: readonly ParamGroup<any>[];
}

/** The rate of group g at an epoch (0, 1, 2, …), from the rate that it has and the one it had at first. */
export type Rule = (epoch: number, lr: number, base: number, g: number) => number;

/**
 * The base of all schedules: sets the learning rate of every group, when it is made and at every `step()`.
 *
 * Each rate is computed from the one before, as in PyTorch, so that several schedules of one optimiser multiply.
 */
export abstract class Schedule {
  readonly #name: string;
  readonly #groups: readonly ParamGroup<any>[];
  readonly #rule: Rule;
  #epoch = 0;

  /** `rule` gives the rates, `name` is what errors begin with; the rates of epoch 0 are set at once. */
  constructor(name: string, optimizer: Scheduled, rule: Rule) {
    this.#name = name;
    this.#groups = groupsOf(name, optimizer);
    this.#rule = rule;
    this.goTo(0);
  }

  /** The steps made so far. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The current learning rate of each group. */
  get lastLr(): readonly number[] {
    return this.#groups.map(group => group.lr);
  }

  /** Goes on to the next epoch; to be called after the optimiser's `step()`. */
  step(): void {
    this.goTo(this.#epoch + 1);
  }

  /** Sets the rates of an epoch. */
  protected goTo(epoch: number): void {
    for (const group of this.#groups) group.initialLr ??= group.lr;
    const rates = this.#groups.map(({ lr, initialLr }, g) => this.#rule(epoch, lr, initialLr!, g));
    this.#epoch = epoch;
    this.#groups.forEach((group, g) => {
      group.lr = rates[g];
    });
  }

  /** Where the schedule stands: `epoch` and `baseLrs`. The current rates are the optimiser's, in its own state dict. */
  stateDict(): StateDict {
    return {
      epoch: tensor(this.#epoch, { dtype: 'float64' }),
      baseLrs: tensor(Float64Array.from(this.#groups, ({ initialLr, lr }) => initialLr ?? lr)),
    };
  }

  /**
   * Continues from a dict that `stateDict()` gave. Load the optimiser's own as well: it holds the current rates.
   *
   * @throws ArgumentError for anything else; then nothing has changed.
   */
  loadStateDict(dict: { readonly [name: string]: Tensor }): void {
    const { baseLrs } = dict;
    const groups = this.#groups.length;
    const at = numberIn(this.#name, dict, 'epoch', isCount);
    if (baseLrs?.size !== groups)
      throw new ArgumentError(
        `${this.#name}: expected baseLrs to hold a rate for each of ${groups} groups, got ${baseLrs}`,
      );
    this.#epoch = at;
    this.#groups.forEach((group, g) => {
      group.initialLr = baseLrs.data[g];
    });
  }
}

/** The groups of an optimiser that is to be scheduled. */
export function groupsOf(name: string, optimizer: Scheduled): readonly ParamGroup<any>[] {
  if (!Array.isArray(optimizer?.paramGroups))
    throw new ArgumentError(`${name}: expected an optimiser, got ${optimizer === null ? 'null' : typeof optimizer}`);
  return optimizer.paramGroups;
}

/** Whether a number counts something: whole, and 0 or more. */
export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

/** The number that an entry of a state dict holds; throws unless it is a single one that `fits`. */
export function numberIn(
  name: string,
  dict: { readonly [name: string]: Tensor },
  key: string,
  fits: (value: number) => boolean,
): number {
  const entry = dict[key];
  if (!(entry instanceof Tensor && entry.size === 1 && fits(entry.item())))
    throw new ArgumentError(
      `${name}: expected ${key} to be one ${fits === isCount ? 'whole ' : ''}number, got ${entry}`,
    );
  return entry.item();
}

/** Throws unless the option is a whole number of `least` or more. */
export function checkSteps(name: string, option: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least)
    throw new ArgumentError(`${name}: expected ${option} to be a whole number of ${least} or more, got ${value}`);
}

/** Throws unless the option is one of the words. */
export function checkWord(name: string, option: string, value: string, words: readonly string[]): void {
  if (!words.includes(value))
    throw new ArgumentError(
      `${name}: expected ${option} to be ${words.map(word => `'${word}'`).join(' or ')}, got ${value}`,
    );
}

/** An option of a schedule: one number for all groups, or one for each. */
export type PerGroup = number | readonly number[];

/** The option for each of so many groups, all finite and 0 or more. */
export function perGroup(name: string, option: string, value: PerGroup, groups: number): readonly number[] {
  const values = typeof value === 'number' ? new Array<number>(groups).fill(value) : value;
  if (!Array.isArray(values) || values.length !== groups)
    throw new ArgumentError(
      `${name}: expected ${option} to be one number or one for each of ${groups} groups, got ${showOption(value)}`,
    );
  for (const each of values) checkAtLeastZero(name, { [option]: each });
  return values;
}

const showOption = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : `${value}`);
