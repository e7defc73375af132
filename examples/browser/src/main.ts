import { messageOf } from '../../04-char-rnn/run/errors.ts';
import { thousands } from '../../04-char-rnn/run/numbers.ts';
import { fixed } from '../../04-char-rnn/run/options.ts';
import { Curve } from './curve.ts';
import { Controls } from './page/controls.ts';
import { find } from './page/dom.ts';
import { Fields } from './page/fields.ts';
import { Keep } from './page/keep.ts';
import { bits, Numbers } from './page/numbers.ts';
import { Samples } from './page/samples.ts';
import { TextField } from './page/text.ts';
import type { Facts, Progress, Report, Request, Settings, State } from './protocol.ts';
import { pageDefaults } from './settings.ts';
import { decodeHash, encodeHash, namesText } from './share.ts';
import { Trainer } from './trainer.ts';

let curve = new Curve();
/** What the run began with. */
let begun: { readonly settings: Settings; readonly text: string | Blob } | undefined;

const trainer = new Trainer(hear);
const ask = (request: Request) => {
  controls.fail('');
  trainer.ask(request);
};
const form = find('settings', HTMLFormElement);
const text = new TextField(reason => controls.fail(reason));
const fields = new Fields(settings => ask({ ask: 'change', settings }));
const controls = new Controls(start, goOn, ask);
const numbers = new Numbers(() => curve);
const samples = new Samples(ask);
const keep = new Keep(ask, open, link);
const run = find('run', HTMLElement);
/** Where the settings stand above all that happens. */
const narrow = matchMedia('(max-width: 52rem)');
const figure = find('curve', HTMLElement);
// The page is there before what draws the curve, and that before what trains.
const plot = import('./page/plot.ts').then(({ plotInto }) => plotInto(figure, () => curve));
const draw = () => void plot.then(drawSoon => drawSoon());

void plot.then(() => trainer.prepare());

fields.settings = pageDefaults;
enter('none');
void takeLink();
addEventListener('hashchange', () => void takeLink());
form.addEventListener('submit', event => event.preventDefault());
form.addEventListener('input', () => controls.fail(''));
form.addEventListener('change', refresh);

function start(): void {
  if (!form.reportValidity()) return;
  controls.say('Preparing: the training step is recorded and compiled.');
  enter('running');
  if (narrow.matches) run.scrollIntoView();
  ask({ ask: 'start', settings: fields.settings, source: text.source });
}

function goOn(): void {
  const reason = hindrance();
  if (reason === '') {
    ask({ ask: 'resume' });
    return;
  }
  controls.fail(reason);
  if (narrow.matches) run.scrollIntoView();
}

function open(file: File): void {
  controls.say(`Opening ${file.name}.`);
  ask({ ask: 'open', file, steps: fields.settings.steps, source: text.source });
}

function hear(report: Report): void {
  switch (report.tell) {
    case 'begun':
      begin(report.facts);
      break;
    case 'progress':
      show(report.progress);
      break;
    case 'state':
      enter(report.state);
      controls.say(sentenceOf(report.state));
      break;
    case 'written':
      samples.write(report.prompt, report.text, report.done);
      break;
    case 'saved':
      controls.say(`Saved a checkpoint of step ${thousands(report.step)}.`);
      keep.download(report.bytes, report.step);
      break;
    case 'failed':
      (report.of === 'write' ? samples : controls).fail(`${failures[report.of]}: ${report.reason}.`);
  }
}

const failures: Readonly<Record<(Report & { tell: 'failed' })['of'], string>> = {
  start: 'It could not start',
  open: 'The checkpoint could not be opened',
  pause: 'It could not pause',
  resume: 'It could not go on',
  stop: 'It could not stop',
  change: 'It could not change the settings',
  write: 'It could not write on',
  save: 'It could not save a checkpoint',
  step: 'It had to stop',
};

function begin(facts: Facts): void {
  clear(text.opening);
  fields.settings = facts.settings;
  begun = { settings: facts.settings, text: text.source.text };
  numbers.begin(facts);
}

/** Forgets an earlier run, and offers a beginning to write on from. */
function clear(opening: string): void {
  curve = new Curve();
  numbers.clear();
  samples.begin(opening);
  controls.progress(0, 1);
  draw();
}

function show(progress: Progress): void {
  curve.push(progress.losses, progress.heldOut);
  numbers.show(progress);
  numbers.tableIfDue(curve);
  samples.add(progress.samples);
  controls.progress(curve.steps, fields.settings.steps);
  controls.sayIfDue(() => `Training. ${soFar()}`);
  draw();
}

function enter(state: State): void {
  const busy = state === 'running' || state === 'paused';
  controls.state = state;
  if (state === 'writer') clear('');
  fields.lock(busy);
  text.lock(busy);
  samples.enable(state !== 'none');
  keep.enable({ save: busy || state === 'finished', open: state !== 'running' });
  if (state === 'running') return;
  numbers.table(curve);
  figure.ariaLabel = `Loss curve. ${soFar()}`;
}

/** Says anew how far a run is, after there are to be more steps or fewer. */
function refresh(): void {
  const { state } = controls;
  if (state !== 'paused' && state !== 'finished') return;
  controls.progress(curve.steps, fields.settings.steps);
  controls.say(sentenceOf(state));
}

/** Why a run that has finished cannot go on; nothing, if it can. */
function hindrance(): string {
  const { settings } = fields;
  if (text.source.text !== begun?.text || fixed.some(name => settings[name] !== begun?.settings[name]))
    return 'Text or network are no longer those of this run: to use them, start anew.';
  return settings.steps > curve.steps ? '' : 'To go on, raise “Steps in all”.';
}

function soFar(): string {
  const { loss } = numbers;
  if (loss === undefined) return 'Nothing yet.';
  const [done, all] = [curve.steps, fields.settings.steps];
  const of = done <= all ? ` of ${thousands(all)}` : `, past the ${thousands(all)} in all`;
  return `Step ${thousands(done)}${of}: ${bits(loss)} bits per character.`;
}

function sentenceOf(state: State): string {
  switch (state) {
    case 'none':
      return 'Ready.';
    case 'running':
      return 'Training.';
    case 'paused':
      return `Paused. ${soFar()}`;
    case 'finished':
      return `Finished. ${soFar()}`;
    case 'writer':
      return 'This checkpoint was trained on another text than the one on the left. It can write; to train it on, choose its text and open it again.';
  }
}

/** Puts the settings into the address, copies it, and says so. */
async function link(): Promise<string> {
  const { shared } = text;
  const hash = await encodeHash({ settings: fields.settings, ...shared });
  history.replaceState(null, '', `#${hash}`);
  const left = 'The text is too long for a link, and is left out.';
  const complete = namesText(hash);
  try {
    await navigator.clipboard.writeText(location.href);
    return complete ? 'Copied.' : `Copied. ${left}`;
  } catch {
    return `The address of this page is now the link.${complete ? '' : ` ${left}`}`;
  }
}

/** Takes settings and text from the address, which may come from anywhere. */
async function takeLink(): Promise<void> {
  if (location.hash.length < 2 || controls.state === 'running' || controls.state === 'paused') return;
  try {
    const shared = await decodeHash(location.hash);
    fields.settings = shared.settings;
    text.shared = shared;
    controls.fail('');
    refresh();
  } catch (error) {
    controls.fail(`The link could not be read: ${messageOf(error)}.`);
  }
}
