import type { Tensor } from '@tapegrad/autograd';
import { loadBytes, saveBytes } from '../file.ts';
import { decode, type Safetensors } from './decode.ts';
import { encode, type SafetensorsOptions } from './encode.ts';

/**
 * Writes tensors by name, a state dict for instance, to a safetensors file. Node only.
 *
 * The file is there in full or not at all: it is written under another name in the same folder, flushed to the disk and
 * renamed. What was there before stays until then, and stays when anything fails.
 *
 * @throws ArgumentError as `encodeSafetensors` does; TapegradError with the path and the reason when it cannot be
 * written.
 */
export async function saveSafetensors(
  path: string | URL,
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsOptions = {},
): Promise<void> {
  await saveBytes('saveSafetensors', path, encode('saveSafetensors', tensors, options));
}

/**
 * The tensors of a safetensors file by name, as `decodeSafetensors` gives them. Node only.
 *
 * @throws FormatError for a file that is none; TapegradError with the path and the reason when it cannot be read.
 */
export async function loadSafetensors(path: string | URL): Promise<Record<string, Tensor>> {
  return (await loadSafetensorsWithMetadata(path)).tensors;
}

/** The tensors and the metadata of a safetensors file: `{ tensors, metadata }`. Node only. */
export async function loadSafetensorsWithMetadata(path: string | URL): Promise<Safetensors> {
  return decode(`loadSafetensors: ${path}`, await loadBytes('loadSafetensors', path));
}
