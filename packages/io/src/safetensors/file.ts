import type { Tensor } from '@tapegrad/autograd';
import { readFile, writeFile } from '../file.ts';
import type { ReadOptions } from '../tensors.ts';
import { read, type Safetensors } from './decode.ts';
import { type SafetensorsOptions, write } from './encode.ts';

/**
 * Writes tensors by name, a state dict for instance, to a safetensors file. Node only.
 *
 * The file is there in full or not at all: it is written under another name in the same folder, flushed to the disk and
 * renamed. What was there before stays until then, and stays when anything fails. The tensors are written from where they
 * are, piece by piece: wait for it before they are assigned to, by an optimizer for instance.
 *
 * @throws ArgumentError as `encodeSafetensors` does; TapegradError with the path and the reason when it cannot be
 * written, and when a tensor is assigned to before it is.
 * @example
 * ```ts
 * await saveSafetensors('model.safetensors', model.stateDict(), { metadata: { epoch: '3' } });
 * ```
 */
export async function saveSafetensors(
  path: string | URL,
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsOptions = {},
): Promise<void> {
  await writeFile('saveSafetensors', path, write('saveSafetensors', tensors, options));
}

/**
 * The tensors of a safetensors file by name, as `decodeSafetensors` gives them. Node only. The file is read piece by
 * piece into the tensors, and never held as a whole.
 *
 * @param options.only - the names of the tensors that are wanted; of the others nothing is read.
 * @throws FormatError for a file that is none; TapegradError with the path and the reason when it cannot be read.
 * @example
 * ```ts
 * model.loadStateDict(await loadSafetensors('model.safetensors'));
 * ```
 */
export async function loadSafetensors(path: string | URL, options: ReadOptions = {}): Promise<Record<string, Tensor>> {
  return (await loadSafetensorsWithMetadata(path, options)).tensors;
}

/** The tensors and the metadata of a safetensors file: `{ tensors, metadata }`. Node only. */
export async function loadSafetensorsWithMetadata(path: string | URL, options: ReadOptions = {}): Promise<Safetensors> {
  return readFile('loadSafetensors', path, size => read(`loadSafetensors: ${path}`, size, options));
}
