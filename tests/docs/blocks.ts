import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The pages whose code is compiled and run: the README, all guides, and what packages say of themselves. */
export const pages = (): string[] => [
  'README.md',
  ...(existsSync('docs/guides') ? readdirSync('docs/guides') : [])
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs/guides', name)),
  ...readdirSync('packages')
    .map(name => join('packages', name, 'README.md'))
    .filter(path => existsSync(path)),
];

/** What a page says that a line prints, or that the compiler says of it. */
export interface Claim {
  readonly line: number;
  readonly text: string;
}

/** A program of a page: a block that begins with an import, and the blocks without imports that go on from it. */
export interface Program {
  readonly page: string;
  /** The line of the page at which it begins. */
  readonly line: number;
  readonly code: string;
  /** The lines that it prints, in order. */
  readonly prints: readonly string[];
  /** What the compiler says of a line of `code`, counted from 1. */
  readonly errors: readonly Claim[];
}

/**
 * The programs of a page.
 *
 * What a line prints stands behind it, `console.log(x); // 3`, or, where it is long, in comments directly below
 * that line. What the compiler says stands behind `// @ts-expect-error`.
 */
export function programsIn(page: string): Program[] {
  const text = readFileSync(page, 'utf8').replaceAll('\r\n', '\n');
  const programs: { line: number; code: string }[] = [];
  for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const [, code] = match;
    const last = programs.at(-1);
    if (/^import /m.test(code) || last === undefined)
      programs.push({ line: text.slice(0, match.index).split('\n').length + 1, code });
    else last.code += `\n${code}`;
  }
  return programs.map(({ line, code }) => ({ page, line, code, prints: printsOf(code), errors: errorsOf(code) }));
}

function printsOf(code: string): string[] {
  const said: string[] = [];
  let below = false;
  for (const line of code.split('\n')) {
    const behind = /console\.log\(.*\); \/\/ (.*)$/.exec(line);
    const comment = /^\s*\/\/ ?(.*)$/.exec(line);
    if (behind !== null) said.push(behind[1]);
    else if (below && comment !== null) said.push(comment[1]);
    below = (below && comment !== null) || /console\.log\(.*\);$/.test(line);
  }
  return said;
}

const directive = /\/\/ @ts-expect-error ?(.*)/;

const errorsOf = (code: string): Claim[] =>
  code.split('\n').flatMap((line, i) => {
    const said = directive.exec(line);
    return said === null ? [] : [{ line: i + 2, text: said[1] }];
  });

/** The code with its `@ts-expect-error` comments made ordinary ones. */
export const withoutDirectives = (code: string): string => code.replaceAll('@ts-expect-error', 'an error:');
