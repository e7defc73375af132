import type { Generator } from 'tapegrad';

/** One word or another, for one and for many. */
type Forms = readonly [one: string, many: string];

const nouns: readonly Forms[] = [
  ['cat', 'cats'],
  ['dog', 'dogs'],
  ['child', 'children'],
  ['mouse', 'mice'],
];
const verbs: readonly Forms[] = [
  ['sees', 'see'],
  ['hears', 'hear'],
  ['likes', 'like'],
];
const restful: readonly Forms[] = [
  ['sleeps', 'sleep'],
  ['sings', 'sing'],
];
const adjectives = ['small', 'grey', 'quick'];

/** A text of a made-up corner of English, and what it says of itself: the mean of -log p of its characters, in nats. */
export interface Written {
  readonly text: string;
  /** No reader can predict the text's characters with a smaller loss than this, in the long run. */
  readonly entropy: number;
}

/**
 * `n` sentences such as `the grey mice that a dog hears like the cat.`: the verb agrees with its noun, over whatever stands
 * between them. Every choice is drawn, and its probability known.
 */
export function write(n: number, generator: Generator): Written {
  let surprise = 0;
  const chance = (p: number): boolean => {
    const yes = generator.uniform() < p;
    surprise -= Math.log(yes ? p : 1 - p);
    return yes;
  };
  const one = <T>(words: readonly T[]): T => {
    surprise += Math.log(words.length);
    return words[generator.integer(0, words.length)];
  };

  const thing = (many: number, clause: boolean): string => {
    const article = many === 1 || chance(0.5) ? 'the' : 'a';
    const adjective = chance(0.3) ? `${one(adjectives)} ` : '';
    const noun = `${article} ${adjective}${one(nouns)[many]}`;
    if (!clause || !chance(0.3)) return noun;
    const other = number();
    return `${noun} that ${thing(other, false)} ${one(verbs)[other]}`;
  };
  const number = (): number => Number(chance(0.5));
  const sentence = (): string => {
    const many = number();
    const subject = thing(many, true);
    if (chance(0.3)) return `${subject} ${one(restful)[many]}.`;
    return `${subject} ${one(verbs)[many]} ${thing(number(), false)}.`;
  };
  const text = Array.from({ length: n }, () => `${sentence()}\n`).join('');
  return { text, entropy: surprise / text.length };
}

const anyOf = (words: readonly string[]): string => `(?:${words.join('|')})`;
const article = (many: number): string => (many === 1 ? 'the' : anyOf(['the', 'a']));
const thing = (many: number): string =>
  `${article(many)} (?:${anyOf(adjectives)} )?${anyOf(nouns.map(forms => forms[many]))}`;
const acts = (many: number): string => anyOf(verbs.map(forms => forms[many]));
const clause = anyOf([0, 1].map(many => ` that ${thing(many)} ${acts(many)}`));
const whole = [0, 1].map(many => {
  const rests = anyOf(restful.map(forms => forms[many]));
  return `${thing(many)}${clause}? ${anyOf([rests, `${acts(many)} ${anyOf([thing(0), thing(1)])}`])}\\.`;
});
const correct = new RegExp(`^${anyOf(whole)}$`);

/** Whether a line is a sentence of the language, agreement of verb and noun included. */
export const isSentence = (line: string): boolean => correct.test(line);
