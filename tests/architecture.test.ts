import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Which packages each one may import: the arrows of the house, and all of them. */
const mayImport: Record<string, readonly string[]> = {
  wasm: [],
  tensor: ['seedrandom', 'seedrandom/seedrandom.js', '@tapegrad/wasm'],
  autograd: ['@tapegrad/tensor'],
  nn: ['@tapegrad/tensor', '@tapegrad/autograd'],
  optim: ['@tapegrad/tensor', '@tapegrad/autograd'],
  compile: ['@tapegrad/wasm', '@tapegrad/tensor', '@tapegrad/autograd'],
  data: ['@tapegrad/tensor', '@tapegrad/autograd'],
  graph: ['@tapegrad/tensor', '@tapegrad/autograd'],
  // Not part of the umbrella: the one package with a library for pictures.
  viz: ['@tapegrad/tensor', '@tapegrad/autograd', '@tapegrad/graph', '@viz-js/viz'],
  io: ['@tapegrad/tensor', '@tapegrad/autograd', 'node:'],
  tapegrad: [
    '@tapegrad/tensor',
    '@tapegrad/autograd/public',
    '@tapegrad/compile',
    '@tapegrad/nn',
    '@tapegrad/optim',
    '@tapegrad/data',
    '@tapegrad/io',
    '@tapegrad/graph',
    '@tapegrad/wasm',
  ],
};

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

const importPattern = /(?:^|\n)\s*(import|export)\s+(type\s)?(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\('([^']+)'\)/g;

function importsOf(file: string): Import[] {
  const source = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  return [...source.matchAll(importPattern)].map(([, , type, names, from, dynamic]) => ({
    from: from ?? dynamic,
    typeOnly: type !== undefined || isListOfTypes(names),
  }));
}

/** `{ type A, type B }`: such an import is erased too. */
const isListOfTypes = (names: string | undefined): boolean =>
  names?.startsWith('{') === true &&
  names
    .slice(1, -1)
    .split(',')
    .filter(name => name.trim() !== '')
    .every(name => name.trim().startsWith('type '));

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name));

const packages = readdirSync('packages');

describe('the packages', () => {
  test('are all in the plan of the house', () => {
    expect(packages.sort()).toEqual(Object.keys(mayImport).sort());
  });

  test.each(packages)('%s imports only what it may', name => {
    const allowed = mayImport[name];
    const others = filesIn(`packages/${name}/src`).flatMap(file =>
      importsOf(file)
        .filter(
          ({ from }) =>
            !from.startsWith('.') && !allowed.some(a => from === a || (a.endsWith(':') && from.startsWith(a))),
        )
        .map(({ from }) => `${relative('.', file)} imports ${from}`),
    );
    expect(others).toEqual([]);
  });

  test.each(packages)('%s declares in its package.json just what it imports', name => {
    const { dependencies } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'));
    const imported = filesIn(`packages/${name}/src`)
      .flatMap(importsOf)
      .map(({ from }) => from)
      .filter(from => !from.startsWith('.') && !from.startsWith('node:'))
      .map(from => from.replace(/^(@[^/]+\/[^/]+|[^@/]+)\/.*/, '$1'));
    expect(Object.keys(dependencies).sort()).toEqual([...new Set(imported)].sort());
  });

  test.each(packages)('%s reaches other packages by name, not by path', name => {
    const root = resolve(`packages/${name}`);
    const outside = filesIn(`packages/${name}/src`).flatMap(file =>
      importsOf(file)
        .filter(({ from }) => from.startsWith('.') && !resolve(dirname(file), from).startsWith(root))
        .map(({ from }) => `${relative('.', file)} imports ${from}`),
    );
    expect(outside).toEqual([]);
  });
});

describe('the files of a package', () => {
  test.each(packages)('of %s import each other without circles', name => {
    expect(findCircle(filesIn(`packages/${name}/src`).map(file => resolve(file)))).toEqual([]);
  });

  test('rules and compositions of operations know the class Tensor as a type only', () => {
    const folders = ['primitives', 'functional', 'tape'].map(folder => `packages/autograd/src/${folder}`);
    const runtime = folders
      .flatMap(filesIn)
      .filter(file => importsOf(file).some(({ from, typeOnly }) => from.endsWith('/tensor.ts') && !typeOnly));
    expect(runtime).toEqual([]);
  });

  test('the recurrent modules contain no gradient code', () => {
    const sources = filesIn('packages/nn/src').map(file => [file, readFileSync(file, 'utf8')] as const);
    expect(
      sources
        .filter(([, text]) =>
          /\bbackward\s*\(|gradients\s*:|\bapply\(/.test(
            text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/apply\(fn/g, ''),
          ),
        )
        .map(([file]) => file),
    ).toEqual([]);
  });
});

describe('the modules of a package', () => {
  test('have no #private members, which clone could not copy, but for Module, whose constructor it runs', () => {
    const files = filesIn('packages/nn/src').filter(file => !file.endsWith('/module.ts'));
    const found = files.filter(file =>
      /\bthis\.#\w|^\s+(?:readonly |static |get |set |async )*#\w/m.test(readFileSync(file, 'utf8')),
    );
    expect(found).toEqual([]);
  });
});

/** A circle of run-time imports among the files, as a list of paths; empty when there is none. */
function findCircle(files: readonly string[]): string[] {
  const known = new Set(files);
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (done.has(file)) return undefined;
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].map(f => relative('.', f));
    path.push(file);
    for (const { from, typeOnly } of importsOf(file)) {
      const target = resolve(dirname(file), from);
      const circle = typeOnly || !known.has(target) ? undefined : visit(target);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of files) {
    const circle = visit(file);
    if (circle !== undefined) return circle;
  }
  return [];
}
