import { forbidWasm } from '@tapegrad/wasm';
import { afterEach, describe, expect, test } from 'vitest';
import { train } from './train.ts';

/** Expects numbers to be close to those that JavaScript computes where it is asked to. */
function expectClose(numbers: readonly number[]): void {
  const expected = train({ executor: 'javascript' }).numbers;
  expect(numbers).toHaveLength(expected.length);
  for (const [i, x] of numbers.entries()) expect(Math.abs(x - expected[i])).toBeLessThan(1e-5);
}

describe('where WebAssembly may not be compiled', () => {
  afterEach(() => forbidWasm(false));

  test('the default executor is JavaScript, with the same results', () => {
    forbidWasm(true);
    const { executor, numbers } = train({});
    expect(executor).toBe('javascript');
    expectClose(numbers);
  });

  test('it is JavaScript where WebAssembly is asked for, too', () => {
    forbidWasm(true);
    expect(train({ executor: 'wasm' }).executor).toBe('javascript');
  });
});

test('elsewhere the default executor is WebAssembly, with the same results', () => {
  const { executor, numbers } = train({});
  expect(executor).toBe('wasm');
  expectClose(numbers);
});
