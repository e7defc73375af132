import { Tensor } from '@tapegrad/autograd';
import { allocate, copyInto, NdArray } from '@tapegrad/tensor';

/**
 * The same elements as a leaf that is a view with gaps: its dims lie in reverse order in the buffer, backward, and beside
 * every element stands one that must not be seen.
 */
export function strided(x: Tensor): Tensor {
  const buffer = allocate(x.dtype, 2 * x.size + 3).fill(x.dtype === 'bool' ? 1 : 77);
  const strides: number[] = [];
  let step = -2;
  for (const n of x.shape) {
    strides.push(step);
    step *= n;
  }
  const whole = new NdArray(x.dtype, [buffer.length], buffer);
  const view = whole.view(x.shape, strides, 2 * x.size);
  copyInto(view, x.value);
  return new Tensor(view);
}
