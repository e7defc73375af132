import type { Request } from '../protocol.ts';
import { find } from './dom.ts';

/** Downloads, the opening of checkpoints, and links. */
export class Keep {
  readonly #save = find('save', HTMLButtonElement);
  readonly #open = find('open', HTMLInputElement);
  readonly #note = find('share-note', HTMLElement);

  constructor(ask: (request: Request) => void, open: (file: File) => void, link: () => Promise<string>) {
    this.#save.addEventListener('click', () => ask({ ask: 'save' }));
    this.#open.addEventListener('change', () => {
      const [file] = this.#open.files ?? [];
      if (file !== undefined) open(file);
      this.#open.value = '';
    });
    find('share', HTMLButtonElement).addEventListener('click', async () => {
      this.#note.textContent = await link();
    });
  }

  /** What can be done: saving wants a run, opening wants one that does not go on. */
  enable({ save, open }: { readonly save: boolean; readonly open: boolean }): void {
    this.#save.disabled = !save;
    this.#open.disabled = !open;
  }

  /** Hands a checkpoint to the browser as a download. */
  download(bytes: Uint8Array<ArrayBuffer>, step: number): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
    link.download = `char-rnn-step-${step}.safetensors`;
    link.click();
    // The download has begun by then; without this the bytes would stay as long as the page.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
