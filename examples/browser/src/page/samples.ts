import { thousands } from '../../../04-char-rnn/run/numbers.ts';
import type { Sample } from '../../../04-char-rnn/run/sample.ts';
import type { Request } from '../protocol.ts';
import { find, make } from './dom.ts';

const kept = 4;

/** What the network wrote at its looks, and what it writes when it is asked. */
export class Samples {
  readonly #list = find('samples', HTMLElement);
  readonly #written = find('written', HTMLElement);
  readonly #prompt = find('prompt', HTMLInputElement);
  readonly #button = find('write-go', HTMLButtonElement);
  readonly #error = find('write-error', HTMLElement);

  /** @param ask - asks the worker to write. */
  constructor(ask: (request: Request & { ask: 'write' }) => void) {
    const length = find('length', HTMLInputElement);
    const temperature = find('temperature', HTMLInputElement);
    const form = find('write', HTMLFormElement);
    form.addEventListener('input', () => this.fail(''));
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.fail('');
      if (this.#button.disabled) return;
      if (this.#prompt.value === '') {
        this.#prompt.focus();
        return this.fail('Write on from: expected one character or more.');
      }
      if (!length.validity.valid) {
        length.focus();
        return this.fail(`Characters: expected a whole number from ${length.min} to ${length.max}.`);
      }
      ask({
        ask: 'write',
        prompt: this.#prompt.value,
        length: length.valueAsNumber,
        temperature: temperature.valueAsNumber,
      });
    });
  }

  /** Forgets what an earlier network wrote, and offers a beginning to write on from. */
  begin(prompt: string): void {
    this.#list.replaceChildren();
    this.#written.replaceChildren();
    this.#prompt.value = prompt;
    this.fail('');
  }

  /** Shows below the prompt why it cannot write on from it; nothing, to begin again. */
  fail(reason: string): void {
    this.#error.textContent = reason;
    this.#error.hidden = reason === '';
  }

  /** Whether there is a network that can write. */
  enable(yes: boolean): void {
    this.#button.disabled = !yes;
  }

  add(samples: readonly Sample[]): void {
    for (const { step, prompt, text } of samples.slice(-kept)) {
      const item = make('li');
      item.append(make('p', `Step ${thousands(step)}`), textOf(prompt, text));
      item.firstElementChild?.classList.add('note');
      this.#list.prepend(item);
    }
    while (this.#list.childElementCount > kept) this.#list.lastElementChild?.remove();
  }

  /** Shows what it writes on from a prompt; it is read aloud when it is all there. */
  write(prompt: string, text: string, done: boolean): void {
    this.#written.ariaBusy = String(!done);
    this.#written.replaceChildren(...textOf(prompt, text).childNodes);
  }
}

/** A prompt, and what follows it. */
function textOf(prompt: string, text: string): HTMLElement {
  const all = make('p');
  all.classList.add('text');
  all.append(make('b', prompt), text);
  return all;
}
