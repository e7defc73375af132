import { vi } from 'vitest';

type FileSystem = typeof import('node:fs/promises');
export type FileHandle = Awaited<ReturnType<FileSystem['open']>>;

const nodeModule = process.getBuiltinModule as (name: string) => object;

/** Lets saving and loading see other functions of node:fs/promises than there are, until `vi.restoreAllMocks()`. */
export function replace(functions: object): void {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name === 'node:fs/promises' ? { ...nodeModule(name), ...functions } : nodeModule(name)) as never);
}

/** A way to open files whose handles have these functions instead of their own. */
export function opening(functions: (file: FileHandle) => object) {
  const { open } = nodeModule('node:fs/promises') as FileSystem;
  return async (...args: Parameters<typeof open>) => {
    const file = await open(...args);
    return Object.assign(file, functions(file));
  };
}
