import { zeros } from '@tapegrad/autograd';
import { ArgumentError, type DType, type Generator, type Shape } from '@tapegrad/tensor';
import { Parameter } from './parameter.ts';

/** What every layer with parameters takes. */
export interface LayerOptions {
  /** Of the parameters. Default 'float32'. */
  readonly dtype?: DType;
  /** Where their initial values come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/** A parameter of zeros, for an initialiser to fill. */
export const parameter = (shape: Shape, { dtype }: LayerOptions): Parameter => new Parameter(zeros(shape, { dtype }));

/** Throws unless n is a whole number of `least` or more. */
export function checkSize(layer: string, name: string, n: number, least = 1): void {
  if (!Number.isInteger(n) || n < least)
    throw new ArgumentError(`${layer}: expected ${name} to be a whole number of ${least} or more, got ${n}`);
}

/** The options of a layer, or none; throws for anything else, such as the stride that PyTorch has in their place. */
export function optionsOf<T extends object>(layer: string, options: T | undefined): T | Record<string, never> {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(
      `${layer}: expected the options to be an object, got ${options === null ? 'null' : typeof options}`,
    );
  return options;
}

/** Throws unless p is a probability. */
export function checkProbability(layer: string, name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`${layer}: expected a probability ${name} in [0, 1], got ${p}`);
}
