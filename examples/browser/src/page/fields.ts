import { rules } from '../../../04-char-rnn/run/options.ts';
import type { LiveSettings, Settings } from '../protocol.ts';
import { liveNames, names, type SettingName, settingsFrom } from '../settings.ts';
import { find } from './dom.ts';

/** The fields of the settings. */
export class Fields {
  readonly #fixed = find('fixed-fields', HTMLFieldSetElement);
  readonly #temperature = find('temperature-value', HTMLOutputElement);

  /** @param changed - hears what is set in a field that may change while a run goes on. */
  constructor(changed: (settings: LiveSettings) => void) {
    for (const name of names) field(name).title = rules[name].meaning;
    field('temperature').addEventListener('input', () => this.#showTemperature());
    for (const name of liveNames)
      field(name).addEventListener('change', () => {
        if (field(name).reportValidity()) changed(this.settings);
      });
  }

  get settings(): Settings {
    return settingsFrom(name => field(name).value);
  }

  set settings(settings: Settings) {
    for (const name of names) field(name).value = String(settings[name]);
    this.#showTemperature();
  }

  /** Keeps the fields that make a run from being changed, while it goes on. */
  lock(yes: boolean): void {
    this.#fixed.disabled = yes;
  }

  #showTemperature(): void {
    this.#temperature.value = Number(field('temperature').value).toFixed(2);
  }
}

function field(name: SettingName): HTMLInputElement | HTMLSelectElement {
  return name === 'cell' || name === 'optimizer' ? find(name, HTMLSelectElement) : find(name, HTMLInputElement);
}
