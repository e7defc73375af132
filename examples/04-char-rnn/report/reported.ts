import { basename } from 'node:path';
import type { Stats, Tensor } from 'tapegrad';
import { hiddenStates } from '../run/hidden.ts';
import { parameterCount } from '../run/model.ts';
import { thousands } from '../run/numbers.ts';
import { maximumNorm } from '../run/step.ts';
import { type Run, sizesOf } from '../run/train.ts';
import type { Report } from './page.ts';
import { nameOf } from './run.ts';
import { printable } from './terminal.ts';

/** How many characters of the text the hidden states are shown over. */
const shownCharacters = 160;

/**
 * What the report of a run shows: nothing that depends on the machine or the time, so that equal runs give equal reports.
 * `stats` are of the step's program, null where it ran eagerly.
 */
export function reportOf(run: Run, stats: Stats | null): Report {
  const { options, corpus, model, history, samples } = run;
  const { vocabulary, training, heldOut } = corpus;
  const read = vocabulary.decode(beginningOf(heldOut.size > 0 ? heldOut : training));
  return {
    title: printable(`${nameOf(options)} on ${basename(options.text)}`),
    history,
    samples,
    hidden: hiddenStates(model, vocabulary, read),
    clip: maximumNorm,
    facts: [
      ['parameters', thousands(parameterCount(sizesOf(options, vocabulary.size)))],
      ['characters to learn from', thousands(training.size)],
      ['characters held out', thousands(heldOut.size)],
      ['distinct characters', thousands(vocabulary.size)],
      ...Object.entries(options).map(([name, value]) => [name, printable(String(value))] as const),
      ...(stats === null ? [] : programFacts(stats)),
    ],
  };
}

const beginningOf = (ids: Tensor): Tensor => ids.slice(0, 0, Math.min(ids.size, shownCharacters));

const programFacts = ({ recorded, operations, kernels, arenaBytes, bytesWithoutSharing }: Stats): Report['facts'] => [
  ['operations recorded', thousands(recorded)],
  ['operations after the passes', thousands(operations)],
  ['kernels', thousands(kernels)],
  ['bytes of memory', `${thousands(arenaBytes)} for ${thousands(bytesWithoutSharing)} of values`],
];
