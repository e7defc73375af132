import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as tapegrad from 'tapegrad';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../types/compile.ts';

// The guides for those who come from elsewhere have tables of names: what is called there, and here. The code of the column
// `tapegrad` compiles; the names in the other column are in a list that the other library gave.
const guides = [
  { page: 'docs/guides/from-pytorch.md', there: 'PyTorch', list: 'tests/fixtures/torch/names.json' },
  { page: 'docs/guides/from-tensorflow-js.md', there: 'TensorFlow.js', list: 'tests/fixtures/tfjs.json' },
];

/** What the code of the tables may speak of beside the names that the package exports. */
const prelude = [
  `import { ${Object.keys(tapegrad).join(', ')} } from 'tapegrad';`,
  'declare const x: Tensor, y: Tensor, z: Tensor, w: Tensor, b: Tensor, h: Tensor, q: Tensor, k: Tensor, v: Tensor;',
  'declare const ids: Tensor, mask: Tensor, loss: Tensor, targets: Tensor, parameter: nn.Parameter, bytes: Uint8Array;',
  'declare const model: nn.Linear, layer: nn.Linear, optimizer: optim.Adam, scheduler: optim.schedule.StepLR;',
  'declare const dataset: data.TensorDataset<[Tensor, Tensor]>, loader: data.DataLoader<typeof dataset>;',
  'declare const generator: Generator, fn: (x: Tensor) => Tensor, numbers: number[];',
].join(' ');

interface Span {
  readonly line: number;
  readonly code: string;
  /** What stands between it and the next. */
  readonly after: string;
}

/** The code spans in a column of those tables of a page that have a column `tapegrad`. */
function spansIn(page: string, column: string): Span[] {
  const spans: Span[] = [];
  let columns: readonly string[] = [];
  for (const [i, text] of readFileSync(page, 'utf8').split('\n').entries()) {
    const cells = text.startsWith('|') ? text.split(/(?<!\\)\|/).map(cell => cell.trim()) : [];
    if (cells.length > 0 && columns.includes('tapegrad'))
      for (const [, code, after] of (cells[columns.indexOf(column)] ?? '').matchAll(/`([^`]+)`([^`]*)/g))
        spans.push({ line: i + 1, code: code.replaceAll('\\|', '|'), after });
    if (cells.length === 0 || columns.length === 0) columns = cells;
  }
  return spans;
}

/** Whether the name that code begins with, `torch.matmul` or `x.sum`, is listed; null where it is under no root of the list. */
function isListed(code: string, names: Readonly<Record<string, readonly string[]>>): boolean | null {
  const path = /^(?:new |await )?([A-Za-z]\w*(?:\.\w+)+)/.exec(code)?.[1].split('.') ?? [];
  const root = Object.keys(names)
    .filter(root => path.length > 1 && `${path.slice(0, -1).join('.')}.`.startsWith(`${root}.`))
    .sort((a, b) => b.length - a.length)[0];
  return root === undefined ? null : names[root].includes(path[root.split('.').length]);
}

const folder = resolve('.cache/tables');
const programs = guides.map(({ page }, i) => ({ file: join(folder, `${i}.ts`), spans: spansIn(page, 'tapegrad') }));
let errors: ReturnType<typeof compile>;

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  // Line n of a program, counted from 1, is span n - 2.
  for (const { file, spans } of programs)
    writeFileSync(file, [prelude, ...spans.map(({ code }) => `async () => { ${code}; };`)].join('\n'));
  errors = compile(programs.map(({ file }) => file));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(guides.map((guide, i) => ({ ...guide, ...programs[i] })))(
  '$page',
  ({ page, there, list, file, spans }) => {
    test('has tables of many names', () => {
      expect(spans.length).toBeGreaterThan(60);
    });

    test('has code in the column tapegrad that compiles', () => {
      const found = [...errors.get(file)!].map(([line, text]) => {
        const span = spans[line - 2];
        return span === undefined ? text : `line ${span.line}, ${span.code}: ${text}`;
      });
      expect(found).toEqual([]);
    });

    test(`has names in the column ${there} that are there, or are said to be newer than the list of them`, () => {
      const { names } = JSON.parse(readFileSync(list, 'utf8'));
      const checked = spansIn(page, there).map(span => ({ ...span, listed: isListed(span.code, names) }));
      const isNewer = (after: string): boolean => /^ \(from \d+\.\d+\)/.test(after);
      const wrong = checked.filter(({ listed, after }) => listed !== null && listed === isNewer(after));
      expect(wrong.map(({ line, code }) => `line ${line}, ${code}`)).toEqual([]);
      expect(checked.filter(({ listed }) => listed !== null).length).toBeGreaterThan(60);
    });
  },
);
