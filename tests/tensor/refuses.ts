import { expect } from 'vitest';
import { ShapeError } from '../../packages/tensor/src/errors.ts';

/** The call throws an error of exactly this class and text. */
export function refuses(call: () => unknown, message: string, kind: new (message: string) => Error = ShapeError): void {
  expect(call).toThrow(new kind(message));
}
