import { ArgumentError } from '@tapegrad/tensor';

/** Throws unless all options named are finite and 0 or more. */
export function checkAtLeastZero(name: string, options: { readonly [option: string]: number }): void {
  for (const [option, value] of Object.entries(options))
    if (!(typeof value === 'number' && value >= 0 && value < Infinity))
      throw new ArgumentError(`${name}: expected ${option} to be 0 or more, got ${value}`);
}

/** Throws unless betas are two shares of running means that are kept. */
export function checkBetas(name: string, betas: readonly [number, number]): void {
  const isShare = (beta: number): boolean => typeof beta === 'number' && beta >= 0 && beta < 1;
  if (!(Array.isArray(betas) && betas.length === 2 && betas.every(isShare)))
    throw new ArgumentError(`${name}: expected two betas in [0, 1), got ${JSON.stringify(betas)}`);
}
