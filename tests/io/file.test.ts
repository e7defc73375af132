import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tensor } from '@tapegrad/autograd';
import {
  encodeSafetensors,
  loadSafetensors,
  loadSafetensorsWithMetadata,
  readSafetensors,
  saveSafetensors,
} from '@tapegrad/io';
import { ArgumentError, FormatError, TapegradError } from '@tapegrad/tensor';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { opening, replace } from './files.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapegrad-'));
  path = join(folder, 'model.safetensors');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const first = { w: tensor([1, 2]) };
const second = { w: tensor([3, 4, 5]) };

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(`${code}: it cannot be`), { code }));

describe('a file', () => {
  test('has the bytes of encodeSafetensors, and nothing else is left in the folder', async () => {
    await saveSafetensors(path, first, { metadata: { a: 'b' } });
    expect((await readFile(path)).equals(encodeSafetensors(first, { metadata: { a: 'b' } }))).toBe(true);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });

  test('is read as what was saved, with its metadata if wanted', async () => {
    await saveSafetensors(path, first, { metadata: { a: 'b' } });
    expect((await loadSafetensors(path)).w.toArray()).toEqual([1, 2]);
    const { tensors, metadata } = await loadSafetensorsWithMetadata(path);
    expect(tensors.w.toArray()).toEqual([1, 2]);
    expect({ ...metadata }).toEqual({ a: 'b' });
  });

  test('may be named by a URL', async () => {
    await saveSafetensors(pathToFileURL(path), first);
    expect((await loadSafetensors(pathToFileURL(path))).w.toArray()).toEqual([1, 2]);
  });

  test('is replaced as a whole, and keeps its permissions', async () => {
    await saveSafetensors(path, second);
    // The second is one that a umask would narrow.
    for (const mode of [0o600, 0o666]) {
      await chmod(path, mode);
      await saveSafetensors(path, first);
      expect((await loadSafetensors(path)).w.toArray()).toEqual([1, 2]);
      if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(mode);
    }
  });

  test('that is a link stays one', async () => {
    await saveSafetensors(path, second);
    const link = join(folder, 'latest');
    await symlink(path, link);
    await saveSafetensors(link, first);
    expect(await readlink(link)).toBe(path);
    expect((await loadSafetensors(path)).w.toArray()).toEqual([1, 2]);
  });
});

describe('a file that cannot be written', () => {
  const failures: [string, () => void][] = [
    ['EROFS', () => replace({ open: failing('EROFS') })],
    ['ENOSPC', () => replace({ open: opening(() => ({ writeFile: failing('ENOSPC') })) })],
    ['EIO', () => replace({ open: opening(() => ({ sync: failing('EIO') })) })],
    ['EACCES', () => replace({ rename: failing('EACCES') })],
  ];

  for (const [code, fail] of failures)
    test(`for ${code} leaves the old one, no other, and says which and why`, async () => {
      await saveSafetensors(path, first);
      fail();
      const error: unknown = await saveSafetensors(path, second).catch(error => error);
      expect(error).toBeInstanceOf(TapegradError);
      expect(error).toMatchObject({
        message: `saveSafetensors: could not write ${path}: ${code}: it cannot be`,
        cause: { code },
      });
      vi.restoreAllMocks();
      expect(await readdir(folder)).toEqual(['model.safetensors']);
      expect((await loadSafetensors(path)).w.toArray()).toEqual([1, 2]);
    });

  test('for want of its folder says so', async () => {
    const lost = join(folder, 'no', 'model.safetensors');
    await expect(saveSafetensors(lost, first)).rejects.toThrow(`saveSafetensors: could not write ${lost}: ENOENT`);
    expect(await readdir(folder)).toEqual([]);
  });

  test('because a folder has its name leaves that alone', async () => {
    await mkdir(path);
    await writeFile(join(path, 'kept'), '');
    await expect(saveSafetensors(path, first)).rejects.toThrow(`saveSafetensors: could not write ${path}: `);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
    expect(await readdir(path)).toEqual(['kept']);
  });

  test('because its tensors are none is not touched', async () => {
    await saveSafetensors(path, first);
    await expect(saveSafetensors(path, { w: 1 } as never)).rejects.toThrow(
      new ArgumentError('saveSafetensors: expected a tensor under "w", got number'),
    );
    expect((await loadSafetensors(path)).w.toArray()).toEqual([1, 2]);
  });
});

describe('a file that cannot be read', () => {
  test('because it is not there says which', async () => {
    const reading = loadSafetensors(path);
    await expect(reading).rejects.toThrow(TapegradError);
    await expect(reading).rejects.toThrow(`loadSafetensors: could not read ${path}: ENOENT`);
  });

  test('because it is none says which and why', async () => {
    await writeFile(path, 'short');
    await expect(loadSafetensors(path)).rejects.toThrow(
      new FormatError(`loadSafetensors: ${path}: expected at least 8 bytes, the header's length, got 5`),
    );
  });
});

test('without Node the functions for bytes work, and those for files say what is missing', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
  const message = 'expected Node, which has files, got an engine without; there, encode to bytes and decode from bytes';
  await expect(saveSafetensors(path, first)).rejects.toThrow(new TapegradError(`saveSafetensors: ${message}`));
  await expect(loadSafetensors(path)).rejects.toThrow(new TapegradError(`loadSafetensors: ${message}`));
  expect(readSafetensors(encodeSafetensors(first)).tensors.w.toArray()).toEqual([1, 2]);
});
