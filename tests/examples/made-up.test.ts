import { Generator } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { series } from '../../examples/06-sequence-regression/series.ts';
import { isSentence, write } from '../../examples/07-char-transformer/language.ts';
import { digits } from '../../examples/08-digits/draw.ts';

describe('the language of 07-char-transformer', () => {
  test('has every sentence that its grammar writes', () => {
    const lines = write(500, new Generator('any')).text.trimEnd().split('\n');
    expect(lines).toHaveLength(500);
    expect(lines.filter(line => !isSentence(line))).toEqual([]);
  });

  test('lets verbs agree with their nouns, and articles too', () => {
    const right = [
      'the grey mice that a dog hears like the cat.',
      'a dog sees the dogs.',
      'the cat that the dogs see sleeps.',
    ];
    const wrong = [
      'the dogs sleeps.',
      'the cat that the dogs see sleep.',
      'the cat that the dogs sees sleeps.',
      'a mice sing.',
      'the cat sees',
    ];
    expect([...right, ...wrong].map(isSentence)).toEqual([...right.map(() => true), ...wrong.map(() => false)]);
  });

  test('is as surprising as its grammar says on average', () => {
    const { entropy, text } = write(4000, new Generator('a'));
    const [two, three, four] = [2, 3, 4].map(Math.log);
    const maybe = -0.3 * Math.log(0.3) - 0.7 * Math.log(0.7); // each choice of 3 in 10
    const thing = 0.5 * two + maybe + 0.3 * three + four; // an article if it is one, an adjective, a noun
    const subject = two + thing + maybe + 0.3 * (two + thing + three); // how many, and a clause
    const rest = maybe + 0.3 * two + 0.7 * (three + two + thing);
    expect((entropy * text.length) / 4000 / (subject + rest)).toBeCloseTo(1, 2);
  });
});

test('the digits of 08-digits follow from the seed, one of each in turns, of ink from 0 to 1', () => {
  const { pictures, labels } = digits(20, new Generator(1));
  expect(pictures.shape).toEqual([20, 1, 16, 16]);
  expect(labels.toArray()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([pictures.min().item(), pictures.max().item()]).toEqual([0, 1]);
  expect(digits(20, new Generator(1)).pictures.data).toEqual(pictures.data);
  expect(pictures.at(0).eq(pictures.at(10)).all().item()).toBe(false); // no two zeros alike
});

test('the series of 06-sequence-regression is measured with a deviation of 0.3', () => {
  const { exact, measured } = series(2000, new Generator(1));
  expect(measured.sub(exact).std().item()).toBeCloseTo(0.3, 1);
});
