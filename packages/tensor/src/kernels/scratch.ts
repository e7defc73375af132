import { type ModuleBuilder, wasmAllowed } from '@tapegrad/wasm';

/** Memory that kernels in WebAssembly work in: operands are copied in, results out. Nothing stays there between calls. */
export interface Scratch {
  readonly memory: WebAssembly.Memory;
  /** The whole memory as float32. */
  readonly floats: Float32Array;
}

/** 32 MB, of which the system provides what is touched. The size is fixed: growing would detach `floats`. */
const pages = 512;

let made: Scratch | undefined;

/** The scratch memory, made at its first use; null where WebAssembly may not be compiled. */
export function scratch(): Scratch | null {
  if (!wasmAllowed()) return null;
  if (made === undefined) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    made = { memory, floats: new Float32Array(memory.buffer) };
  }
  return made;
}

/** The exported functions of a module that works in the scratch memory. */
export function instantiate<Exports>(m: ModuleBuilder, { memory }: Scratch): Exports {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.bytes()), { env: { memory } });
  return exports as Exports;
}
