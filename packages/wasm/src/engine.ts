import type { ModuleBuilder } from './assembler/module.ts';

/** A memory of WebAssembly; never grown, so that its buffer stays what it is. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

/** What is used of `WebAssembly` in JavaScript; the types of the browser would bring all of the browser with them. */
interface Engine {
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { env: object }) => { readonly exports: object };
  validate(bytes: Uint8Array): boolean;
}

const { WebAssembly: engine } = globalThis as { WebAssembly?: Engine };

/** Whether the engine takes a module. */
export const validates = (bytes: Uint8Array): boolean => engine?.validate(bytes) === true;

/** Whether a module can be compiled at once: an engine that takes it may yet be told not to. */
export function compiles(bytes: Uint8Array): boolean {
  try {
    return engine !== undefined && new engine.Module(bytes) !== undefined;
  } catch {
    return false;
  }
}

/** A new memory of so many pages of 64 KB, zeros at first. */
export const makeMemory = (pages: number): Memory => new engine!.Memory({ initial: pages, maximum: pages });

/** The exported functions of a module, as it is written or in bytes, that works in a memory. */
export const instantiate = <Exports>(
  m: ModuleBuilder | Uint8Array,
  memory: Memory,
  functions: Readonly<Record<string, (...args: number[]) => unknown>> = {},
): Exports => {
  const module = new engine!.Module(m instanceof Uint8Array ? m : m.bytes());
  return new engine!.Instance(module, { env: { memory, ...functions } }).exports as Exports;
};
