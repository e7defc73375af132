import { type Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { checkAtLeastZero } from './checks.ts';
import type { ParamGroup } from './group.ts';
import type { StateDict } from './state.ts';

/** What a schedule needs of an optimiser. */
export interface Scheduled {
  readonly paramGroups: readonly ParamGroup<any>[];
}

/** The rate of one group at an epoch (0, 1, 2, …), from the rate that it has and the one it had at first. */
export type Rule = (epoch: number, lr: number, base: number) => number;

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

  constructor(name: string, { paramGroups }: Scheduled, rule: Rule) {
    this.#name = name;
    this.#groups = paramGroups;
    this.#rule = rule;
    this.#apply();
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
    this.#epoch++;
    this.#apply();
  }

  #apply(): void {
    for (const group of this.#groups) {
      group.initialLr ??= group.lr;
      group.lr = this.#rule(this.#epoch, group.lr, group.initialLr);
    }
  }

  /** Where the schedule stands: `epoch` and `baseLrs`. The current rates are the optimiser's, in its own state dict. */
  stateDict(): StateDict {
    return {
      epoch: tensor(this.#epoch, { dtype: 'float64' }),
      baseLrs: tensor(Float64Array.from(this.#groups, group => group.initialLr!)),
    };
  }

  /**
   * Continues from a dict that `stateDict()` gave. Load the optimiser's own as well: it holds the current rates.
   *
   * @throws ArgumentError for anything else; then nothing has changed.
   */
  loadStateDict(dict: { readonly [name: string]: Tensor }): void {
    const { epoch, baseLrs } = dict;
    const groups = this.#groups.length;
    if (epoch?.size !== 1 || !(Number.isInteger(epoch.item()) && epoch.item() >= 0))
      throw new ArgumentError(`${this.#name}: expected epoch to be one whole number, got ${epoch}`);
    if (baseLrs?.size !== groups)
      throw new ArgumentError(
        `${this.#name}: expected baseLrs to hold a rate for each of ${groups} groups, got ${baseLrs}`,
      );
    this.#epoch = epoch.item();
    this.#groups.forEach((group, g) => {
      group.initialLr = baseLrs.data[g];
    });
  }
}

function checkSteps(name: string, option: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(`${name}: expected ${option} to be a whole number of 1 or more, got ${value}`);
}

/** lr · gamma every `stepSize` epochs. */
export class StepLR extends Schedule {
  /** gamma is 0.1 by default. */
  constructor(optimizer: Scheduled, options: { readonly stepSize: number; readonly gamma?: number }) {
    const { stepSize, gamma = 0.1 } = options;
    checkSteps('StepLR', 'stepSize', stepSize);
    checkAtLeastZero('StepLR', { gamma });
    super('StepLR', optimizer, (epoch, lr) => (epoch > 0 && epoch % stepSize === 0 ? lr * gamma : lr));
  }
}

/** lr · gamma at each of the epochs in `milestones`; one that is there twice counts twice. */
export class MultiStepLR extends Schedule {
  /** gamma is 0.1 by default. */
  constructor(optimizer: Scheduled, options: { readonly milestones: readonly number[]; readonly gamma?: number }) {
    const { gamma = 0.1 } = options;
    const milestones = [...options.milestones];
    for (const milestone of milestones) checkSteps('MultiStepLR', 'every milestone', milestone);
    checkAtLeastZero('MultiStepLR', { gamma });
    super('MultiStepLR', optimizer, (epoch, lr) => lr * gamma ** milestones.filter(m => m === epoch).length);
  }
}

/** lr · gamma every epoch. */
export class ExponentialLR extends Schedule {
  constructor(optimizer: Scheduled, options: { readonly gamma: number }) {
    const { gamma } = options;
    checkAtLeastZero('ExponentialLR', { gamma });
    super('ExponentialLR', optimizer, (epoch, lr) => (epoch === 0 ? lr : lr * gamma));
  }
}

/**
 * Half a cosine wave from the first rate down to etaMin in tMax epochs, and up again in as many (Loshchilov and Hutter
 * 2016, without restarts): etaMin + (base - etaMin) (1 + cos(π epoch / tMax)) / 2.
 */
export class CosineAnnealingLR extends Schedule {
  /** etaMin is 0 by default. */
  constructor(optimizer: Scheduled, options: { readonly tMax: number; readonly etaMin?: number }) {
    const { tMax, etaMin = 0 } = options;
    checkSteps('CosineAnnealingLR', 'tMax', tMax);
    checkAtLeastZero('CosineAnnealingLR', { etaMin });
    const wave = (epoch: number): number => 1 + Math.cos((Math.PI * epoch) / tMax);
    super('CosineAnnealingLR', optimizer, (epoch, lr, base) => {
      if (epoch === 0) return lr;
      // From the trough, where the quotient of the waves has no value.
      if ((epoch - 1 - tMax) % (2 * tMax) === 0) return lr + ((base - etaMin) * wave(tMax - 1)) / 2;
      return etaMin + (wave(epoch) / wave(epoch - 1)) * (lr - etaMin);
    });
  }
}

/** From startFactor · lr up to lr in `steps` epochs, linearly. */
export class LinearWarmup extends Schedule {
  /** startFactor is 1/3 by default. */
  constructor(optimizer: Scheduled, options: { readonly steps: number; readonly startFactor?: number }) {
    const { steps, startFactor = 1 / 3 } = options;
    checkSteps('LinearWarmup', 'steps', steps);
    if (!(startFactor > 0 && startFactor <= 1))
      throw new ArgumentError(`LinearWarmup: expected startFactor to be above 0 and at most 1, got ${startFactor}`);
    const factor = (epoch: number): number => startFactor + ((1 - startFactor) * Math.min(epoch, steps)) / steps;
    super('LinearWarmup', optimizer, (epoch, lr) =>
      epoch === 0 ? lr * startFactor : (lr * factor(epoch)) / factor(epoch - 1),
    );
  }
}
