import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claimsOf, compile, sourcesIn } from './compile.ts';

// A line of tests/types/messages/*.ts that ends in `//~ text` must not compile, and its error must contain the text.
const files = sourcesIn('tests/types/messages');
const errors = compile(files);

describe.each(files.map(file => [basename(file), file]))('%s', (_, file) => {
  const claims = claimsOf(file);
  const found = errors.get(file)!;

  test.each([...claims])('line %i says: %s', (line, text) => {
    expect(found.get(line) ?? 'no error').toContain(text);
  });

  test('has no other errors', () => {
    expect([...found].filter(([line]) => !claims.has(line))).toEqual([]);
  });
});
