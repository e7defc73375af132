import { bestOf, bitsPerCharacter, type Metrics } from './run/history.ts';
import type { Options } from './run/options.ts';
import type { Sample } from './run/sample.ts';
import type { Run } from './run/train.ts';

/**
 * What the program tells of itself with `--json`, one event a line. The names and what they mean stay; there may be more of
 * them. Losses are in nats per character. Nothing here depends on time, so that equal runs tell the same.
 */
export type Told =
  /** Training begins, after step `done` of `steps`. The demo has no options. */
  | {
      readonly event: 'start';
      readonly command: 'train' | 'resume' | 'demo';
      readonly done: number;
      readonly steps: number;
      readonly characters: number;
      readonly distinct: number;
      readonly parameters: number;
      readonly options: Options | null;
    }
  /** One step: its loss before the update, and the norm of its gradients, which the demo does not know. */
  | {
      readonly event: 'step';
      readonly step: number;
      readonly loss: number;
      readonly bitsPerCharacter: number;
      readonly gradientNorm: number | null;
    }
  /** A look at the run: the loss on held-out text, if there is any, and whether it is the lowest so far. */
  | { readonly event: 'look'; readonly step: number; readonly heldOut: number | null; readonly best: boolean }
  /** What the network writes after `prompt`. */
  | ({ readonly event: 'sample' } & Sample)
  /** A file that is written, with what was known after this step. */
  | { readonly event: 'saved'; readonly step: number; readonly file: SavedFile; readonly path: string }
  /** The end, at `step` of `steps`. The exit code is 0, or 130 for a run that was interrupted and can be resumed. */
  | { readonly event: 'end'; readonly code: number; readonly step: number; readonly steps: number }
  /** The end of what cannot go on: exit code 2 for a wrong command line, 1 for all else. */
  | {
      readonly event: 'error';
      readonly code: number;
      readonly kind: 'usage' | 'failure' | 'bug';
      readonly message: string;
    };

export type SavedFile = 'checkpoint' | 'metrics' | 'curve' | 'report';

export type Tell = (event: Told) => void;

export const stepEvent = ({ step, loss, gradientNorm }: Metrics): Told => ({
  event: 'step',
  step,
  loss,
  bitsPerCharacter: bitsPerCharacter(loss),
  gradientNorm,
});

/** What a look at a run tells: its losses, and what it wrote. */
export function lookEvents({ history, samples }: Run): Told[] {
  const { step, heldOut } = history[history.length - 1];
  const look: Told = { event: 'look', step, heldOut: heldOut ?? null, best: bestOf(history)?.step === step };
  const sample = samples.at(-1);
  return sample?.step === step ? [look, { event: 'sample', ...sample }] : [look];
}
