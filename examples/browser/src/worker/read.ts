import { Failure } from '../../../04-char-rnn/run/errors.ts';
import type { Options } from '../../../04-char-rnn/run/options.ts';
import type { Source } from '../protocol.ts';

const mostBytes = 64 * 2 ** 20;

/** The bytes of a file. @throws Failure when it is too large for a page, or gone. */
export async function readFile(file: Blob): Promise<Uint8Array> {
  if (file.size > mostBytes)
    throw new Failure(`expected a file of ${mostBytes / 2 ** 20} MB or less, got ${Math.ceil(file.size / 2 ** 20)} MB`);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new Failure('expected a file that can be read; it may have been moved or changed', { cause });
  }
}

/** The text of a source. @throws Failure when it is a file that is too large, gone, or not UTF-8. */
export async function readText({ text }: Source): Promise<string> {
  if (typeof text === 'string') return text;
  const bytes = await readFile(text);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure('expected a text in UTF-8, got bytes that are no such text');
  }
}

/** How many numbers the states of one step may have: some gigabytes of memory are more than a page gets. */
const mostStates = 2 ** 23;

/**
 * Lets pass only runs that a page has memory for: a checkpoint from elsewhere may ask for anything.
 *
 * @throws Failure for one that is larger.
 */
export function checkSize({ hidden, layers, sequence, batch }: Options): void {
  const states = hidden * layers * sequence * batch;
  if (states > mostStates || hidden > 1024 || sequence > 512)
    throw new Failure(
      `expected a run that a page has room for, got width ${hidden} in ${layers} layers, windows of ${sequence}, ${batch} in a step; ` +
        'the command line can do it',
    );
}
