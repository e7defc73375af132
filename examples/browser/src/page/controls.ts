import type { Request, State } from '../protocol.ts';
import { find } from './dom.ts';

const announceMs = 15_000;

const labels: Readonly<Record<State, string>> = {
  none: 'Start',
  running: 'Pause',
  paused: 'Resume',
  finished: 'Start anew',
  writer: 'Start',
};

/** The buttons that start and stop a run, and what is said of it. */
export class Controls {
  readonly #go = find('go', HTMLButtonElement);
  readonly #stop = find('stop', HTMLButtonElement);
  readonly #on = find('on', HTMLButtonElement);
  readonly #progress = find('progress', HTMLProgressElement);
  readonly #status = find('status', HTMLElement);
  readonly #error = find('error', HTMLElement);
  #state: State = 'none';
  #saidAt = 0;

  /**
   * @param start - starts a new run.
   * @param goOn - goes on with one that has finished.
   */
  constructor(start: () => void, goOn: () => void, ask: (request: Request) => void) {
    this.#go.addEventListener('click', () => {
      if (this.#state === 'running') ask({ ask: 'pause' });
      else if (this.#state === 'paused') ask({ ask: 'resume' });
      else start();
    });
    this.#stop.addEventListener('click', () => {
      ask({ ask: 'stop' });
      // A button that is disabled loses the focus to nowhere.
      this.#go.focus();
    });
    this.#on.addEventListener('click', goOn);
  }

  get state(): State {
    return this.#state;
  }

  set state(state: State) {
    this.#state = state;
    this.#go.textContent = labels[state];
    this.#stop.disabled = state !== 'running' && state !== 'paused';
    // What is hidden loses the focus to nowhere, too.
    if (state !== 'finished' && document.activeElement === this.#on) this.#go.focus();
    this.#on.hidden = state !== 'finished';
  }

  progress(done: number, all: number): void {
    this.#progress.value = done / all;
  }

  /** Says something at once. */
  say(text: string): void {
    this.#saidAt = performance.now();
    // What is said twice is read aloud twice.
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  /** Says something that changes all the time, but seldom: it is read aloud. */
  sayIfDue(text: () => string): void {
    if (performance.now() >= this.#saidAt + announceMs) this.say(text());
  }

  /** Shows what went wrong; nothing, to begin again. */
  fail(reason: string): void {
    this.#error.textContent = reason;
    this.#error.hidden = reason === '';
  }
}
