import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { compile } from '../types/compile.ts';
import { pages, programsIn, withoutDirectives } from './blocks.ts';

// Every block of TypeScript in the README and the guides is compiled and run, and prints what its comments say.
const folder = resolve('.cache/docs');
const programs = pages()
  .flatMap(programsIn)
  .map((program, i) => ({
    ...program,
    where: `${program.page}, line ${program.line}`,
    file: join(folder, `program${i}.ts`),
    bare: join(folder, `bare${i}.ts`),
  }));
const home = process.cwd();
let errors: ReturnType<typeof compile>;

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { file, bare, code } of programs) {
    writeFileSync(file, `${code}\nexport {};\n`);
    writeFileSync(bare, `${withoutDirectives(code)}\nexport {};\n`);
  }
  errors = compile(programs.flatMap(({ file, bare, errors }) => (errors.length > 0 ? [file, bare] : [file])));
});

afterAll(() => rmSync(folder, { recursive: true }));

afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(home);
});

/** The lines that a program prints, run in a folder of its own. */
async function run(file: string): Promise<string[]> {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values) => {
    printed.push(...format(...values).split('\n'));
  });
  const own = mkdtempSync(join(tmpdir(), 'docs-'));
  process.chdir(own);
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    process.chdir(home);
    rmSync(own, { recursive: true });
  }
  return printed.map(line => line.trimEnd());
}

/** The first of the lines that is not among those printed, after the one before it; undefined when all are. */
function missing(lines: readonly string[], printed: readonly string[]): string | undefined {
  let from = 0;
  for (const line of lines) {
    const at = printed.indexOf(line.trimEnd(), from);
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}

describe.each(pages())('%s', page => {
  test('has code, and says what some of it prints', () => {
    const own = programs.filter(program => program.page === page);
    expect(own.length).toBeGreaterThan(0);
    expect(own.flatMap(({ prints }) => prints).length).toBeGreaterThan(0);
  });
});

describe.each(programs)('$where', ({ file, prints }) => {
  test('compiles', () => {
    expect([...errors.get(file)!]).toEqual([]);
  });

  test('prints what it says, in that order', async () => {
    const printed = await run(file);
    expect(missing(prints, printed), printed.join('\n')).toBeUndefined();
  });
});

describe.each(programs.filter(({ errors }) => errors.length > 0))('$where', ({ bare, errors: claims }) => {
  test('quotes the compiler as it speaks', () => {
    for (const { line, text } of claims) expect(errors.get(bare)!.get(line) ?? 'no error').toContain(text);
  });
});
