import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { lessons } from './examples/lessons.ts';

const names = readdirSync('examples').filter(name => /^\d\d-/.test(name));
const sources = names.flatMap(lesson =>
  readdirSync(join('examples', lesson), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join('examples', lesson, name)),
);

const folder = mkdtempSync(join(tmpdir(), 'lessons-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a lesson, in its short form, in a folder where it may write. */
function start(lesson: string, options = lessons[lesson].args ?? []): Promise<Result> {
  const main = resolve('examples', lesson, 'main.ts');
  const args = ['--conditions=tapegrad-source', '--import', import.meta.resolve('tsx'), main, ...options];
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
  test.concurrent.each([
    ['06-sequence-regression', 'epochs', 'abc'],
    ['07-char-transformer', 'steps', '0'],
    ['08-digits', 'digits', '1.5'],
    ['11-compile-and-profile', 'steps', ''],
  ])('%s says what --%s is to be, when it is %j', async (lesson, option, text) => {
    const { code, stderr } = await start(lesson, [`--${option}`, text]);
    expect(stderr).toBe(`--${option}: expected a whole number, 1 or more, got ${JSON.stringify(text)}\n`);
    expect(code).toBe(2);
  });

  test('are all run below, and each has a row in the README', () => {
    const readme = readFileSync('examples/README.md', 'utf8');
    const rows = [...readme.matchAll(/^\| \[(.+?)\]\((.+?)\)/gm)].map(([, name, path]) => [name, path]);
    expect(Object.keys(lessons)).toEqual(names);
    expect(rows).toEqual(names.map(lesson => [lesson, `${lesson}/main.ts`]));
  });

  test.concurrent.each(names)('%s runs without a complaint and prints what it is about', async lesson => {
    const { code, stdout, stderr } = await run(lesson);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const line of lessons[lesson].prints) expect(stdout).toContain(line);
  });
});

/** The numbers of every row of a table that `row` matches as a whole. */
async function table(lesson: string, row: RegExp): Promise<number[][]> {
  const { stdout } = await run(lesson);
  return [...stdout.matchAll(row)].map(([, ...cells]) => cells.map(Number));
}

/** A picture that a lesson drew: standalone, on white, of finite numbers. */
async function drawn(lesson: string, name: string): Promise<string> {
  await run(lesson);
  const svg = readFileSync(join(folder, 'runs', lesson, name), 'utf8');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).toContain('background:white');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  return svg;
}

describe('the network of 03-mlp', () => {
  test('is right about more than 99 % of the points, those that it has not seen included', async () => {
    const shares = await table('03-mlp', /^ +\d+ .* ([\d.]+) % +([\d.]+) %$/gm);
    for (const share of shares[shares.length - 1]) expect(share).toBeGreaterThan(99);
  });

  test('draws its map as a standalone SVG with a dot for every unseen point', async () => {
    const svg = await drawn('03-mlp', 'spirals.svg');
    expect(svg).toContain('of unseen points');
    expect(svg).toContain('probability of orange');
    expect(svg.match(/<circle /g)).toHaveLength(500);
  });
});

describe('the forecaster of 06-sequence-regression', () => {
  test('loses less than a third of what saying the mean would lose on held-out steps, after two epochs', async () => {
    const { stdout } = await run('06-sequence-regression');
    const [, loss] = /weights of epoch 2, held-out loss (\d\.\d+)/.exec(stdout)!;
    expect(Number(loss)).toBeLessThan(1 / 3); // normalised, the series has variance 1
  });

  test('draws a dot for each of 250 measurements, and its line', async () => {
    const svg = await drawn('06-sequence-regression', 'forecast.svg');
    expect(svg.match(/<circle /g)).toHaveLength(250);
    expect(svg).toMatch(/<path d="M[^"]*" ?\/?>/);
  });
});

test('the transformer of 07-char-transformer predicts unseen text better after ten steps than after one', async () => {
  const losses = await table('07-char-transformer', /^ +\d+ +[\d.]+ +([\d.]+) +([\d.]+)$/gm);
  expect(losses).toHaveLength(2);
  for (const place of [0, 1]) expect(losses[1][place]).toBeLessThan(losses[0][place] - 0.5);
});

describe('the network of 08-digits', () => {
  test('reads more than half of the unseen digits after three short epochs', async () => {
    const shares = await table('08-digits', /^ +3 .* ([\d.]+) % +([\d.]+) %$/gm);
    expect(shares[0][1]).toBeGreaterThan(50);
  });

  test('draws the twelve hardest digits and eight filters', async () => {
    const svg = await drawn('08-digits', 'digits.svg');
    expect(svg.match(/% sure/g)).toHaveLength(12);
    expect(svg).toContain('What the filters of the first layer look for');
  });
});

describe('the model of 09-from-pytorch', () => {
  test('gives what it gave in PyTorch', async () => {
    const { stdout } = await run('09-from-pytorch');
    expect(Number(/differ by at most (\S+),/.exec(stdout)?.[1])).toBeLessThan(1e-4);
  });

  const torch = ['python3', '/usr/bin/python3'].find(
    python =>
      spawnSync(python, ['-c', "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"]).status === 0,
  );
  test.skipIf(torch === undefined)('goes back to PyTorch (skipped where python3 has no torch)', async () => {
    await run('09-from-pytorch');
    const script = resolve('examples', '09-from-pytorch', 'model.py');
    const { stdout, status } = spawnSync(torch!, [script, 'read', join(folder, 'runs', '09-from-pytorch')]);
    expect(String(stdout)).toMatch(/^PyTorch \S+ loads it; its outputs differ from the lesson's by at most /);
    expect(status).toBe(0);
  });
});

test('the steps of 11-compile-and-profile lose the same, eager and compiled', async () => {
  const losses = await table('11-compile-and-profile', /^ +\d+ +[\d.]+ +([\d.]+) +([\d.]+)$/gm);
  expect(losses).toHaveLength(5);
  for (const [eager, compiled] of losses) expect(compiled).toBeCloseTo(eager, 4);
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
