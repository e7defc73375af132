import type { HiddenStates } from '../run/hidden.ts';
import { bestOf, bitsPerCharacter, type Metrics } from '../run/history.ts';
import { thousands } from '../run/numbers.ts';
import type { Sample } from '../run/sample.ts';
import { heatMap } from './bitmap.ts';
import { type Element, element } from './elements.ts';
import { lossPlot, normPlot } from './plots.ts';
import { cellWidth, style } from './style.ts';

/** What a report of a run shows: plain data. */
export interface Report {
  readonly title: string;
  readonly history: readonly Metrics[];
  readonly samples: readonly Sample[];
  /** What the network holds while it reads a text; without characters, it is left out. */
  readonly hidden: HiddenStates;
  /** The norm that gradients are clipped to. */
  readonly clip: number;
  /** The options and what else is known, by name. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A run as a page in one HTML file, which loads nothing and runs no script. Texts of the run are text on it. */
export function reportPage(report: Report): string {
  const { title, history, samples, hidden, clip, facts } = report;
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, withoutTags(title)),
    element('style', {}, style),
  );
  const main = element(
    'main',
    {},
    element('h1', {}, title),
    tiles(report),
    section(
      'Loss',
      'Every step, its running mean, and the loss on text that the network has never seen; a ring marks the best.',
      [key(history.some(({ heldOut }) => heldOut !== undefined)), scrolling('Loss by step', lossPlot(history))],
    ),
    section('Gradients', 'The norm of all gradients together, before clipping.', [
      scrolling('Gradient norm by step', normPlot(history, clip)),
    ]),
    ...(samples.length === 0 ? [] : [section('Samples', 'What the network wrote, step by step.', [listOf(samples)])]),
    ...(hidden.characters.length === 0 ? [] : [section('Hidden state', saidOf(hidden), [rampKey(), statesOf(hidden)])]),
    section('The run', 'Its options, and what they made.', [tableOf(facts)]),
  );
  const html = element('html', { lang: 'en' }, head, element('body', {}, main));
  return `<!doctype html>\n${html.outerHTML}\n`;
}

/** What is in a title is written out as it is, so that it could end the title. */
const withoutTags = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const section = (heading: string, says: string, content: readonly Element[]): Element =>
  element('section', {}, element('h2', {}, heading), element('p', {}, says), ...content);

const scrolling = (label: string, ...content: Element[]): Element =>
  element('div', { class: 'wide', role: 'group', 'aria-label': label, tabindex: '0' }, ...content);

function tiles({ history }: Report): Element {
  const last = history.at(-1);
  const best = bestOf(history);
  const bits = (loss: number): string => bitsPerCharacter(loss).toFixed(3);
  const shown = [
    ['steps', thousands(last?.step ?? 0)],
    ...(last === undefined ? [] : [['training, bits per character', bits(last.loss)]]),
    ...(best?.heldOut === undefined ? [] : [['best held out, bits per character', bits(best.heldOut)]]),
    ...(best?.heldOut === undefined ? [] : [['at step', thousands(best.step)]]),
  ];
  return element(
    'dl',
    { class: 'tiles' },
    ...shown.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

const key = (withHeldOut: boolean): Element =>
  element(
    'ul',
    { class: 'key' },
    element('li', { class: 'training' }, 'training'),
    ...(withHeldOut ? [element('li', { class: 'held-out' }, 'held out')] : []),
  );

const mostSamples = 40;

/** The samples, the last open; of many, some from the whole run. */
function listOf(samples: readonly Sample[]): Element {
  const stride = Math.ceil(samples.length / mostSamples);
  const shown = samples.filter((_, i) => (samples.length - 1 - i) % stride === 0);
  const items = shown.map(({ step, temperature, prompt, text }, i) =>
    element(
      'li',
      {},
      element(
        'details',
        i === shown.length - 1 ? { open: '' } : {},
        element('summary', {}, `Step ${thousands(step)}`, element('span', {}, `temperature ${temperature}`)),
        element('pre', {}, element('b', {}, prompt), text),
      ),
    ),
  );
  return element('ol', { class: 'samples' }, ...items);
}

const mostUnits = 256;

const unitsOf = ({ states }: HiddenStates): number => states[0]?.length ?? 0;

function saidOf(hidden: HiddenStates): string {
  const units = unitsOf(hidden);
  const which = units > mostUnits ? `the first ${mostUnits} of ${units} units` : `${units} units`;
  return `What the last layer holds after each character of a text: a row for each of ${which}. A row that changes with spaces, capitals or line ends has learnt to see them.`;
}

const rampKey = (): Element => element('p', {}, '−1', element('span', { class: 'ramp' }), '1');

/** Units by characters, and the characters below. */
function statesOf(hidden: HiddenStates): Element {
  const { characters, states } = hidden;
  const units = Math.min(unitsOf(hidden), mostUnits);
  const rows = Array.from({ length: units }, (_, unit) => states.map(state => state[unit]));
  const height = units * Math.max(2, Math.min(8, Math.floor(480 / units)));
  const size = { width: String(cellWidth * characters.length), height: String(height) };
  const image = element(
    'picture',
    {},
    element('source', { media: '(prefers-color-scheme: dark)', srcset: heatMap(rows, 'dark') }),
    element('img', { src: heatMap(rows, 'light'), alt: `Hidden state over the text: ${characters.join('')}`, ...size }),
  );
  const signs = characters.map(character => {
    const blank = blanks[character];
    return element('span', blank === undefined ? {} : { class: 'blank' }, blank ?? character);
  });
  const below = element('div', { class: 'characters', 'aria-hidden': 'true' }, ...signs);
  const label = 'Hidden state, units by characters';
  return element('div', { class: 'wide states', role: 'group', 'aria-label': label, tabindex: '0' }, image, below);
}

const blanks: Readonly<Record<string, string>> = { ' ': '·', '\n': '⏎', '\t': '⇥' };

const tableOf = (facts: Report['facts']): Element =>
  element(
    'table',
    {},
    element(
      'tbody',
      {},
      ...facts.map(([name, value]) =>
        element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, value)),
      ),
    ),
  );
