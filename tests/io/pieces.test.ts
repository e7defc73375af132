/** Files are written and read piece by piece: they are never held beside their tensors. */
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { type Tensor, tensor, zeros } from '@tapegrad/autograd';
import {
  decodeNpz,
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  loadNpy,
  loadNpz,
  loadSafetensors,
  saveNpy,
  saveNpz,
  saveSafetensors,
} from '@tapegrad/io';
import { SGD } from '@tapegrad/optim';
import { TapegradError } from '@tapegrad/tensor';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { directory } from '../../packages/io/src/npz/archive.ts';
import { crc32 } from '../../packages/io/src/npz/crc32.ts';
import { type FileHandle, opening, replace } from './files.ts';
import { rawZip } from './raw.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapegrad-'));
  path = join(folder, 'file');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const MB = 2 ** 20;

/** Runs a function, and says how much more memory arrays had at most whenever a file was read or written. */
async function memoryOf<T>(
  run: () => Promise<T>,
): Promise<{ result: T; peak: number; calls: number; longest: number }> {
  let [peak, calls, longest] = [0, 0, 0];
  const watch = (length: number) => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    longest = Math.max(longest, length);
    calls++;
  };
  replace({
    open: opening((file: FileHandle) => {
      const [read, write] = [file.read.bind(file), file.writeFile.bind(file)];
      return {
        read: (buffer: Uint8Array, offset: number, length: number, position: number) => {
          watch(length);
          return read(buffer, offset, length, position);
        },
        writeFile: (bytes: Uint8Array) => {
          watch(bytes.length);
          return write(bytes);
        },
      };
    }),
  });
  const before = process.memoryUsage().arrayBuffers;
  const result = await run();
  vi.restoreAllMocks();
  return { result, peak: peak - before, calls, longest };
}

describe('a tensor of 64 MB', () => {
  const x = zeros([16, MB]);
  x.data.fill(1.5, 7 * MB);
  const formats: [string, (path: string, x: Tensor) => Promise<void>, (path: string) => Promise<Tensor>][] = [
    ['safetensors', (path, x) => saveSafetensors(path, { x }), async path => (await loadSafetensors(path)).x],
    ['npy', saveNpy, loadNpy],
    ['npz', (path, x) => saveNpz(path, { x }), async path => (await loadNpz(path)).x],
  ];

  test.each(formats)('is written to and read from %s in memory of its own and a few MB', async (_, save, load) => {
    const written = await memoryOf(() => save(path, x));
    expect(written.peak).toBeLessThan(8 * MB);
    expect(written.longest).toBeLessThanOrEqual(2 * MB);
    expect(written.calls).toBeGreaterThan(30);
    const { result, peak, calls, longest } = await memoryOf(() => load(path));
    expect(peak).toBeGreaterThan(60 * MB);
    expect(peak).toBeLessThan(72 * MB);
    expect(longest).toBeLessThanOrEqual(MB);
    expect(calls).toBeGreaterThan(60);
    expect([result.data[0], result.data[7 * MB - 1], result.data[7 * MB], result.data[16 * MB - 1]]).toEqual([
      0, 0, 1.5, 1.5,
    ]);
    expect(Buffer.compare(bytesOf(result), bytesOf(x))).toBe(0);
  });

  test('is inflated in memory of its own and a few MB', async () => {
    const npy = encodeNpy(x);
    const entry = { name: 'x.npy', bytes: deflateRawSync(npy), crc: crc32(npy), size: npy.length, method: 8 };
    await writeFile(path, rawZip([entry]));
    const { result, peak } = await memoryOf(() => loadNpz(path));
    expect(peak).toBeLessThan(72 * MB);
    expect(Buffer.compare(bytesOf(result.x), bytesOf(x))).toBe(0);
  });
});

const bytesOf = ({ data }: Tensor) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

describe('many tensors', () => {
  const tensors = Object.fromEntries(
    Array.from({ length: 300 }, (_, k) => {
      const values = Array.from({ length: 1 + ((k * 7919) % 5000) }, (_, i) => (i * 31 + k) % 1000);
      return [`layer.${k}`, tensor(values, { dtype: k % 3 === 0 ? 'float64' : k % 3 === 1 ? 'int32' : 'float32' })];
    }),
  );
  const expectSame = (read: Record<string, Tensor>) => {
    expect(Object.keys(read).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, x] of Object.entries(tensors)) {
      expect(read[name].dtype).toBe(x.dtype);
      expect(Buffer.compare(bytesOf(read[name]), bytesOf(x))).toBe(0);
    }
  };

  test('are written and read a piece at a time, however they lie across the pieces', async () => {
    const written = await memoryOf(() => saveSafetensors(path, tensors));
    expect((await readFile(path)).equals(encodeSafetensors(tensors))).toBe(true);
    const read = await memoryOf(() => loadSafetensors(path));
    expectSame(read.result);
    const pieces = encodeSafetensors(tensors).length / MB;
    expect(pieces).toBeGreaterThan(3);
    expect(written.calls).toBeLessThanOrEqual(Math.ceil(pieces));
    expect(read.calls).toBeLessThanOrEqual(Math.ceil(pieces) + 1);
    await saveNpz(path, tensors);
    expect((await readFile(path)).equals(encodeNpz(tensors))).toBe(true);
    expectSame(await loadNpz(path));
  });

  test('of which a few are wanted are not read', async () => {
    await saveSafetensors(path, tensors);
    const { result, calls } = await memoryOf(() => loadSafetensors(path, { only: ['layer.299', 'layer.0'] }));
    expect(Object.keys(result).sort()).toEqual(['layer.0', 'layer.299']);
    expect([...result['layer.0'].data]).toEqual([...tensors['layer.0'].data]);
    expect(calls).toBeLessThanOrEqual(3);
    await expect(loadSafetensors(path, { only: ['layer.300'] })).rejects.toThrow(
      /: expected only to hold names of tensors in the file, got "layer.300"; it has "layer.0", .*, … 300 of them$/,
    );
  });
});

