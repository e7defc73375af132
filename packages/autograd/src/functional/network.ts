import { ArgumentError, emptyArray, type Generator, type TypedArray } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { checkFloat, checkNumber } from './operands.ts';

/**
 * Each element is zero with probability p, and the others are divided by 1 - p, so that the mean stays (Srivastava et
 * al. 2014). The mask is drawn from `generator`, one uniform number an element.
 */
export function dropout(x: Tensor, p: number, training: boolean, generator: Generator): Tensor {
  checkNumber('dropout', 'p', p);
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`dropout: expected a probability p in [0, 1], got ${p}`);
  if (!training || p === 0) return x;
  checkFloat('dropout', x);
  const scale = p === 1 ? 0 : 1 / (1 - p);
  const mask = emptyArray(x.shape, x.dtype);
  drawMask(mask.buffer, p, scale, generator);
  return x.mul(x.fresh(mask, data => drawMask(data, p, scale, generator)));
}

function drawMask(data: TypedArray, p: number, scale: number, generator: Generator): void {
  for (let i = 0; i < data.length; i++) data[i] = generator.uniform() < p ? 0 : scale;
}
