import { ArgumentError } from '@tapegrad/tensor';
import { checkAtLeastZero } from '../checks.ts';
import { checkSteps, Schedule, type Scheduled } from './schedule.ts';

// Schedules whose rates are multiples of the ones before.

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

/** lr · gamma at each of the epochs in `milestones`; one that is there twice counts twice, and 0 at once. */
export class MultiStepLR extends Schedule {
  /** gamma is 0.1 by default. */
  constructor(optimizer: Scheduled, options: { readonly milestones: readonly number[]; readonly gamma?: number }) {
    const { gamma = 0.1 } = options;
    const milestones = [...options.milestones];
    for (const milestone of milestones) checkSteps('MultiStepLR', 'every milestone', milestone, 0);
    checkAtLeastZero('MultiStepLR', { gamma });
    super('MultiStepLR', optimizer, (epoch, lr) => lr * gamma ** milestones.filter(m => m === epoch).length);
  }
}

/** lr · gamma every epoch. */
export class ExponentialLR extends Schedule {
  /**
   * gamma is what the rate is multiplied by.
   * @throws ArgumentError for a gamma that is negative or NaN.
   */
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
