import { Tensor } from '@tapegrad/autograd';

export const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

/** A name in an error message, quoted and cut short. */
export const quote = (name: string): string => JSON.stringify(clip(name));

/** What a value is, for an error message. */
export const kindOf = (value: unknown): string =>
  value === null ? 'null' : value instanceof Tensor ? 'a tensor' : Array.isArray(value) ? 'an array' : typeof value;
