import { ArgumentError } from '@tapegrad/tensor';

/** Throws unless all options named are finite and 0 or more. */
export function checkAtLeastZero(name: string, options: { readonly [option: string]: number }): void {
  for (const [option, value] of Object.entries(options))
    if (!(value >= 0 && value < Infinity))
      throw new ArgumentError(`${name}: expected ${option} to be 0 or more, got ${value}`);
}
