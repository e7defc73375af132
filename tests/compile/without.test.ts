import { beforeEach, describe, expect, test, vi } from 'vitest';
import type * as Passes from '../../packages/compile/src/passes/index.ts';
import type { Case } from '../conformance/case.ts';
import { cases } from '../conformance/cases/index.ts';
import { check, modes } from '../conformance/run.ts';

/** The pass that is left out, and how often that made a difference. */
const left = vi.hoisted(() => ({ out: '', changed: 0 }));

vi.mock('../../packages/compile/src/passes/index.ts', async importOriginal => {
  const actual = await importOriginal<typeof Passes>();
  return {
    ...actual,
    optimize: (graph: Parameters<Passes.Pass>[0], without: readonly Passes.PassName[] = []) => {
      const outline = (g: typeof graph): string =>
        g.operations
          .map(({ op, inputs }) => [op.name, ...inputs.map(({ strides }) => strides.join())].join(' '))
          .join('; ');
      const next = actual.optimize(graph, [...without, left.out as Passes.PassName]);
      if (outline(next) !== outline(actual.optimize(graph, without))) left.changed++;
      return next;
    },
  };
});

/** Every so many of the cases of some themes. */
const chosen: readonly Case[] = (
  [
    ['training', 8],
    ['what lives on between calls', 3],
    ['matrices', 9],
    ['parts and ids', 14],
    ['losses', 7],
    ['assign', 6],
  ] as const
).flatMap(([theme, every]) => cases[theme].filter((_, i) => i % every === 0));

const passNames: readonly Passes.PassName[] = [
  'constants',
  'common',
  'copies',
  'products',
  'transposes',
  'expand',
  'dead',
  'updates',
  'pack',
];

test('all passes are left out in their turn', async () => {
  const { passes } = await import('../../packages/compile/src/passes/index.ts');
  expect(Object.keys(passes)).toEqual(passNames);
});

describe.each(passNames)('without the pass %s', name => {
  beforeEach(() => {
    left.out = name;
    left.changed = 0;
  });

  test.each(modes.filter(mode => mode.name !== 'eager').map(mode => [mode.name, mode] as const))(
    'programs are other ones and results the same in %s',
    (executor, mode) => {
      expect(chosen.flatMap(c => check(c, mode).map(line => `${c.name}: ${line}`))).toEqual([]);
      // JavaScript does without some passes, and no case is so large that factors are packed.
      const makesNoDifference = name === 'pack' || (name === 'expand' && executor === 'javascript');
      if (makesNoDifference) expect(left.changed).toBe(0);
      else expect(left.changed).toBeGreaterThan(0);
    },
  );
});
