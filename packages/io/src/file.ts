import { TapegradError } from '@tapegrad/tensor';

/** A module of Node, asked for when it is needed: so a bundle for the browser has no trace of it. */
function nodeModule<M extends 'node:fs/promises' | 'node:path' | 'node:url'>(op: string, name: M) {
  const module = globalThis.process?.getBuiltinModule?.(name);
  if (module !== undefined) return module;
  throw new TapegradError(
    `${op}: expected Node, which has files, got an engine without; there, encode to bytes and decode from bytes`,
  );
}

/** The content of a file. */
export async function loadBytes(op: string, path: string | URL): Promise<Uint8Array> {
  const fs = nodeModule(op, 'node:fs/promises');
  try {
    return await fs.readFile(path);
  } catch (cause) {
    throw failure(op, 'read', path, cause);
  }
}

/** Makes `bytes` the content of a file, in full or not at all. */
export async function saveBytes(op: string, path: string | URL, bytes: Uint8Array): Promise<void> {
  const fs = nodeModule(op, 'node:fs/promises');
  const { dirname } = nodeModule(op, 'node:path');
  const { fileURLToPath } = nodeModule(op, 'node:url');
  try {
    const given = path instanceof URL ? fileURLToPath(path) : path;
    const target = await fs.realpath(given).catch(() => given); // a link stays one, and leads to the new content
    const temporary = `${target}.${crypto.randomUUID()}.tmp`;
    try {
      const before = await fs.stat(target).catch(() => undefined);
      await writeThrough(fs, temporary, bytes, before?.mode);
      await fs.rename(temporary, target);
    } catch (error) {
      await fs.rm(temporary, { force: true }).catch(() => {}); // the first error says more than a second one
      throw error;
    }
    await syncFolder(fs, dirname(target));
  } catch (cause) {
    throw failure(op, 'write', path, cause);
  }
}

type FileSystem = typeof import('node:fs/promises');

/** Writes a new file, with these permissions whatever the umask, and waits until it is on the disk. */
async function writeThrough(fs: FileSystem, path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  const file = await fs.open(path, 'wx', mode);
  try {
    if (mode !== undefined) await file.chmod(mode).catch(() => {}); // not every file system has them
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Lets the new name outlive a power failure, where the system can: Windows cannot open a folder. */
async function syncFolder(fs: FileSystem, path: string): Promise<void> {
  const folder = await fs.open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const failure = (op: string, verb: string, path: string | URL, cause: unknown): TapegradError =>
  new TapegradError(`${op}: could not ${verb} ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
