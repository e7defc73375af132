import { rules } from '../../../04-char-rnn/run/options.ts';
import type { LiveSettings, Settings } from '../protocol.ts';
import { liveNames, names, pageDefaults, type SettingName, settingsFrom } from '../settings.ts';
import { find, make } from './dom.ts';

/** The fields of the settings. */
export class Fields {
  readonly #fixed = find('fixed-fields', HTMLFieldSetElement);
  readonly #temperature = find('temperature-value', HTMLOutputElement);
  #settings = pageDefaults;

  /** @param changed - hears what is set in a field that may change while a run goes on. */
  constructor(changed: (settings: LiveSettings) => void) {
    for (const name of names) {
      field(name).title = rules[name].meaning;
      field(name).addEventListener('input', () => this.#forgive(name));
      field(name).addEventListener('change', () => this.#take(name));
    }
    field('temperature').addEventListener('input', () => this.#showTemperature());
    for (const name of liveNames)
      field(name).addEventListener('change', () => {
        if (field(name).validity.valid) changed(this.settings);
      });
  }

  /** What the fields say; one that is empty or out of range still counts as what it said before. */
  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: Settings) {
    this.#settings = settings;
    for (const name of names) {
      field(name).value = String(settings[name]);
      complain(name, '');
    }
    this.#showTemperature();
  }

  /** Keeps the fields that make a run from being changed, while it goes on. */
  lock(yes: boolean): void {
    this.#fixed.disabled = yes;
  }

  /** Takes what a field says, or tells why not. */
  #take(name: SettingName): void {
    const { validity, validationMessage, value } = field(name);
    if (validity.valid) this.#settings = settingsFrom(other => (other === name ? value : null), this.#settings);
    complain(name, validity.valid ? '' : `${validationMessage} Until then it is ${this.#settings[name]}.`);
  }

  /** Forgets what was wrong with a field, as soon as it is right; a half-typed one is left in peace. */
  #forgive(name: SettingName): void {
    if (field(name).validity.valid) complain(name, '');
  }

  #showTemperature(): void {
    this.#temperature.value = Number(field('temperature').value).toFixed(2);
  }
}

function field(name: SettingName): HTMLInputElement | HTMLSelectElement {
  return name === 'cell' || name === 'optimizer' ? find(name, HTMLSelectElement) : find(name, HTMLInputElement);
}

/** Says below a field what is wrong with it; nothing, if all is well. */
function complain(name: SettingName, reason: string): void {
  const input = field(name);
  const id = `${name}-error`;
  document.getElementById(id)?.remove();
  if (reason === '') {
    input.removeAttribute('aria-invalid');
    return;
  }
  const note = make('p', reason);
  Object.assign(note, { id, className: 'complaint', role: 'alert' });
  input.after(note);
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-errormessage', id);
}
