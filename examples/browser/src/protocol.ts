import type { Options } from '../../04-char-rnn/run/options.ts';
import type { Sample } from '../../04-char-rnn/run/sample.ts';

/** What one sets on the page: the options of a run but for those that only a command line needs. */
export type Settings = Omit<Options, 'text' | 'sample' | 'prompt'>;

/** The settings that may change while a run goes on. */
export type LiveSettings = Pick<Settings, 'lr' | 'steps' | 'every' | 'temperature'>;

/** A text, typed or as a file that the worker reads itself. */
export interface Source {
  readonly name: string;
  readonly text: string | Blob;
}

/** What the page asks of the worker. */
export type Request =
  | { readonly ask: 'start'; readonly settings: Settings; readonly source: Source }
  | { readonly ask: 'open'; readonly file: Blob; readonly steps: number; readonly source: Source }
  | { readonly ask: 'pause' | 'resume' | 'stop' | 'save' }
  | { readonly ask: 'change'; readonly settings: LiveSettings }
  | { readonly ask: 'write'; readonly prompt: string; readonly length: number; readonly temperature: number };

/**
 * What the worker has: no network, one that trains or may train on, one that has done so, or one that only writes, as its
 * text is not there.
 */
export type State = 'none' | 'running' | 'paused' | 'finished' | 'writer';

/** What is known of a run before its first step. */
export interface Facts {
  readonly settings: Settings;
  readonly characters: number;
  readonly vocabulary: number;
  readonly heldOut: number;
  readonly parameters: number;
  readonly executor: 'wasm' | 'javascript';
  /** Milliseconds that recording and compiling the step took. */
  readonly prepared: number;
}

/** Steps that were done since the last report. */
export interface Progress {
  /** The steps done before these. */
  readonly before: number;
  /** The loss of each of them, in nats per character. */
  readonly losses: Float64Array;
  readonly heldOut: readonly { readonly step: number; readonly loss: number }[];
  readonly samples: readonly Sample[];
  /** Undefined until there is something to measure. */
  readonly stepsPerSecond: number | undefined;
}

/** What the worker tells the page. */
export type Report =
  | { readonly tell: 'begun'; readonly facts: Facts }
  | { readonly tell: 'progress'; readonly progress: Progress }
  | { readonly tell: 'state'; readonly state: State }
  | { readonly tell: 'written'; readonly prompt: string; readonly text: string; readonly done: boolean }
  | { readonly tell: 'saved'; readonly step: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly tell: 'failed'; readonly of: Request['ask'] | 'step'; readonly reason: string };
