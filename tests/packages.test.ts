import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const read = (path: string): string => readFileSync(path, 'utf8');
const manifest = (folder: string) => JSON.parse(read(`${folder}/package.json`));
const published = [...readdirSync('packages').map(name => `packages/${name}`), 'examples/04-char-rnn'];

describe('what is published', () => {
  test.each(published)('%s has the licence of the repository, and a page of its own', folder => {
    expect(read(`${folder}/LICENSE`)).toBe(read('LICENSE'));
    expect(read(`${folder}/README.md`)).toContain(`# ${manifest(folder).name}\n`);
  });

  test.each(published)('%s has the one version of all packages, and wants the others in it', folder => {
    const { version, dependencies, license, engines } = manifest(folder);
    expect(version).toBe(manifest('packages/tapegrad').version);
    expect(license).toBe('MIT');
    expect(engines).toEqual(manifest('.').engines);
    for (const [name, range] of Object.entries(dependencies))
      if (/^(@tapegrad\/|tapegrad)/.test(name)) expect([name, range]).toEqual([name, version]);
  });

  test('the changelog of the repository is the one that goes with tapegrad', () => {
    expect(read('packages/tapegrad/CHANGELOG.md')).toBe(read('CHANGELOG.md'));
  });
});

const workspaces: string[] = manifest('.').workspaces.flatMap((folder: string) =>
  folder.endsWith('/*') ? readdirSync(folder.slice(0, -2)).map(name => folder.replace('*', name)) : [folder],
);
const folders = [...workspaces, '.'].sort((a, b) => b.length - a.length);
const ofWorkspace = new Set(workspaces.map(folder => manifest(folder).name));

/** The packages that a file imports. The compiler's quick look passes `export * as` by. */
function importsOf(file: string): string[] {
  const text = read(file).replaceAll(/^export \* as \w+ from/gm, 'export * from');
  return ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) => fileName)
    .filter(name => /^[@a-z]/.test(name) && !isBuiltin(name))
    .map(name => /^(@[^/]+\/)?[^/]+/.exec(name)![0]);
}

/** What the programs of each folder with a package.json import. The peers of the benchmark are installed apart. */
const imported = new Map(folders.map(folder => [folder, new Set<string>()]));
const programs = [
  ...readdirSync('.'),
  ...['packages', 'examples', 'docs', 'tests'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`),
  ),
].filter(
  name =>
    /\.(ts|js|mjs)$/.test(name) &&
    !/(^|\/)(node_modules|dist|site|fixtures)\/|^tests\/(bench\/peers|types\/messages)\/|\/client\.ts$/.test(name),
);
for (const file of programs) {
  const folder = folders.find(name => name === '.' || file.startsWith(`${name}/`))!;
  for (const name of importsOf(file)) imported.get(folder)!.add(name);
}

describe.each(folders)('the package.json of %s', folder => {
  const { name: own, dependencies = {}, devDependencies = {} } = manifest(folder);

  test('declares all that is imported there', () => {
    const declared = new Set([own, ...Object.keys(dependencies), ...Object.keys(devDependencies)]);
    // npm links the workspaces at the root.
    const missing = [...imported.get(folder)!].filter(
      name => !declared.has(name) && !(folder === '.' && ofWorkspace.has(name)),
    );
    expect(missing).toEqual([]);
  });

  test('has no dependency that is not imported', () => {
    expect(Object.keys(dependencies).filter(name => !imported.get(folder)!.has(name))).toEqual([]);
  });
});
