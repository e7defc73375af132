import { TapegradError } from '@tapegrad/tensor';
import { type ByteRange, pieceLength, type Reading, readBytes } from './reading.ts';
import type { Writing } from './writing.ts';

/** A module of Node, asked for when it is needed: so a bundle for the browser has no trace of it. */
function nodeModule<M extends 'node:fs/promises' | 'node:path' | 'node:url'>(op: string, name: M) {
  const module = globalThis.process?.getBuiltinModule?.(name);
  if (module !== undefined) return module;
  throw new TapegradError(
    `${op}: expected Node, which has files, got an engine without; there, encode to bytes and decode from bytes`,
  );
}

type FileSystem = typeof import('node:fs/promises');
type FileHandle = Awaited<ReturnType<FileSystem['open']>>;

/** Reads a file piece by piece, of whose size `start` is told: it need not fit in memory at once. */
export async function readFile<T>(op: string, path: string | URL, start: (size: number) => Reading<T>): Promise<T> {
  const fs = nodeModule(op, 'node:fs/promises');
  try {
    const file = await fs.open(path);
    try {
      const info = await file.stat();
      // A pipe has neither a size nor positions.
      return info.isFile() ? await readPieces(file, info.size, start) : readBytes(op, await file.readFile(), start);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw failure(op, 'read', path, cause);
  }
}

async function readPieces<T>(file: FileHandle, size: number, start: (size: number) => Reading<T>): Promise<T> {
  const reading = start(size);
  const window = new Window(file, size);
  let step = reading.next();
  while (!step.done) step = reading.next(await window.bytes(step.value));
  return step.value;
}

/** The bytes of a file, a piece of which is kept, so that small ranges one after the other cost one reading. */
class Window {
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #piece: Uint8Array;
  #begin = 0;
  #end = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
    this.#piece = new Uint8Array(Math.min(pieceLength, size));
  }

  async bytes({ at, length }: ByteRange): Promise<Uint8Array> {
    if (length > pieceLength) return this.#read(new Uint8Array(length), at);
    if (at < this.#begin || at + length > this.#end) {
      this.#begin = this.#end = at;
      const end = Math.min(at + pieceLength, this.#size);
      await this.#read(this.#piece.subarray(0, end - at), at);
      this.#end = end;
    }
    return this.#piece.subarray(at - this.#begin, at - this.#begin + length);
  }

  /** Fills `target` with the bytes from `position` on. */
  async #read(target: Uint8Array, position: number): Promise<Uint8Array> {
    for (let at = 0; at < target.length; ) {
      const length = Math.min(target.length - at, 1 << 30); // which is as much as any system reads at once
      const { bytesRead } = await this.#file.read(target, at, length, position + at);
      if (bytesRead === 0) throw new Error(`it ended at byte ${position + at}, but had ${this.#size}`);
      at += bytesRead;
    }
    return target;
  }
}

/** Makes `writing` the content of a file, in full or not at all; it is asked for piece by piece. */
export async function writeFile(op: string, path: string | URL, { chunks }: Writing): Promise<void> {
  const fs = nodeModule(op, 'node:fs/promises');
  const { dirname } = nodeModule(op, 'node:path');
  const { fileURLToPath } = nodeModule(op, 'node:url');
  try {
    const given = path instanceof URL ? fileURLToPath(path) : path;
    const target = await fs.realpath(given).catch(() => given); // a link stays one, and leads to the new content
    const temporary = `${target}.${crypto.randomUUID()}.tmp`;
    try {
      const before = await fs.stat(target).catch(() => undefined);
      await writeThrough(fs, temporary, chunks, before?.mode);
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

/** Writes a new file, with these permissions whatever the umask, and waits until it is on the disk. */
async function writeThrough(fs: FileSystem, path: string, chunks: Iterable<Uint8Array>, mode?: number): Promise<void> {
  const file = await fs.open(path, 'wx', mode);
  try {
    if (mode !== undefined) await file.chmod(mode).catch(() => {}); // not every file system has them
    await writeChunks(file, chunks);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes chunks one after the other, many small ones at once; while it waits, it needs no chunk of one piece. */
async function writeChunks(file: FileHandle, chunks: Iterable<Uint8Array>): Promise<void> {
  const piece = new Uint8Array(2 * pieceLength);
  let used = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceLength) {
      const part = chunk.subarray(at, at + pieceLength);
      piece.set(part, used);
      used += part.length;
      if (used < pieceLength) continue;
      await file.writeFile(piece.subarray(0, used));
      used = 0;
    }
  }
  if (used > 0) await file.writeFile(piece.subarray(0, used));
}

/** Lets the new name outlive a power failure, where the system can: Windows cannot open a folder. */
async function syncFolder(fs: FileSystem, path: string): Promise<void> {
  const folder = await fs.open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** An error of the system with the file that it is about; our own say enough. */
const failure = (op: string, verb: string, path: string | URL, cause: unknown): TapegradError =>
  cause instanceof TapegradError
    ? cause
    : new TapegradError(`${op}: could not ${verb} ${path}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
