// The packages as they would be published: what is in them, how they are resolved, and how much of them a bundle takes.
// Run after `npm run build`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const workspaces = ['packages', 'examples']
  .flatMap(folder => readdirSync(folder).map(name => join(folder, name, 'package.json')))
  .filter(path => existsSync(path))
  .map(path => ({ folder: dirname(path), manifest: JSON.parse(readFileSync(path, 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true);

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-publish-'));
try {
  for (const workspace of workspaces) await check(workspace);
  await checkSizes();
} finally {
  rmSync(folder, { recursive: true });
}

async function check({ folder: pkgDir, manifest }) {
  const [{ filename, files }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: pkgDir, encoding: 'utf8' }),
  );
  const tarball = join(folder, filename);
  checkContents(
    manifest.name,
    pkgDir,
    files.map(({ path }) => path),
  );
  const { messages } = await publint({ strict: true, pack: { tarball: arrayBufferOf(readFileSync(tarball)) } });
  assert.deepEqual(
    messages.map(message => formatMessage(message, manifest)),
    [],
    `publint of ${manifest.name}`,
  );
  if (manifest.exports !== undefined) {
    // Throws when types are resolved wrongly. ES modules only: `require` and resolution before `exports` are not asked for.
    execFileSync('npx', ['attw', tarball, '--profile', 'esm-only', '--format', 'ascii'], { stdio: 'pipe' });
    await checkSideEffects(manifest.name);
  }
  console.log(`${manifest.name}: ${files.length} files, resolved as it should be`);
}

/** The bytes alone: a small Buffer is a view of memory that it shares with others. */
function arrayBufferOf({ buffer, byteOffset, length }) {
  return buffer.slice(byteOffset, byteOffset + length);
}

/** A licence, a page, what package.json names, and for every program the source that its map names. */
function checkContents(name, pkgDir, paths) {
  const inside = new Set(paths);
  for (const needed of ['LICENSE', 'README.md', 'package.json']) assert.ok(inside.has(needed), `${name}: no ${needed}`);
  const strange = paths.filter(
    path => !/^(dist|src)\/.*\.(js|ts|map|json)$|^[A-Z]+(\.md)?$|^package\.json$/.test(path),
  );
  assert.deepEqual(strange, [], `${name}: unexpected files`);
  for (const path of paths.filter(path => path.endsWith('.js') && path.startsWith('dist/'))) {
    const { sources } = JSON.parse(readFileSync(join(pkgDir, `${path}.map`), 'utf8'));
    for (const source of sources)
      assert.ok(inside.has(posix.join(posix.dirname(path), source)), `${name}: no source of ${path}`);
  }
}

/** An import of nothing costs nothing. */
async function checkSideEffects(name) {
  const { text } = await bundled(`import '${name}';`);
  assert.equal(text.trim(), '', `${name}: what remains of an import of nothing`);
}

async function bundled(contents) {
  const { outputFiles, warnings } = await build({
    stdin: { contents, resolveDir: 'tests' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: ['node:*'],
    write: false,
    logLevel: 'silent',
    logOverride: { 'ignored-bare-import': 'silent' },
  });
  assert.deepEqual(warnings, [], contents);
  return outputFiles[0];
}

/** What an import adds to a page, minified and gzipped, in bytes; and how much it may be. */
async function checkSizes() {
  const most = [
    ['arrays of @tapegrad/tensor', `import { arrayFrom, format } from '@tapegrad/tensor'; use(arrayFrom, format)`, 5e3],
    ['all of @tapegrad/tensor', `import * as t from '@tapegrad/tensor'; use(t)`, 32e3],
    ['tensor', `import { tensor } from 'tapegrad'; use(tensor)`, 51e3],
    [
      'tensor, nn.LSTM, optim.Adam',
      `import { tensor, nn, optim } from 'tapegrad'; use(tensor, nn.LSTM, optim.Adam)`,
      60e3,
    ],
    ['tensor and compile', `import { tensor, compile } from 'tapegrad'; use(tensor, compile)`, 85e3],
    ['all of tapegrad', `import * as t from 'tapegrad'; use(t)`, 119e3],
  ];
  for (const [name, contents, limit] of most) {
    const { contents: bytes } = await bundled(contents);
    const size = gzipSync(bytes, { level: 9 }).length;
    console.log(`${name}: ${(size / 1000).toFixed(1)} kB gzipped, ${(bytes.length / 1000).toFixed(1)} kB minified`);
    assert.ok(size < limit, `${name}: ${size} bytes gzipped, expected fewer than ${limit}`);
  }
}
