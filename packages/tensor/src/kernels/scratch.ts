import { type Memory, makeMemory, wasmAllowed } from '@tapegrad/wasm';

/**
 * Memory that kernels in WebAssembly work in: operands are copied in, results out. Nothing stays there between calls, so
 * that all of them share it.
 */
export interface Scratch {
  readonly memory: Memory;
  /** The whole memory as float32. */
  readonly floats: Float32Array;
}

/** 32 MB, of which the system provides what is touched. */
const pages = 512;

let made: Scratch | undefined;

/** The scratch memory, made at its first use; null where WebAssembly may not be compiled. */
export function scratch(): Scratch | null {
  if (!wasmAllowed()) return null;
  if (made === undefined) {
    const memory = makeMemory(pages);
    made = { memory, floats: new Float32Array(memory.buffer) };
  }
  return made;
}
