// npx tsx --conditions=tapegrad-source tests/api/table.ts: for every operation of the contract, what holds it. The closing figures
// of a release are made of it.
import { readFileSync } from 'node:fs';
import { fixtures } from '../autograd/ops/fixtures.ts';
import { namesIn } from './names.ts';

const contract = readFileSync('tests/fixtures/API.md', 'utf8');
const names = [
  ...new Set(
    namesIn(contract)
      .filter(({ section }) => section.startsWith('Operations'))
      .map(({ name }) => name),
  ),
];

const rows = names.map(name => {
  const of = fixtures.filter(({ op }) => op === name);
  return { name, cases: of.length, gradients: of.filter(({ grads }) => grads !== undefined).length };
});
console.log('operation'.padEnd(30), 'PyTorch cases', 'with gradients');
for (const { name, cases, gradients } of rows)
  console.log(name.padEnd(30), String(cases).padStart(13), String(gradients).padStart(14));
const sum = (pick: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + pick(row), 0);
console.log(`${rows.length} operations, ${sum(r => r.cases)} cases, ${sum(r => r.gradients)} with gradients`);
console.log(
  'without cases:',
  rows
    .filter(({ cases }) => cases === 0)
    .map(({ name }) => name)
    .join(', ') || 'none',
);
