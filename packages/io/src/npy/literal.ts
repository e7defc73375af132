import { FormatError } from '@tapegrad/tensor';
import { quote } from '../text.ts';

/** What the header of an .npy file says. */
export interface Description {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/**
 * The header of an .npy file, which is Python: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
 *
 * Just that is read, with the three keys in any order, any white space, either quotes, and whole numbers of Python 2,
 * `2L`; nothing is evaluated.
 */
export function parseDescription(where: string, text: string): Description {
  const tokens = new Tokens(where, text);
  const found: { descr?: string; fortran_order?: boolean; shape?: number[] } = {};
  tokens.take('{');
  while (!tokens.skip('}')) {
    const key = readString(tokens);
    if (key !== 'descr' && key !== 'fortran_order' && key !== 'shape')
      throw new FormatError(`${where}: expected the keys descr, fortran_order and shape, got ${quote(key)}`);
    if (found[key] !== undefined)
      throw new FormatError(`${where}: expected every key of the header once, got ${quote(key)} twice`);
    tokens.take(':');
    if (key === 'descr') found.descr = readDescr(tokens);
    else if (key === 'shape') found.shape = readShape(tokens);
    else found.fortran_order = readBool(tokens);
    if (!tokens.skip(',') && tokens.peek() !== '}') throw tokens.unexpected(', or }');
  }
  if (tokens.peek() !== '') throw tokens.unexpected('nothing but white space after }');
  const { descr, fortran_order: fortranOrder, shape } = found;
  if (descr === undefined || fortranOrder === undefined || shape === undefined)
    throw new FormatError(
      `${where}: expected the keys descr, fortran_order and shape, got ${Object.keys(found).join(', ') || 'none'}`,
    );
  return { descr, fortranOrder, shape };
}

const isString = (token: string): boolean => token.length > 1 && (token[0] === "'" || token[0] === '"');

function readString(tokens: Tokens): string {
  if (!isString(tokens.peek())) throw tokens.unexpected('a string');
  return tokens.next().slice(1, -1);
}

function readDescr(tokens: Tokens): string {
  if (tokens.peek() === '[' || tokens.peek() === '(')
    throw new FormatError(`${tokens.where}: expected elements that are numbers, got a structure of several fields`);
  return readString(tokens);
}

function readBool(tokens: Tokens): boolean {
  if (tokens.peek() !== 'True' && tokens.peek() !== 'False') throw tokens.unexpected('True or False');
  return tokens.next() === 'True';
}

/** A tuple of sizes: `()`, `(2,)`, `(2, 3)`. A number in brackets, `(2)`, is none in Python. */
function readShape(tokens: Tokens): number[] {
  const shape: number[] = [];
  tokens.take('(');
  while (!tokens.skip(')')) {
    const token = tokens.peek();
    const size = Number(sizePattern.exec(token)?.[1]);
    if (!Number.isSafeInteger(size)) throw tokens.unexpected('whole numbers from 0 as sizes');
    tokens.next();
    shape.push(size);
    if (!tokens.skip(',') && (tokens.peek() !== ')' || shape.length === 1))
      throw tokens.unexpected(shape.length === 1 ? ', after the first size' : ', or )');
  }
  return shape;
}

/** Strings without escapes, words and numbers, and single characters. */
const tokenPattern = /[ \t\r\n]*('[^'\\\n]*'|"[^"\\\n]*"|[0-9A-Za-z_.]+|[^ \t\r\n]|$)/y;

/** A whole number; in Python 2 it may end in L. */
const sizePattern = /^(0|[1-9][0-9]*)L?$/;

/** The tokens of a text from front to back; after the last one comes the empty one. */
class Tokens {
  readonly where: string;
  readonly #text: string;
  #token = '';
  #end = 0;

  constructor(where: string, text: string) {
    this.where = where;
    this.#text = text;
    this.next();
  }

  peek(): string {
    return this.#token;
  }

  next(): string {
    const token = this.#token;
    tokenPattern.lastIndex = this.#end;
    this.#token = tokenPattern.exec(this.#text)![1];
    this.#end = tokenPattern.lastIndex;
    return token;
  }

  skip(token: string): boolean {
    if (this.#token !== token) return false;
    this.next();
    return true;
  }

  take(token: string): void {
    if (!this.skip(token)) throw this.unexpected(token);
  }

  unexpected(expected: string): FormatError {
    const got = this.#token === '' ? 'its end' : `${quote(this.#token)} at character ${this.#end - this.#token.length}`;
    return new FormatError(`${this.where}: expected ${expected} in the header, got ${got}`);
  }
}
