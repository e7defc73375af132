import type { Tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { checkAtLeastZero } from '../checks.ts';
import type { ParamGroup } from '../group.ts';
import {
  checkSteps,
  checkWord,
  groupsOf,
  isCount,
  numberIn,
  type PerGroup,
  perGroup,
  Schedule,
  type Scheduled,
} from './schedule.ts';

/** The options of `OneCycleLR`. */
export interface OneCycleLROptions {
  /** The highest learning rate: one for all groups, or one for each. */
  readonly maxLr: PerGroup;
  /** The steps of the whole cycle; or else give `epochs` and `stepsPerEpoch`, of which it is the product. */
  readonly totalSteps?: number;
  /** How many epochs the cycle takes. */
  readonly epochs?: number;
  /** How many steps an epoch has. */
  readonly stepsPerEpoch?: number;
  /** The share of the steps in which the rate rises. Default 0.3. */
  readonly pctStart?: number;
  /** The form of the way from one rate to the next: half a cosine wave or a line. Default 'cos'. */
  readonly annealStrategy?: 'cos' | 'linear';
  /** Move the momentum, or the first of betas, the other way from the rate. Default true. */
  readonly cycleMomentum?: boolean;
  /** The momentum where the rate is highest: one for all groups, or one for each. Default 0.85. */
  readonly baseMomentum?: PerGroup;
  /** The momentum at the beginning and at the end: one for all groups, or one for each. Default 0.95. */
  readonly maxMomentum?: PerGroup;
  /** The first rate is maxLr / divFactor. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first one / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number;
  /** Fall back to the first rate in as many steps as the rise took, and only then to the last one. Default false. */
  readonly threePhase?: boolean;
}

/** A part of the cycle, up to step `end`: from where to where the rate goes (1 is maxLr) and the momentum (1 is maxMomentum, 0 baseMomentum). */
interface Phase {
  readonly end: number;
  readonly rate: readonly [from: number, to: number];
  readonly momentum: readonly [from: number, to: number];
}

/**
 * One cycle (Smith and Topin 2017): the rate rises from maxLr / divFactor to maxLr, and falls from there to almost nothing,
 * while the momentum goes the other way. To be called after every step of training, not after every epoch.
 *
 * The rates and momenta depend on the step alone, so that the last schedule of several wins. A compiled step of training
 * sees both change, without being recorded anew. Where the cycle is over, `step()` can be called once more, as loops do,
 * and changes nothing (PyTorch extends the last curve by a step there).
 */
export class OneCycleLR extends Schedule {
  readonly #totalSteps: number;
  readonly #groups: readonly ParamGroup<any>[];
  /** The momentum of every group at a step; none where it is left alone. */
  readonly #momenta: (step: number) => readonly number[];

  /**
   * @throws ArgumentError for options that make no sense, and for an optimiser that has neither momentum nor betas while
   * cycleMomentum is not false; then nothing has changed.
   */
  constructor(optimizer: Scheduled, options: OneCycleLROptions) {
    const { maxLr, pctStart = 0.3, annealStrategy = 'cos', threePhase = false } = options;
    const { divFactor = 25, finalDivFactor = 1e4, cycleMomentum = true } = options;
    const groups = groupsOf('OneCycleLR', optimizer);
    const totalSteps = totalOf(options);
    if (!(typeof pctStart === 'number' && pctStart >= 0 && pctStart <= 1))
      throw new ArgumentError(`OneCycleLR: expected pctStart in [0, 1], got ${pctStart}`);
    checkWord('OneCycleLR', 'annealStrategy', annealStrategy, ['cos', 'linear']);
    checkAboveZero({ divFactor, finalDivFactor });
    const maxLrs = (): readonly number[] => perGroup('OneCycleLR', 'maxLr', maxLr, groups.length);
    const first = maxLrs().map(lr => lr / divFactor);
    const momenta = cycleMomentum ? momentaOf(groups, options) : () => [];
    momenta(0);

    const phases = phasesOf(totalSteps, pctStart, threePhase, divFactor, finalDivFactor);
    const at = (step: number) => place(phases, annealStrategy === 'cos' ? cosine : line, step);
    groups.forEach((group, g) => {
      group.initialLr = first[g];
    });
    super('OneCycleLR', optimizer, (step, _lr, _base, g) => maxLrs()[g] * at(step).rate);
    this.#totalSteps = totalSteps;
    this.#momenta = step => momenta(at(step).momentum);
    this.#groups = groups;
    this.#cycle(this.#momenta(0));
  }

  /**
   * Goes on to the next step.
   *
   * @throws ArgumentError when it is called more often than the cycle has steps.
   */
  override step(): void {
    if (this.epoch >= this.#totalSteps)
      throw new ArgumentError(
        `OneCycleLR: expected at most ${this.#totalSteps} steps, the whole cycle, got step ${this.epoch + 1}`,
      );
    const momenta = this.#momenta(this.epoch + 1);
    super.step();
    this.#cycle(momenta);
  }

  /**
   * Continues from a dict that `stateDict()` gave to a schedule with the same options; rates and momenta become those of
   * the step that it is at.
   *
   * @throws ArgumentError for anything else; then nothing has changed.
   */
  override loadStateDict(dict: { readonly [name: string]: Tensor }): void {
    const step = numberIn('OneCycleLR', dict, 'epoch', isCount);
    if (step > this.#totalSteps)
      throw new ArgumentError(
        `OneCycleLR: expected epoch to be at most ${this.#totalSteps}, the steps of the whole cycle, got ${step}`,
      );
    const momenta = this.#momenta(step);
    super.loadStateDict(dict);
    this.goTo(step);
    this.#cycle(momenta);
  }

  #cycle(momenta: readonly number[]): void {
    for (const [g, momentum] of momenta.entries()) this.#groups[g].momentum = momentum;
  }
}

/** The momentum of every group by where it stands between base (0) and max (1); the options are checked at each call. */
function momentaOf(
  groups: readonly ParamGroup<any>[],
  { baseMomentum = 0.85, maxMomentum = 0.95 }: OneCycleLROptions,
): (share: number) => readonly number[] {
  if (groups.some(({ momentum }) => momentum === undefined))
    throw new ArgumentError(
      'OneCycleLR: expected an optimiser with momentum or betas, got one with neither; cycleMomentum: false leaves them alone',
    );
  return share => {
    const low = perGroup('OneCycleLR', 'baseMomentum', baseMomentum, groups.length);
    const high = perGroup('OneCycleLR', 'maxMomentum', maxMomentum, groups.length);
    for (const ends of [low, high]) for (const [g, group] of groups.entries()) group.checkMomentum(ends[g]);
    return low.map((from, g) => high[g] * share + from * (1 - share));
  };
}

function totalOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  if (totalSteps !== undefined) {
    checkSteps('OneCycleLR', 'totalSteps', totalSteps);
    return totalSteps;
  }
  if (epochs === undefined || stepsPerEpoch === undefined)
    throw new ArgumentError(
      `OneCycleLR: expected totalSteps, or epochs and stepsPerEpoch, got epochs ${epochs}, stepsPerEpoch ${stepsPerEpoch}`,
    );
  checkSteps('OneCycleLR', 'epochs', epochs);
  checkSteps('OneCycleLR', 'stepsPerEpoch', stepsPerEpoch);
  return epochs * stepsPerEpoch;
}

function checkAboveZero(options: { readonly [option: string]: number }): void {
  checkAtLeastZero('OneCycleLR', options);
  for (const [option, value] of Object.entries(options))
    if (value === 0) throw new ArgumentError(`OneCycleLR: expected ${option} to be above 0, got 0`);
}

function phasesOf(
  total: number,
  pctStart: number,
  threePhase: boolean,
  divFactor: number,
  finalDivFactor: number,
): readonly Phase[] {
  const first = 1 / divFactor;
  const last = first / finalDivFactor;
  const rise: Phase = { end: pctStart * total - 1, rate: [first, 1], momentum: [1, 0] };
  if (!threePhase) return [rise, { end: total - 1, rate: [1, last], momentum: [0, 1] }];
  return [
    rise,
    { end: 2 * pctStart * total - 2, rate: [1, first], momentum: [0, 1] },
    { end: total - 1, rate: [first, last], momentum: [1, 1] },
  ];
}

/** How much of where a phase comes from is left when a share of it is over. */
type Curve = (share: number) => number;

const cosine: Curve = share => (1 + Math.cos(Math.PI * share)) / 2;
const line: Curve = share => 1 - share;

/** Rate and momentum at a step. */
function place(
  phases: readonly Phase[],
  curve: Curve,
  step: number,
): { readonly rate: number; readonly momentum: number } {
  const found = phases.findIndex(({ end }) => step <= end);
  const p = found < 0 ? phases.length - 1 : found;
  const { end, rate, momentum } = phases[p];
  const start = p === 0 ? 0 : phases[p - 1].end;
  // A phase of no steps is over when it begins.
  const left = curve(end === start ? 1 : Math.min((step - start) / (end - start), 1));
  const between = ([from, to]: readonly [number, number]): number => from * left + to * (1 - left);
  return { rate: between(rate), momentum: between(momentum) };
}
