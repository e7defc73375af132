import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';

const lessons = readdirSync('examples').filter(name => /^\d\d-/.test(name));
const sources = lessons.flatMap(lesson =>
  readdirSync(join('examples', lesson), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join('examples', lesson, name)),
);

/** What each lesson must have printed: the lines that it is about. */
const keyLines: Record<string, readonly string[]> = {
  '01-tensors': [
    'a, of shape [2, 3], 2 dims, 6 elements, float32',
    '0.30000001192092896',
    'tensor([-1,  0,  2], dtype=int32)',
    'tensor([[11, 22, 33],\n            [14, 25, 36]])',
    'tensor([[0, 0, 0],\n            [0, 7, 7]])',
    'tensor([[14, 32],\n            [32, 77]])',
    'the same seed, the same normals\n    tensor([ 0.8384, -1.2427,  1.0458])',
    'shape=[200, 300])',
    'ShapeError: matmul: inner dimensions differ, 3 vs 4, in [2, 3] @ [4, 4]',
    '[[4,5,6],[1,2,3]]',
  ],
  '02-autograd': [
    'tensor([ 0.1237,  0.8415, -1.5136], from mul)',
    'dy/dx by the tape, and by hand\n    tensor([ 0.7319,  1.9221, -5.9860])\n    tensor([ 0.7319,  1.9221, -5.9860])',
    'd²y/dx² by the tape, and by hand\n    tensor([ 2.7830, -0.1241, 16.3740])\n    tensor([ 2.7830, -0.1241, 16.3740])',
    'the gradient that arrives at hidden\n    tensor([10, 20, 40])',
    'gradcheck of log Σ exp\n    true',
    'GradError: backward: input 0 of square, of shape [3], was overwritten by assign after it was used',
    'step 200   loss  0.0721   y = 2.9749 x - 0.9111',
    'by the formula            y = 2.9751 x - 0.9115',
  ],
  '03-mlp': [
    'right of 400 training points   right of 500 unseen ones',
    `The map is drawn: ${join('runs', '03-mlp', 'spirals.svg')}`,
  ],
  '04-char-rnn': ['All 22: equal to 1e-6', '\n  I am learning RNN\n'],
  '05-custom-op': [
    'tensor([    NaN, -0.7616,  0.0000,  0.0010,  0.7616,     NaN])',
    'from logCosh)\nits gradient\n    tensor([-1.0000, -0.7616,  0.0000,  0.0010,  0.7616,  1.0000])',
    'gradcheck(logCosh)\n    true\ngradgradcheck(logCosh)\n    true',
    'GradError: gradcheck: input 0 of shape [2, 4], element [0, 0], output 0, element [0, 0]: analytic 1, numeric 0.4010',
    'pull away\n    y = 2.06 x - 2.41',
    'with logCosh\n    y = 2.98 x - 1.15',
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'lessons-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a lesson without arguments, in a folder where it may write. */
function start(lesson: string): Promise<Result> {
  const main = resolve('examples', lesson, 'main.ts');
  const args = ['--conditions=tapegrad-source', '--import', import.meta.resolve('tsx'), main];
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', FORCE_COLOR: undefined };
  return new Promise(done => {
    execFile(process.execPath, args, { cwd: folder, env, timeout: 80_000 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

const results = new Map<string, Promise<Result>>();

/** The result of a lesson, which is run once. */
function run(lesson: string): Promise<Result> {
  if (!results.has(lesson)) results.set(lesson, start(lesson));
  return results.get(lesson)!;
}

describe('the lessons', () => {
  test('are all run below, and each has a row in the README', () => {
    const readme = readFileSync('examples/README.md', 'utf8');
    const rows = [...readme.matchAll(/^\| \[(.+?)\]\((.+?)\)/gm)].map(([, name, path]) => [name, path]);
    expect(Object.keys(keyLines)).toEqual(lessons);
    expect(rows).toEqual(lessons.map(lesson => [lesson, `${lesson}/main.ts`]));
  });

  test.concurrent.each(lessons)('%s runs without a complaint and prints what it is about', async lesson => {
    const { code, stdout, stderr } = await run(lesson);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const line of keyLines[lesson]) expect(stdout).toContain(line);
  });
});

describe('the network of 03-mlp', () => {
  test('is right about more than 99 % of the points, those that it has not seen included', async () => {
    const { stdout } = await run('03-mlp');
    const [training, unseen] = [...stdout.matchAll(/([\d.]+) %/g)].slice(-2).map(([, share]) => Number(share));
    expect(training).toBeGreaterThan(99);
    expect(unseen).toBeGreaterThan(99);
  });

  test('draws its map as a standalone SVG with a dot for every unseen point', async () => {
    await run('03-mlp');
    const svg = readFileSync(join(folder, 'runs', '03-mlp', 'spirals.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('background:white');
    expect(svg).toContain('of unseen points');
    expect(svg).toContain('probability of orange');
    expect(svg.match(/<circle /g)).toHaveLength(500);
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});

/** The nodes of a syntax tree, in the order of the source. */
function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

const isCast = (node: ts.Node): boolean =>
  ts.isTypeAssertionExpression(node) || (ts.isAsExpression(node) && node.type.getText() !== 'const');

describe('the sources of the lessons', () => {
  test('have no casts, no any, and silence no errors', () => {
    const found = sources.flatMap(file => {
      const text = readFileSync(file, 'utf8');
      const nodes = [...nodesOf(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true))];
      const types = nodes.filter(node => isCast(node) || node.kind === ts.SyntaxKind.AnyKeyword);
      const silenced = text.match(/@ts-ignore|@ts-nocheck/g) ?? [];
      return [...types.map(node => node.getText()), ...silenced].map(what => `${file}: ${what}`);
    });
    expect(found).toEqual([]);
  });

  test('import tapegrad, Node and chart libraries only', () => {
    const allowed = /^(tapegrad|node:.*|@observablehq\/plot|linkedom|asciichart|cli-progress|\..*)$/;
    const found = sources.flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)]
        .filter(([, name]) => !allowed.test(name))
        .map(([, name]) => `${file}: ${name}`),
    );
    expect(found).toEqual([]);
  });
});

const directive = /^\s*\/\/ @ts-expect-error ?(.*)/m;

/** The compiler's errors, by line, of a file whose `@ts-expect-error` comments were made ordinary ones. */
function errorsWithoutDirectives(file: string): Map<number, string> {
  const config = ts.getParsedCommandLineOfConfigFile(
    'tsconfig.json',
    { noEmit: true, noErrorTruncation: true },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: problem => expect.fail(String(problem.messageText)),
    },
  );
  const host = ts.createCompilerHost(config!.options);
  const read = host.readFile;
  host.readFile = name =>
    resolve(name) === resolve(file) ? read(name)?.replaceAll('@ts-expect-error', 'an error:') : read(name);
  const program = ts.createProgram([file], config!.options, host);
  const source = program.getSourceFile(file)!;
  return new Map(
    program
      .getSemanticDiagnostics(source)
      .map(({ start, messageText }) => [
        source.getLineAndCharacterOfPosition(start!).line + 1,
        ts.flattenDiagnosticMessageText(messageText, '\n'),
      ]),
  );
}

const withDirectives = sources.filter(file => directive.test(readFileSync(file, 'utf8')));

test('the first lesson shows errors of the compiler', () => {
  expect(withDirectives).toContain(join('examples', '01-tensors', 'main.ts'));
});

test.each(withDirectives)('%s quotes the compiler as it speaks', file => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const quoted = lines.flatMap((line, i) => {
    const message = directive.exec(line)?.[1];
    return message === undefined ? [] : [{ line: i + 2, message }];
  });
  const errors = errorsWithoutDirectives(file);
  expect([...errors.keys()]).toEqual(quoted.map(({ line }) => line));
  for (const { line, message } of quoted) {
    expect(message).not.toBe('');
    expect(errors.get(line)).toContain(message);
  }
});
