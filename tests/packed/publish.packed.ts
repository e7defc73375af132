import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';

const tarballs = join(inject('project'), 'tarballs');
const names = readdirSync(tarballs);

/** The bytes alone: a small Buffer is a view of memory that it shares with others. */
const bytesOf = (path: string): ArrayBuffer => Uint8Array.from(readFileSync(path)).buffer;

const tar = (...args: string[]): string => execFileSync('tar', args, { encoding: 'utf8' });

/** The files in a tarball, without the folder that all are in. */
const filesIn = (path: string): string[] =>
  tar('-tzf', path)
    .trim()
    .split('\n')
    .map(file => file.replace(/^package\//, ''));

const read = (path: string, file: string): string => tar('-xzOf', path, `package/${file}`);

describe.each(names)('%s', name => {
  const path = join(tarballs, name);
  const files = filesIn(path);
  const manifest = JSON.parse(read(path, 'package.json'));

  test('has a licence, a page, its program and nothing else', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    const ordinary = /^(dist|src)\/.*\.(js|ts|map|json)$|^[A-Z]+(\.md)?$|^package\.json$/;
    expect(files.filter(file => !ordinary.test(file))).toEqual([]);
  });

  test('has the sources that its maps name, in the maps or beside them', () => {
    const maps = files.filter(file => file.endsWith('.js.map'));
    const missing = maps.flatMap(map => {
      const { sources, sourcesContent } = JSON.parse(read(path, map));
      const needed: string[] = sourcesContent === undefined ? sources : [];
      return needed.map(source => posix.join(posix.dirname(map), source)).filter(source => !files.includes(source));
    });
    expect(maps.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test('gives publint nothing to say', async () => {
    const { messages } = await publint({ strict: true, pack: { tarball: bytesOf(path) } });
    expect(messages.map(message => formatMessage(message, manifest))).toEqual([]);
  });
});

// The types are found where the program is. ES modules only: `require`, and resolution before `exports`, are not asked for.
test.each(names.filter(name => !name.startsWith('tapegrad-char')))('%s has types that are not wrong', async name => {
  await promisify(execFile)('npx', ['attw', join(tarballs, name), '--profile', 'esm-only', '--format', 'ascii']);
});

async function bundled(contents: string): Promise<Uint8Array> {
  const { outputFiles, warnings } = await build({
    stdin: { contents, resolveDir: inject('project') },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
    logOverride: { 'ignored-bare-import': 'silent' },
  });
  expect(warnings).toEqual([]);
  return outputFiles[0].contents;
}

describe('a bundle', () => {
  test('has nothing of a package that is imported for nothing', async () => {
    expect((await bundled("import 'tapegrad';")).length).toBe(0);
  });

  // Bytes, minified and gzipped. Methods cannot be shaken off an object: whoever has a tensor has all operations.
  test.each([
    ['two functions for arrays', `import { arrayFrom, format } from '@tapegrad/tensor'; use(arrayFrom, format)`, 5_000],
    ['all of @tapegrad/tensor', `import * as t from '@tapegrad/tensor'; use(t)`, 32_000],
    ['one tensor', `import { tensor } from 'tapegrad'; use(tensor)`, 51_000],
    [
      'an LSTM that is trained',
      `import { LSTM } from '@tapegrad/nn'; import { Adam } from '@tapegrad/optim'; use(LSTM, Adam)`,
      58_000,
    ],
    ['a tensor and compile', `import { tensor, compile } from 'tapegrad'; use(tensor, compile)`, 85_000],
    ['all of tapegrad', `import * as t from 'tapegrad'; use(t)`, 122_000],
  ])('of %s is small', async (name, contents, most) => {
    const bytes = await bundled(contents);
    const zipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`${name}: ${(zipped / 1000).toFixed(1)} kB gzipped, ${(bytes.length / 1000).toFixed(1)} kB minified`);
    expect(zipped).toBeLessThan(most);
  });
});
