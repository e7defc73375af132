import { defaults, fixed, type Options, rules } from '../../04-char-rnn/run/options.ts';
import type { Settings } from './protocol.ts';

/** The settings that may change while a run goes on. */
export const liveNames = ['lr', 'steps', 'every', 'temperature'] as const;

/** The settings, in the order of the page. */
export const names = [...fixed, ...liveNames];

export type SettingName = (typeof names)[number];

const { text, sample, prompt, ...shared } = defaults;

/** What the page begins with: the command line's defaults, but with more steps, as one may stop when one likes. */
export const pageDefaults: Settings = { ...shared, steps: 5000, every: 200 };

/**
 * Settings from texts by name; what has none is as in `base`.
 *
 * @throws OptionError for a text that is none of the values that the setting may have.
 */
export function settingsFrom(textOf: (name: SettingName) => string | null, base: Settings = pageDefaults): Settings {
  let settings = base;
  for (const name of names) {
    const value = textOf(name);
    if (value !== null) settings = { ...settings, ...pick(rules[name].read(value), name) };
  }
  return settings;
}

const pick = <N extends SettingName>(options: Partial<Options>, name: N): Partial<Settings> => ({
  [name]: options[name],
});
