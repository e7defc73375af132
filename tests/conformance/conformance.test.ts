import { describe, expect, test } from 'vitest';
import { cases } from './cases/index.ts';
import { check, modes } from './run.ts';

// Eagerly a case gives the same twice, and close to the same in float64; compiled it gives what it gives eagerly.
describe.each(modes.map(mode => [mode.name, mode] as const))('%s', (_mode, mode) => {
  describe.each(Object.entries(cases))('%s', (_theme, list) => {
    test.each(list.map(c => [c.name, c] as const))('%s', (_name, c) => {
      expect(check(c, mode)).toEqual([]);
    });
  });
});
