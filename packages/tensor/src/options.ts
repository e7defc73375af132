import { ArgumentError } from './errors.ts';

/** Throws for an option that is none of `names`, for one that there is not would go unnoticed. */
export function checkOptionNames(op: string, options: object, names: readonly string[]): void {
  for (const name in options)
    if (!names.includes(name))
      throw new ArgumentError(`${op}: expected options among ${names.join(', ')}, got ${name}`);
}
