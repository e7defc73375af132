import { Tensor } from '@tapegrad/autograd';
import { ArgumentError, DTypeError, FormatError, IndexError, NdArray, ShapeError, showShape } from '@tapegrad/tensor';

/**
 * A two-way table between characters and ids 0 … size - 1.
 *
 * A character is a Unicode code point, so an emoji is one. `decode(encode(text))` is `text`.
 *
 * @example
 * const vocabulary = Vocabulary.of('hello');  // e h l o
 * vocabulary.encode('hole');                  // tensor([1, 3, 2, 0], dtype=int32)
 */
export class Vocabulary {
  /** The characters; the id of each is its place. */
  readonly characters: readonly string[];
  readonly #ids = new Map<string, number>();

  /**
   * From a text, its distinct characters sorted by code point; from a list of characters, these in their order.
   *
   * @throws ArgumentError for anything else, and when an entry of a list is not one character, or is there twice; FormatError for half of a
   * surrogate pair, which is no character.
   */
  constructor(characters: string | Iterable<string>) {
    if (!(Symbol.iterator in Object(characters)))
      throw new ArgumentError(`Vocabulary: expected a text or a list of characters, got ${kind(characters)}`);
    this.characters = Object.freeze(typeof characters === 'string' ? distinct(characters) : Array.from(characters));
    for (const [id, character] of this.characters.entries()) {
      checkCharacter(character, id);
      const before = this.#ids.get(character);
      if (before !== undefined)
        throw new ArgumentError(
          `Vocabulary: expected distinct characters, got ${show(character)} at positions ${before} and ${id}`,
        );
      this.#ids.set(character, id);
    }
  }

  /** The vocabulary of a text: its distinct characters, sorted by code point. */
  static of(text: string): Vocabulary {
    if (typeof text !== 'string') throw new ArgumentError(`Vocabulary.of: expected a text, got ${typeof text}`);
    return new Vocabulary(text);
  }

  /** How many characters there are. */
  get size(): number {
    return this.characters.length;
  }

  /** The same as `size`. */
  get length(): number {
    return this.characters.length;
  }

  /** Whether a character has an id. */
  has(character: string): boolean {
    return this.#ids.has(character);
  }

  /**
   * The ids of a text's characters, [n], int32.
   *
   * @throws IndexError for a character that has no id; FormatError for half of a surrogate pair.
   */
  encode(text: string): Tensor<[number]> {
    if (typeof text !== 'string') throw new ArgumentError(`encode: expected a text, got ${typeof text}`);
    const ids = new Int32Array(text.length);
    let n = 0;
    for (const character of text) {
      const id = this.#ids.get(character);
      if (id === undefined) throw this.#unknown(character, n);
      ids[n++] = id;
    }
    // A character of two UTF-16 units leaves room at the end.
    const exact = n === ids.length ? ids : ids.slice(0, n);
    return new Tensor(new NdArray('int32', [n], exact));
  }

  /**
   * The text of ids: an int32 tensor [n] or of one element, or plain numbers.
   *
   * @throws IndexError for an id outside of 0 … size - 1; ArgumentError for what is no list.
   */
  decode(ids: Tensor | ArrayLike<number>): string {
    const list = ids instanceof Tensor ? idsOf(ids) : ids;
    if (!Number.isInteger(list?.length))
      throw new ArgumentError(`decode: expected a tensor or a list of ids, got ${kind(ids)}`);
    const { characters } = this;
    const text = new Array<string>(list.length);
    for (let i = 0; i < list.length; i++) {
      const character = characters[list[i]];
      if (character === undefined)
        throw new IndexError(
          `decode: expected ids of a vocabulary of ${this.size} characters, got ${list[i]} at position ${i}`,
        );
      text[i] = character;
    }
    return text.join('');
  }

  /** The characters in order, for `JSON.stringify`; `fromJSON` takes them back. */
  toJSON(): string[] {
    return [...this.characters];
  }

  /**
   * The vocabulary that `toJSON` wrote, from the parsed JSON.
   *
   * @throws FormatError for anything but a list of distinct characters.
   */
  static fromJSON(json: unknown): Vocabulary {
    if (!Array.isArray(json))
      throw new FormatError(`Vocabulary.fromJSON: expected a list of characters, got ${kind(json)}`);
    try {
      return new Vocabulary(json);
    } catch (error) {
      if (error instanceof ArgumentError) throw new FormatError(error.message, { cause: error });
      throw error;
    }
  }

  #unknown(character: string, position: number): IndexError | FormatError {
    if (isLoneSurrogate(character)) return loneSurrogate('encode', character, position);
    return new IndexError(
      `encode: expected characters of a vocabulary of ${this.size}, got ${show(character)} at position ${position}`,
    );
  }
}

/** The distinct code points of a text in ascending order. */
function distinct(text: string): string[] {
  return [...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
}

function checkCharacter(character: unknown, position: number): void {
  if (typeof character !== 'string' || !isOneCodePoint(character))
    throw new ArgumentError(
      'Vocabulary: expected single characters, got ' +
        `${typeof character === 'string' ? JSON.stringify(character) : kind(character)} at position ${position}`,
    );
  if (isLoneSurrogate(character)) throw loneSurrogate('Vocabulary', character, position);
}

const isOneCodePoint = (text: string): boolean =>
  text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);

const isLoneSurrogate = (character: string): boolean => /^\p{Surrogate}$/u.test(character);

const loneSurrogate = (op: string, character: string, position: number): FormatError =>
  new FormatError(
    `${op}: expected whole characters, got the lone surrogate ${codePoint(character)} at position ${position}; ` +
      'the text was cut in the middle of a character',
  );

/** A character as errors show it: 'a' (U+0061). */
const show = (character: string): string => `${JSON.stringify(character)} (${codePoint(character)})`;

const codePoint = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

const kind = (value: unknown): string => (value === null ? 'null' : typeof value);

function idsOf(ids: Tensor): ArrayLike<number> {
  if (ids.dtype !== 'int32') throw new DTypeError(`decode: expected int32 ids, got dtype ${ids.dtype}`);
  if (ids.ndim > 1)
    throw new ShapeError(`decode: expected ids of shape [n], got ${showShape(ids.shape)}; decode one row at a time`);
  return ids.data;
}
