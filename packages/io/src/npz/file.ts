import type { Tensor } from '@tapegrad/autograd';
import { readFile, writeFile } from '../file.ts';
import type { ReadOptions } from '../tensors.ts';
import { read } from './decode.ts';
import { write } from './encode.ts';

/**
 * Writes tensors by name to an .npz file, under just this path. Node only. The file is there in full or not at all, and
 * is written piece by piece, both as by `saveSafetensors`.
 *
 * @throws ArgumentError as `encodeNpz` does; TapegradError with the path and the reason when it cannot be written, and
 * when a tensor is assigned to before it is.
 */
export async function saveNpz(path: string | URL, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  await writeFile('saveNpz', path, write('saveNpz', tensors));
}

/**
 * The tensors of an .npz file by name, as `decodeNpz` gives them. Node only. The file is read piece by piece into the
 * tensors, and never held as a whole.
 *
 * @param options.only - the names of the tensors that are wanted; of the others nothing is read.
 * @throws FormatError for a file that is none; TapegradError with the path and the reason when it cannot be read.
 */
export async function loadNpz(path: string | URL, options: ReadOptions = {}): Promise<Record<string, Tensor>> {
  return readFile('loadNpz', path, size => read(`loadNpz: ${path}`, size, options));
}
