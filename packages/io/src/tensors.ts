import { Tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { kindOf, quote } from './text.ts';

/** What is read of a file. */
export interface ReadOptions {
  /** The names of the tensors that are wanted; the elements of others are not even read. Without it, all of them. */
  readonly only?: readonly string[];
}

/** What is in an object of tensors by name, in its order. */
export function namedTensors(op: string, tensors: Readonly<Record<string, Tensor>>): [name: string, x: Tensor][] {
  if (typeof tensors !== 'object' || tensors === null || tensors instanceof Tensor || Array.isArray(tensors))
    throw new ArgumentError(`${op}: expected an object of tensors by name, got ${kindOf(tensors)}`);
  const entries = Object.entries(tensors);
  for (const [name, x] of entries) {
    checkText(op, 'a name', name);
    if (!(x instanceof Tensor))
      throw new ArgumentError(`${op}: expected a tensor under ${JSON.stringify(name)}, got ${kindOf(x)}`);
  }
  return entries;
}

/** A file is UTF-8, which half of a surrogate pair cannot be written in. */
export function checkText(op: string, what: string, text: string): void {
  if (/\p{Surrogate}/u.test(text))
    throw new ArgumentError(
      `${op}: expected ${what} of well-formed text, got a lone surrogate in ${JSON.stringify(text)}`,
    );
}

/** Which of the names in a file are wanted: those of `only`, all of which have to be there, or else all. */
export function wanted(op: string, names: readonly string[], only: readonly string[] | undefined): Set<string> {
  const there = new Set(names);
  if (only === undefined) return there;
  if (!Array.isArray(only) || !only.every(name => typeof name === 'string'))
    throw new ArgumentError(`${op}: expected only to be a list of names, got ${kindOf(only)}`);
  for (const name of only)
    if (!there.has(name)) {
      const some = names.slice(0, 8).map(quote).join(', ');
      throw new ArgumentError(
        `${op}: expected only to hold names of tensors in the file, got ${quote(name)}; ` +
          `it has ${names.length > 8 ? `${some}, … ${names.length} of them` : some || 'none'}`,
      );
    }
  return new Set(only);
}