describe('a file beyond 4 GB', () => {
  /** Writes parts of a file; what is between is a hole, which takes no room on the disk. */
  async function writeParts(parts: readonly [at: number, bytes: Uint8Array][]): Promise<void> {
    const file = await open(path, 'w');
    for (const [at, bytes] of parts) await file.write(bytes, 0, bytes.length, at);
    await file.close();
  }
  const large = 2 ** 32 + 12345;

  test('of safetensors gives what is wanted, wherever it lies', async () => {
    const info = {
      large: { dtype: 'U8', shape: [large], data_offsets: [0, large] },
      small: { dtype: 'F32', shape: [2], data_offsets: [large, large + 8] },
    };
    const header = Buffer.from(JSON.stringify(info));
    const length = Buffer.alloc(8);
    length.writeUInt32LE(header.length);
    await writeParts([
      [0, Buffer.concat([length, header])],
      [8 + header.length + large, Buffer.from(Float32Array.of(1.5, -2).buffer)],
    ]);
    const { small } = await loadSafetensors(path, { only: ['small'] });
    expect(small.toArray()).toEqual([1.5, -2]);
  });

  test('of npz gives what is wanted, wherever it lies', async () => {
    const small = Buffer.from(encodeNpz({ small: tensor([1.5, -2]) }));
    const content = encodeNpy(tensor([1.5, -2]));
    const localHeader = small.subarray(0, 30 + 'small.npy'.length + 20);
    const begin = 30 + 'large.npy'.length + 20 + large;
    const files = [
      { name: Buffer.from('large.npy'), content: { length: large, chunks: [] }, begin: 0, crc: 0 },
      { name: Buffer.from('small.npy'), content: { length: content.length, chunks: [] }, begin, crc: crc32(content) },
    ];
    const end = begin + localHeader.length + content.length;
    await writeParts([
      [begin, localHeader],
      [begin + localHeader.length, content],
      [end, directory(files, end)],
    ]);
    expect((await loadNpz(path, { only: ['small'] })).small.toArray()).toEqual([1.5, -2]);
    await expect(loadNpz(path)).rejects.toThrow('entry "large.npy": expected its header at byte 0, got other bytes');
  });
});

test('a file that becomes shorter while it is read says so', async () => {
  await saveNpy(path, zeros([MB]));
  replace({ open: opening(() => ({ read: async () => ({ bytesRead: 0 }) })) });
  await expect(loadNpy(path)).rejects.toThrow(
    new TapegradError(`loadNpy: could not read ${path}: it ended at byte 0, but had ${4 * MB + 128}`),
  );
});

test('what is no regular file, and has no size, is read at once', async () => {
  await saveNpy(path, tensor([1, 2]));
  const content = await readFile(path);
  replace({
    open: opening(() => ({ stat: async () => ({ isFile: () => false, size: 0 }), readFile: async () => content })),
  });
  expect((await loadNpy(path)).toArray()).toEqual([1, 2]);
});

describe('a tensor that is assigned to while it is being saved', () => {
  const saves: [string, (path: string, x: Tensor) => Promise<void>][] = [
    ['saveSafetensors', (path, x) => saveSafetensors(path, { x })],
    ['saveNpy', saveNpy],
    ['saveNpz', (path, x) => saveNpz(path, { x })],
  ];

  test.each(saves)('is an error of %s, which leaves the old file', async (op, save) => {
    await writeFile(path, 'old');
    const x = zeros([10], { requiresGrad: true });
    x.sum().backward();
    const saving = save(path, x);
    new SGD([x], { lr: 1 }).step();
    const label = op === 'saveNpy' ? '' : ': "x"';
    await expect(saving).rejects.toThrow(
      new TapegradError(
        `${op}${label}: expected the tensor to stay as it is until it is written, got an assignment to it; ` +
          'await what saves it before',
      ),
    );
    expect(await readFile(path, 'utf8')).toBe('old');
    await save(path, x);
  });

  test('is one through a view, too', async () => {
    const x = zeros([3, 3]);
    const saving = saveNpz(path, { a: zeros([1]), x: x.t() });
    x.assign(zeros([3, 3]));
    await expect(saving).rejects.toThrow('saveNpz: "x": expected the tensor to stay as it is');
  });

  test('after that does no harm', async () => {
    const x = tensor([1, 2]);
    await saveNpz(path, { x });
    x.assign(tensor([3, 4]));
    expect(decodeNpz(await readFile(path)).x.toArray()).toEqual([1, 2]);
  });
});
