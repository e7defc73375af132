import * as tapegrad from '@tapegrad/autograd';
import { tensor } from '@tapegrad/autograd';
import { expect, test } from 'vitest';

// Without their types, as from plain JavaScript, for all that the compiler would refuse.
export const op: any = tapegrad;
export const x: any = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
export const cube: any = op.zeros([2, 3, 4]);
export const scalar: any = tensor(1);
export const ints: any = x.to('int32');
export const bools: any = tensor([true, false, true]);
export const nothing: any = op.zeros([2, 0]);
export const ids = (...data: any[]): any => tensor(data, { dtype: 'int32' });

/** The text of an error, what throws it, and its class. */
export type Refusal = [string, () => unknown, new (message: string) => Error];

/** A test for each refusal, named by its text. */
export const refuses = (refusals: Refusal[]) =>
  test.each(refusals)('%s', (message, fn, kind) => {
    expect(fn).toThrow(new kind(message));
    expect(fn).toThrow(kind);
  });
