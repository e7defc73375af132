import { Tensor } from '@tapegrad/autograd';
import { ArgumentError, GradError, ShapeError, showShape } from '@tapegrad/tensor';

/** The options of `windows`. */
export interface WindowsOptions {
  /** How many positions one window starts after the one before. Default 1. */
  readonly stride?: number;
}

/**
 * Every window of `length` ids, and for each of its positions the id that comes next: [inputs, targets], of the ids' dtype,
 * which may be any: the numbers of a series have windows as the ids of a text have.
 *
 * inputs[i, t] = ids[i stride + t], targets[i, t] = ids[i stride + t + 1]; both are [n, length] with
 * n = ⌊(size - length - 1) / stride⌋ + 1, which is size - length for a stride of 1. Both are views of `ids`, which no
 * element is copied for: a megabyte of text has a million windows of any length at once.
 *
 * @throws ArgumentError when the ids are not longer than a window, or for a length or stride that is no whole number
 * from 1; GradError for ids that require a gradient, which views made here would not have.
 */
export function windows<N extends number>(
  ids: Tensor,
  length: N,
  { stride = 1 }: WindowsOptions = {},
): [inputs: Tensor<[number, N]>, targets: Tensor<[number, N]>] {
  if (!(ids instanceof Tensor)) throw new ArgumentError(`windows: expected ids to be a tensor, got ${typeof ids}`);
  if (ids.ndim !== 1) throw new ShapeError(`windows: expected ids of shape [n], got ${showShape(ids.shape)}`);
  if (ids.requiresGrad) throw new GradError('windows: expected ids without a gradient, got some that require one');
  for (const [name, value] of Object.entries({ length, stride }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(`windows: expected a ${name} that is a whole number from 1, got ${value}`);
  if (ids.size <= length)
    throw new ArgumentError(
      `windows: expected more ids than the length ${length} of a window, got ${ids.size}; ` +
        'a window also needs the id after it',
    );
  const { value } = ids;
  const [step] = value.strides;
  const n = Math.floor((ids.size - length - 1) / stride) + 1;
  const from = (offset: number) => new Tensor(value.view([n, length], [stride * step, step], offset));
  return [from(value.offset), from(value.offset + step)];
}
