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

/** The names of the options of every layer with parameters. */
export const layerOptions = ['dtype', 'generator'] as const;

/** Throws unless p is a probability. */
export function checkProbability(layer: string, name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`${layer}: expected a probability ${name} in [0, 1], got ${p}`);
}
