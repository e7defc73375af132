import { thousands } from '../../../04-char-rnn/run/numbers.ts';
import type { Source } from '../protocol.ts';
import type { Shared } from '../share.ts';
import { texts } from '../texts.ts';
import { find } from './dom.ts';

const own = 'own';
const firstText = 'jack';
/** Files that are larger are not shown in full: the worker reads them, and the page stays quick. */
const shownBytes = 100_000;
const previewBytes = 2000;

/** The text that the network is to learn from: brought along, typed, or from a file. */
export class TextField {
  readonly #fields = find('text-fields', HTMLFieldSetElement);
  readonly #source = find('source', HTMLSelectElement);
  readonly #text = find('text', HTMLTextAreaElement);
  readonly #note = find('text-note', HTMLElement);
  readonly #fail: (reason: string) => void;
  /** What is shown, with the line ends that it came with, of which the element makes its own. */
  #shown = '';
  /** A file that is too large to be shown. */
  #file: File | undefined;

  /** @param fail - hears why a file cannot be taken. */
  constructor(fail: (reason: string) => void) {
    this.#fail = fail;
    for (const [name, { title }] of Object.entries(texts)) this.#source.add(new Option(title, name));
    this.#source.add(new Option('Your own text', own));
    this.#source.addEventListener('change', () => this.#choose(this.#source.value));
    this.#text.addEventListener('input', () => {
      this.#shown = this.#text.value;
      this.#source.value = own;
      this.#count();
    });
    const file = find('file', HTMLInputElement);
    file.addEventListener('change', () => {
      const [chosen] = file.files ?? [];
      if (chosen !== undefined) void this.open(chosen);
      file.value = '';
    });
    this.#acceptDrops();
    this.#choose(firstText);
  }

  /** The text as the worker is to read it. */
  get source(): Source {
    if (this.#file !== undefined) return { name: this.#file.name, text: this.#file };
    const name = this.#source.value;
    return { name: name === own ? 'text' : name, text: this.#shown };
  }

  /** The first word of the text, or a part of one that is long: something to write on from. */
  get opening(): string {
    return /^\s*\S{1,20}/u.exec(this.#shown)?.[0].trim() ?? '';
  }

  /** The text as a link says it; a file that is not shown is left out. */
  get shared(): Pick<Shared, 'text' | 'textName'> {
    if (this.#file !== undefined) return {};
    return this.#source.value === own ? { text: this.#shown } : { textName: this.#source.value };
  }

  set shared({ textName, text }: Pick<Shared, 'text' | 'textName'>) {
    if (textName !== undefined) this.#choose(textName);
    else if (text !== undefined) this.#show(text);
  }

  /** Takes a file as the text. */
  async open(file: File): Promise<void> {
    this.#fail('');
    if (file.size <= shownBytes) {
      try {
        this.#show(new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()));
      } catch {
        this.#fail(`${file.name}: expected a text in UTF-8, got a file that is none or cannot be read.`);
      }
      return;
    }
    // Its encoding is looked at by the worker, which reads all of it.
    this.#show(`${await file.slice(0, previewBytes).text()}…`);
    this.#file = file;
    this.#text.readOnly = true;
    this.#note.textContent = `${file.name}, ${thousands(Math.round(file.size / 1000))} kB, of which this is the beginning`;
  }

  /** Keeps the text from being changed, while a run goes on. */
  lock(yes: boolean): void {
    this.#fields.disabled = yes;
  }

  #choose(name: string): void {
    const typed = this.#file === undefined ? this.#shown : '';
    this.#show(name === own ? typed : texts[name].text());
    this.#source.value = name;
  }

  #show(text: string): void {
    this.#file = undefined;
    this.#text.readOnly = false;
    this.#shown = this.#text.value = text;
    this.#source.value = own;
    this.#count();
  }

  #count(): void {
    this.#note.textContent = `${thousands(this.#shown.length)} characters`;
  }

  #acceptDrops(): void {
    this.#fields.addEventListener('dragover', event => {
      event.preventDefault();
      this.#fields.classList.add('over');
    });
    for (const name of ['dragleave', 'drop'])
      this.#fields.addEventListener(name, () => this.#fields.classList.remove('over'));
    this.#fields.addEventListener('drop', event => {
      const [file] = event.dataTransfer?.files ?? [];
      if (file === undefined) return;
      // Or the browser would open the file in the place of the page, and a run would be lost.
      event.preventDefault();
      if (!this.#fields.disabled) void this.open(file);
    });
  }
}
