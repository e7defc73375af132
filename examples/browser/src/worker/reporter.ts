import { parameterCount } from '../../../04-char-rnn/run/model.ts';
import { type Run, sizesOf } from '../../../04-char-rnn/run/train.ts';
import type { Facts } from '../protocol.ts';
import type { Tell } from './session.ts';

/** The least time between two reports, in milliseconds. */
const reportMs = 100;
/** Over how many reports the speed is taken. */
const speedOver = 10;
/** How many samples of a run that is taken up are worth telling. */
const samplesTold = 5;

/** Tells what a run has done, a few times a second at most. */
export class Reporter {
  readonly #run: Run;
  readonly #tell: Tell;
  #steps = 0;
  #samples: number;
  #at = 0;
  #marks: { readonly at: number; readonly steps: number }[] = [];

  /** Begins with the facts, and with what a run that is taken up has done already. */
  constructor(run: Run, prepared: Pick<Facts, 'executor' | 'prepared'>, tell: Tell) {
    this.#run = run;
    this.#tell = tell;
    this.#samples = Math.max(0, run.samples.length - samplesTold);
    const { options, corpus } = run;
    const { text, sample, prompt, ...settings } = options;
    tell({
      tell: 'begun',
      facts: {
        settings,
        characters: corpus.training.size + corpus.heldOut.size,
        vocabulary: corpus.vocabulary.size,
        heldOut: corpus.heldOut.size,
        parameters: parameterCount(sizesOf(options, corpus.vocabulary.size)),
        ...prepared,
      },
    });
    this.rest();
  }

  /** Tells what is new, unless it did a moment ago. */
  reportIfDue(): void {
    if (performance.now() >= this.#at + reportMs) this.#report();
  }

  /** Tells all that is new, before a pause, which does not count as time that steps took. */
  rest(): void {
    this.#report();
    this.#marks = [];
  }

  #report(): void {
    const { history, samples } = this.#run;
    const before = this.#steps;
    const fresh = history.slice(before);
    if (fresh.length === 0) return;
    this.#tell({
      tell: 'progress',
      progress: {
        before,
        losses: Float64Array.from(fresh, ({ loss }) => loss),
        heldOut: fresh.flatMap(({ step, heldOut }) => (heldOut === undefined ? [] : [{ step, loss: heldOut }])),
        samples: samples.slice(this.#samples),
        stepsPerSecond: this.#speed(),
      },
    });
    this.#steps = history.length;
    this.#samples = samples.length;
  }

  #speed(): number | undefined {
    this.#at = performance.now();
    this.#marks = [...this.#marks.slice(-speedOver), { at: this.#at, steps: this.#run.history.length }];
    const [first] = this.#marks;
    return this.#marks.length < 2
      ? undefined
      : (1000 * (this.#run.history.length - first.steps)) / (this.#at - first.at);
  }
}
