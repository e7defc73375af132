import { short } from '@tapegrad/autograd';
import { expect, test } from 'vitest';

test.each([
  [0, '0'],
  [999, '999'],
  [16 / 3, '5.33'],
  [1000, '1.00k'],
  [12_345, '12.3k'],
  [999_500, '1.00M'],
  [4_000_000, '4.00M'],
  [123_456_789_000, '123G'],
  [5e12, '5.00T'],
])('%d is shown as %s', (n, text) => {
  expect(short(n)).toBe(text);
});

test('the prefix may stand apart', () => {
  expect(short(1234, ' ')).toBe('1.23 k');
});
