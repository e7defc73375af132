import { styleText } from 'node:util';
import { SingleBar } from 'cli-progress';
import { bitsPerCharacter, type Metrics } from '../run/history.ts';

/** Where the program writes: a terminal, a pipe or a file. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
};

/** What is to be known of an output by those who only make text for it. */
export interface Screen {
  readonly terminal: boolean;
  /** True on a terminal that has colours, where NO_COLOR is not set. */
  readonly colours: boolean;
  readonly columns: number;
}

export const screenOf = (output: Output): Screen => ({
  terminal: output.isTTY === true,
  colours: output.isTTY === true && !process.env.NO_COLOR && output.hasColors?.() === true,
  columns: output.columns ?? 80,
});

type Style = Parameters<typeof styleText>[0];

/** Text in a style where there are colours, as it is elsewhere. */
export const painter = ({ colours }: Screen): ((style: Style, text: string) => string) =>
  colours ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;

/** Text whose control characters, line breaks and tabs excepted, are shown as signs: a sample must not steer a terminal. */
export const printable = (text: string): string =>
  text.replaceAll(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, character => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : code === 0x7f ? '␡' : '\ufffd';
  });

/** Seconds as a clock shows them: 0:09, 12:30, 1:02:03. */
export function clock(seconds: number): string {
  const s = Math.round(seconds);
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  const tail = String(s % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** Text in lines of at most `width` characters, each with a mark before it. */
export const quoted = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap(line => line.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''])
    .map(line => `  | ${line}`.trimEnd())
    .join('\n');

/** What is shown of a run while it goes on. */
export interface Progress {
  /** Begins to show a run that stands after step `done` of `steps`. */
  start(done: number, steps: number): void;
  /** Shows how far the run is. */
  step(metrics: Metrics): void;
  /** Writes lines, above the bar where there is one. */
  say(text: string): void;
  /** Takes the bar away. */
  stop(): void;
}

/** The progress of a run: a bar on a terminal, some twenty plain lines elsewhere. */
export const progress = (output: Output, now = () => performance.now()): Progress =>
  output.isTTY === true ? bar(output, now) : lines(output, now);

/** Speed, time left, loss and bits per character, measured from step `done` on. */
function status(done: number, steps: number, now: () => number): (metrics: Metrics) => string {
  const start = now();
  return ({ step, loss }) => {
    const speed = (step - done) / Math.max(1e-9, (now() - start) / 1000);
    return [
      `${speed.toFixed(speed < 100 ? 1 : 0)} steps/s`,
      `${clock((steps - step) / speed)} left`,
      `loss ${loss.toFixed(4)}`,
      `${bitsPerCharacter(loss).toFixed(3)} bits/char`,
    ].join(' · ');
  };
}

function lines(output: Output, now: () => number): Progress {
  let total = 0;
  let describe: (metrics: Metrics) => string;
  return {
    start(done, steps) {
      total = steps;
      describe = status(done, steps, now);
    },
    step(metrics) {
      const { step } = metrics;
      if (step % Math.ceil(total / 20) !== 0 && step !== total) return;
      output.write(`step ${String(step).padStart(String(total).length)}/${total} · ${describe(metrics)}\n`);
    },
    say: text => void output.write(`${text}\n`),
    stop() {},
  };
}

/** A bar and what it says, on one line that is less than `columns` wide. */
function barLine(progress: number, says: string, columns: number): string {
  const size = Math.max(6, Math.min(30, columns - 72));
  const done = Math.round(progress * size);
  return `${'█'.repeat(done)}${'░'.repeat(size - done)} ${says}`.slice(0, columns - 1);
}

function bar(output: Output, now: () => number): Progress {
  const shown = new SingleBar({
    stream: output,
    format: (_, { progress, value, total }, { status }) =>
      barLine(progress, `${value}/${total} · ${status}`, screenOf(output).columns),
    clearOnComplete: true,
    hideCursor: true,
    linewrap: true,
    gracefulExit: false,
  });
  let [at, total] = [0, 0];
  let describe: (metrics: Metrics) => string;
  let last = { status: 'starting' };
  return {
    start(done, steps) {
      [at, total] = [done, steps];
      describe = status(done, steps, now);
      shown.start(total, at, last);
    },
    step(metrics) {
      at = metrics.step;
      last = { status: describe(metrics) };
      shown.update(at, last);
    },
    say(text) {
      const active = shown.isActive;
      shown.stop();
      output.write(`${text}\n`);
      if (active) shown.start(total, at, last);
    },
    stop: () => shown.stop(),
  };
}
