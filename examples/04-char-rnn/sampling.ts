import { setImmediate } from 'node:timers/promises';
import { readCheckpoint } from './checkpoint.ts';
import type { SampleCommand } from './command.ts';
import { withOptions } from './errors.ts';
import type { Tell } from './events.ts';
import { filesIn } from './folder.ts';
import { type Output, printable } from './report/terminal.ts';
import { modelOf } from './run/checkpoint.ts';
import { promptOf, streamOf, write } from './run/sample.ts';

/** Writes from a checkpoint, character by character, and returns the exit code. */
export async function runSample(
  { out, checkpoint: path = filesIn(out).checkpoint, given, manner }: SampleCommand,
  output: Output,
  tell: Tell,
): Promise<number> {
  const checkpoint = await readCheckpoint(path, 'sample');
  const { vocabulary, history } = checkpoint;
  const { prompt: asked, sample: length, temperature, seed, steps } = { ...checkpoint.options, ...given };
  const prompt = withOptions(() => promptOf(asked, vocabulary, vocabulary.characters[0]));
  const step = history.length;
  const generator = streamOf(seed, step);
  const characters = write(modelOf(checkpoint), vocabulary, { prompt, length, temperature, generator });
  if (manner.json) {
    tell({ event: 'sample', step, prompt, temperature, text: [...characters].join('') });
    tell({ event: 'end', code: 0, step, steps });
    return 0;
  }
  // A terminal is not to be steered by what is written; a file gets it as it is.
  const put = (text: string) => output.write(output.isTTY ? printable(text) : text);
  put(prompt);
  for (const character of characters) {
    put(character);
    await setImmediate(); // or nobody hears that the reader has gone
  }
  output.write('\n');
  return 0;
}
