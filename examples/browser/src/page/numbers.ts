import { bitsPerCharacter } from '../../../04-char-rnn/run/history.ts';
import { thousands } from '../../../04-char-rnn/run/numbers.ts';
import type { Curve } from '../curve.ts';
import type { Facts, Progress } from '../protocol.ts';
import { find, make } from './dom.ts';

/** Over which part of the steps so far, and how many at most, the loss that is shown is the mean. */
const recent = 50;
const tableRows = 12;
const tableMs = 2000;

export const bits = (loss: number): string => bitsPerCharacter(loss).toFixed(2);

/** What is known of a run, in numbers: facts, the last step, and the curve as a table. */
export class Numbers {
  readonly #step = find('n-step', HTMLElement);
  readonly #bits = find('n-bits', HTMLElement);
  readonly #heldOut = find('n-held-out', HTMLElement);
  readonly #speed = find('n-speed', HTMLElement);
  readonly #facts = find('facts', HTMLElement);
  readonly #executor = find('executor', HTMLElement);
  readonly #details = find('table-details', HTMLDetailsElement);
  readonly #rows = find('table-rows', HTMLElement);
  #recent: number[] = [];
  #tableAt = 0;

  constructor(curveNow: () => Curve) {
    this.#details.addEventListener('toggle', () => this.table(curveNow()));
  }

  /** The mean loss of the last steps. */
  get loss(): number | undefined {
    return this.#recent.length === 0 ? undefined : this.#recent.reduce((sum, x) => sum + x, 0) / this.#recent.length;
  }

  /** Forgets an earlier run. */
  clear(): void {
    this.#recent = [];
    for (const number of [this.#step, this.#bits, this.#heldOut, this.#speed]) number.textContent = '–';
    this.#facts.textContent = '';
  }

  /** Shows the facts of a new run. */
  begin({ settings, characters, vocabulary, heldOut, parameters, executor, prepared }: Facts): void {
    const layers = settings.layers === 1 ? '1 layer' : `${settings.layers} layers`;
    this.#facts.textContent =
      `${settings.cell.toUpperCase()}, ${layers} of ${settings.hidden}: ${thousands(parameters)} parameters. ` +
      `${thousands(characters)} characters, ${vocabulary} distinct, ` +
      (heldOut === 0 ? 'too few to hold any out.' : `the last ${thousands(heldOut)} held out.`);
    const time = `prepared in ${(prepared / 1000).toFixed(1)} s`;
    this.#executor.textContent =
      executor === 'wasm'
        ? `The training step is one WebAssembly program, ${time}.`
        : `WebAssembly may not be compiled here, so the training step runs in JavaScript, which is slower; ${time}.`;
    this.#executor.dataset.executor = executor;
  }

  show({ before, losses, heldOut, stepsPerSecond }: Progress): void {
    this.#recent = [...this.#recent, ...losses.subarray(-recent)].slice(-recent);
    this.#step.textContent = thousands(before + losses.length);
    if (this.loss !== undefined) this.#bits.textContent = bits(this.loss);
    const last = heldOut.at(-1);
    if (last !== undefined) this.#heldOut.textContent = bits(last.loss);
    if (stepsPerSecond !== undefined)
      this.#speed.textContent = stepsPerSecond < 10 ? stepsPerSecond.toFixed(1) : thousands(Math.round(stepsPerSecond));
  }

  /** Writes the table anew, if it is open. */
  table(curve: Curve): void {
    if (!this.#details.open) return;
    this.#tableAt = performance.now();
    this.#rows.replaceChildren(
      ...curve.rows(tableRows).map(({ step, loss, heldOut }) => {
        const row = make('tr');
        const head = make('th', thousands(step));
        head.scope = 'row';
        row.append(head, make('td', bits(loss)), make('td', heldOut === null ? '–' : bits(heldOut)));
        return row;
      }),
    );
  }

  /** Writes the table anew, unless it was a moment ago: one may be reading it. */
  tableIfDue(curve: Curve): void {
    if (performance.now() >= this.#tableAt + tableMs) this.table(curve);
  }
}
