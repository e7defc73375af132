import { styleText } from 'node:util';
import { SingleBar } from 'cli-progress';
import { bitsPerCharacter, type Metrics } from '../history.ts';

/** Where the program writes: a terminal, a pipe or a file. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
};

type Style = Parameters<typeof styleText>[0];

/** Text in a style on a terminal that has colours (and NO_COLOR is not set), as it is elsewhere. */
export const painter = (output: Output): ((style: Style, text: string) => string) =>
  output.isTTY === true && !process.env.NO_COLOR && output.hasColors?.() === true
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;

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

/** What is shown of a run while it goes on. */
export interface Progress {
  /** Shows how far the run is. */
  step(metrics: Metrics): void;
  /** Writes lines, above the bar where there is one. */
  say(text: string): void;
  /** Takes the bar away. */
  stop(): void;
}

/** The progress of a run from step `done` to step `steps`: a bar on a terminal, some twenty plain lines elsewhere. */
export function progress(output: Output, done: number, steps: number, now = () => performance.now()): Progress {
  const start = now();
  const status = ({ step, loss }: Metrics): string[] => {
    const speed = (step - done) / Math.max(1e-9, (now() - start) / 1000);
    return [
      `${speed.toFixed(speed < 100 ? 1 : 0)} steps/s`,
      `${clock((steps - step) / speed)} left`,
      `loss ${loss.toFixed(4)}`,
      `${bitsPerCharacter(loss).toFixed(3)} bits/char`,
    ];
  };
  return output.isTTY === true ? bar(output, done, steps, status) : lines(output, steps, status);
}

type Status = (metrics: Metrics) => string[];

function lines(output: Output, steps: number, status: Status): Progress {
  const every = Math.ceil(steps / 20);
  const width = String(steps).length;
  return {
    step(metrics) {
      const { step } = metrics;
      if (step % every === 0 || step === steps)
        output.write(`${[`step ${String(step).padStart(width)}/${steps}`, ...status(metrics)].join(' · ')}\n`);
    },
    say: text => output.write(`${text}\n`),
    stop() {},
  };
}

function bar(output: Output, done: number, steps: number, status: Status): Progress {
  const shown = new SingleBar({
    stream: output,
    format: '{bar} {value}/{total} · {status}',
    barsize: Math.max(6, Math.min(30, (output.columns ?? 80) - 68)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: true,
    linewrap: true,
    gracefulExit: false,
  });
  let at = done;
  let last = { status: 'starting' };
  const start = () => shown.start(steps, at, last);
  start();
  return {
    step(metrics) {
      at = metrics.step;
      last = { status: status(metrics).join(' · ') };
      shown.update(at, last);
    },
    say(text) {
      shown.stop();
      output.write(`${text}\n`);
      start();
    },
    stop: () => shown.stop(),
  };
}
