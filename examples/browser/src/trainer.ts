import type { Report, Request } from './protocol.ts';

/** How long a worker may take to hear that it is to stop, in milliseconds. */
const patience = 10_000;

/** The worker that trains. One that falls over, or does not hear that it is to stop, is replaced when it is needed again. */
export class Trainer {
  readonly #hear: (report: Report) => void;
  #worker: Worker | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(hear: (report: Report) => void) {
    this.#hear = hear;
  }

  /** Loads the worker before it is needed. */
  prepare(): void {
    this.#worker ??= this.#employ();
  }

  ask(request: Request): void {
    this.#worker ??= this.#employ();
    this.#worker.postMessage(request);
    if (request.ask === 'stop')
      this.#deadline ??= setTimeout(() => this.#dismiss('it did not stop by itself'), patience);
  }

  #employ(): Worker {
    const worker = new Worker(new URL('./worker/entry.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (data.tell === 'state') {
        clearTimeout(this.#deadline);
        this.#deadline = undefined;
      }
      this.#hear(data);
    };
    worker.onerror = ({ message }) => this.#dismiss(message || 'the worker could not be loaded');
    return worker;
  }

  #dismiss(reason: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#hear({ tell: 'state', state: 'none' });
    this.#hear({ tell: 'failed', of: 'step', reason });
  }
}
