import { readdirSync, readFileSync } from 'node:fs';
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
