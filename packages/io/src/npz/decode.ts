import type { Tensor } from '@tapegrad/autograd';
import { FormatError } from '@tapegrad/tensor';
import { type Reading, readBytes } from '../reading.ts';
import { type ReadOptions, wanted } from '../tensors.ts';
import { quote } from '../text.ts';
import { readDirectory } from './directory.ts';
import { readEntry } from './entry.ts';

/**
 * The tensors of an .npz file by name, as `numpy.savez` and `numpy.savez_compressed` write it: a ZIP file of .npy files,
 * whose names without `.npy` are those of the tensors, each as `decodeNpy` gives it. The object has no prototype, so that
 * every name is safe. Entries with other names are no tensors, and left out.
 *
 * @param options.only - the names of the tensors that are wanted, instead of all.
 * @throws FormatError for bytes that are no such file, that are damaged, encrypted, or compressed in another way, and as
 * `decodeNpy`; it says what is wrong, and in which entry. ArgumentError for a name in `only` that is not in the file.
 */
export function decodeNpz(bytes: Uint8Array, options: ReadOptions = {}): Record<string, Tensor> {
  return readBytes('decodeNpz', bytes, size => read('decodeNpz', size, options));
}

/** Reads a file of `size` bytes; its errors begin with `op`. */
export function* read(op: string, size: number, { only }: ReadOptions = {}): Reading<Record<string, Tensor>> {
  const entries = (yield* readDirectory(op, size)).filter(({ name }) => name.endsWith('.npy'));
  const names = entries.map(({ name }) => name.slice(0, -'.npy'.length));
  checkOnce(op, names);
  const chosen = wanted(op, names, only);
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const [k, entry] of entries.entries()) if (chosen.has(names[k])) tensors[names[k]] = yield* readEntry(op, entry);
  return tensors;
}

function checkOnce(op: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new FormatError(`${op}: expected every name once, got ${quote(`${name}.npy`)} twice`);
    seen.add(name);
  }
}
