import { Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { checkAtLeastZero } from '../checks.ts';
import type { ParamGroup } from '../group.ts';
import type { StateDict } from '../state.ts';
import { checkWord, groupsOf, isCount, numberIn, type PerGroup, perGroup, type Scheduled } from './schedule.ts';

/** The options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions {
  /** Whether the metric is to fall or to rise. Default 'min'. */
  readonly mode?: 'min' | 'max';
  /** What the rate is multiplied by; below 1. Default 0.1. */
  readonly factor?: number;
  /** How many steps without an improvement are put up with. Default 10. */
  readonly patience?: number;
  /** How much better than the best so far counts as an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Whether threshold is a share of the best or a difference from it. Default 'rel'. */
  readonly thresholdMode?: 'rel' | 'abs';
  /** How many steps after a reduction are not counted. Default 0. */
  readonly cooldown?: number;
  /** What the rate does not fall below: one for all groups, or one for each. Default 0. */
  readonly minLr?: PerGroup;
  /** A reduction by no more than this is left out. Default 1e-8. */
  readonly eps?: number;
}

const defaults: Required<ReduceLROnPlateauOptions> = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
};

/** Reduces the rate, lr · factor, when a metric has not become better for more than `patience` steps. */
export class ReduceLROnPlateau {
  readonly #groups: readonly ParamGroup<any>[];
  readonly #options: Required<ReduceLROnPlateauOptions>;
  #epoch = 0;
  #best: number;
  #badEpochs = 0;
  #cooldownLeft = 0;

  /** @throws ArgumentError for options that make no sense. */
  constructor(optimizer: Scheduled, options: ReduceLROnPlateauOptions = {}) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.#options = { ...defaults, ...Object.fromEntries(given) };
    this.#groups = groupsOf('ReduceLROnPlateau', optimizer);
    check(this.#options);
    this.#minLrs();
    this.#best = this.#options.mode === 'min' ? Infinity : -Infinity;
  }

  /** The steps made so far. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The best metric so far; before the first step Infinity, or -Infinity where it is to rise. */
  get best(): number {
    return this.#best;
  }

  /** The current learning rate of each group. */
  get lastLr(): readonly number[] {
    return this.#groups.map(group => group.lr);
  }

  /**
   * Takes note of a metric, such as the loss on held-out data, and reduces the rates where that is due; NaN is never better.
   *
   * @throws ArgumentError for anything but a number or a tensor of one element.
   */
  step(metric: number | Tensor): void {
    const current = numberOf(metric);
    const minLrs = this.#minLrs();
    this.#epoch++;
    if (this.#isBetter(current)) {
      this.#best = current;
      this.#badEpochs = 0;
    } else this.#badEpochs++;
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--;
      this.#badEpochs = 0;
    }
    if (this.#badEpochs <= this.#options.patience) return;
    this.#reduce(minLrs);
    this.#cooldownLeft = this.#options.cooldown;
    this.#badEpochs = 0;
  }

  #isBetter(current: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === 'min' ? -1 : 1;
    const goal = thresholdMode === 'rel' ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return mode === 'min' ? current < goal : current > goal;
  }

  #reduce(minLrs: readonly number[]): void {
    const { factor, eps } = this.#options;
    this.#groups.forEach((group, g) => {
      const lr = Math.max(group.lr * factor, minLrs[g]);
      if (group.lr - lr > eps) group.lr = lr;
    });
  }

  #minLrs(): readonly number[] {
    return perGroup('ReduceLROnPlateau', 'minLr', this.#options.minLr, this.#groups.length);
  }

  /**
   * Where the schedule stands: `epoch`, `best`, `numBadEpochs` and `cooldownCounter`. The current rates are the optimiser's,
   * in its own state dict.
   */
  stateDict(): StateDict {
    const number = (value: number): Tensor => tensor(value, { dtype: 'float64' });
    return {
      epoch: number(this.#epoch),
      best: number(this.#best),
      numBadEpochs: number(this.#badEpochs),
      cooldownCounter: number(this.#cooldownLeft),
    };
  }

  /**
   * Continues from a dict that `stateDict()` gave. Load the optimiser's own as well: it holds the current rates.
   *
   * @throws ArgumentError for anything else; then nothing has changed.
   */
  loadStateDict(dict: { readonly [name: string]: Tensor }): void {
    const take = (key: string, fits: (value: number) => boolean): number =>
      numberIn('ReduceLROnPlateau', dict, key, fits);
    const epoch = take('epoch', isCount);
    const best = take('best', value => !Number.isNaN(value));
    const badEpochs = take('numBadEpochs', isCount);
    const cooldownLeft = take('cooldownCounter', isCount);
    this.#epoch = epoch;
    this.#best = best;
    this.#badEpochs = badEpochs;
    this.#cooldownLeft = cooldownLeft;
  }
}

function check(options: Required<ReduceLROnPlateauOptions>): void {
  const { mode, factor, patience, threshold, thresholdMode, cooldown, eps } = options;
  const name = 'ReduceLROnPlateau';
  checkWord(name, 'mode', mode, ['min', 'max']);
  checkWord(name, 'thresholdMode', thresholdMode, ['rel', 'abs']);
  if (!(typeof factor === 'number' && factor >= 0 && factor < 1))
    throw new ArgumentError(`${name}: expected factor in [0, 1), got ${factor}`);
  for (const [option, value] of Object.entries({ patience, cooldown }))
    if (!isCount(value))
      throw new ArgumentError(`${name}: expected ${option} to be a whole number of 0 or more, got ${value}`);
  checkAtLeastZero(name, { threshold, eps });
}

function numberOf(metric: number | Tensor): number {
  if (typeof metric === 'number') return metric;
  if (metric instanceof Tensor && metric.size === 1) return metric.item();
  throw new ArgumentError(
    `ReduceLROnPlateau: expected step to be given a number or a tensor of one element, got ${metric}`,
  );
}
