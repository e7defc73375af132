import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { expect, test } from 'vitest';

const folder = 'examples/04-char-rnn/run';
const modules = readdirSync(folder).map(name => join(folder, name));

test('the run imports tapegrad and its own files only: it wants neither Node nor a terminal', () => {
  const found = modules.flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name),
  );
  expect(modules.length).toBeGreaterThan(5);
  expect([...new Set(found)].filter(name => name !== 'tapegrad' && !/^\.\/[\w-]+\.ts$/.test(name))).toEqual([]);
});

test('the run needs no types of Node, and of the browser only those that both have', () => {
  const { config } = ts.readConfigFile('tsconfig.base.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const program = ts.createProgram(modules, { ...options, noEmit: true, types: [], lib: ['lib.es2023.d.ts'] });
  const missing = modules.flatMap(file =>
    program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .map(({ messageText }) => /'(.*?)'/.exec(ts.flattenDiagnosticMessageText(messageText, ''))?.[1]),
  );
  expect([...new Set(missing)].sort()).toEqual(['TextEncoder', 'crypto']);
});

test('the run can be bundled for a browser, where an import of Node would be an error', async () => {
  const { outputFiles, warnings } = await build({
    stdin: { contents: modules.map(file => `export * from './${file}';`).join('\n'), resolveDir: '.' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['tapegrad-source'],
    write: false,
  });
  expect(warnings).toEqual([]);
  expect(outputFiles[0].text).toContain('CharRNN = class');
});
