import type { primitives } from '@tapegrad/autograd';
import { Generator, type Tensor, tensor } from 'tapegrad';

export type Name = keyof typeof primitives;
export type Fn = (...inputs: Tensor[]) => Tensor;

/** A function through one primitive, and the inputs that it is checked at. */
export interface Case {
  readonly of: string;
  readonly fn: Fn;
  readonly inputs: Tensor[];
}

const generator = new Generator('gradcheck');

/** Different numbers, at least 0.03 apart, so that no step of a difference crosses a tie. */
export function spread(shape: number[], low = -2, high = 2): Tensor {
  const size = shape.reduce((n, m) => n * m, 1);
  const order = generator.permutation(size);
  const data = Float64Array.from(order, i => low + ((i + 0.3 + 0.4 * generator.uniform()) * (high - low)) / size);
  return tensor(data, { shape });
}

/** A tensor of no elements. */
export const none = (...shape: number[]): Tensor => tensor([], { dtype: 'float64', shape });
