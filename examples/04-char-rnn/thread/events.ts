import type { Calling } from '../calling.ts';
import type { TextCommand } from '../command.ts';
import type { Told } from '../events.ts';
import type { Screen } from '../report/terminal.ts';
import type { Metrics } from '../run/history.ts';

/** What a training thread says to the one that shows it. */
export type RunEvent =
  /** Lines for people. */
  | { readonly kind: 'text'; readonly text: string }
  /** Training begins, after step `done` of `steps`. */
  | { readonly kind: 'start'; readonly done: number; readonly steps: number }
  | { readonly kind: 'step'; readonly metrics: Metrics }
  /** Training is over, for now or for good. */
  | { readonly kind: 'stop' }
  /** What programs are told. */
  | { readonly kind: 'told'; readonly told: Told }
  /** The run has ended, with this exit code. */
  | { readonly kind: 'end'; readonly code: number }
  | { readonly kind: 'error'; readonly name: 'usage' | 'failure' | 'bug'; readonly message: string };

/** What a training thread is started with. */
export interface Errand {
  readonly command: TextCommand;
  readonly calling: Calling;
  /** The output as it is at the start. */
  readonly screen: Screen;
  /** What changes while the thread works, as int32s by `slots`: the thread looks at them, and need not listen. */
  readonly shared: SharedArrayBuffer;
}

/** The places of what a thread shares: 1 after Ctrl-C, and how wide the terminal is now. */
export const slots = { interrupted: 0, columns: 1 } as const;
