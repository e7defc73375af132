import type { Tensor } from '@tapegrad/autograd';
import { readFile, writeFile } from '../file.ts';
import { read } from './decode.ts';
import { write } from './encode.ts';

/**
 * Writes a tensor to an .npy file, under just this path. Node only. The file is there in full or not at all, and is
 * written piece by piece, both as by `saveSafetensors`.
 *
 * @throws ArgumentError for a value that is no tensor; TapegradError with the path and the reason when it cannot be
 * written, and when the tensor is assigned to before it is.
 */
export async function saveNpy(path: string | URL, x: Tensor): Promise<void> {
  await writeFile('saveNpy', path, write('saveNpy', x));
}

/**
 * The tensor of an .npy file, as `decodeNpy` gives it. Node only. The file is read piece by piece into the tensor.
 *
 * @throws FormatError for a file that is none; TapegradError with the path and the reason when it cannot be read.
 */
export async function loadNpy(path: string | URL): Promise<Tensor> {
  return readFile('loadNpy', path, size => read(`loadNpy: ${path}`, size));
}
