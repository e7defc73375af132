import { copyInto, copyOf, type DType, GradError, ShapeError, showShape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { leafNode, tick } from './node.ts';
import { activeObserver, refuseRecording } from './observer.ts';
import type { Computed } from './primitive.ts';

/** target := source. The one operation that changes its input, which is why it does not pass `apply`. */
export const assign: Computed<undefined> = {
  name: 'assign',
  gradients: [null, null],
  keeps: [],
  shape: ([target, source]) => {
    const lead = target.ndim - source.ndim;
    if (lead < 0 || source.shape.some((n, d) => n !== 1 && n !== target.shape[d + lead]))
      throw new ShapeError(
        `assign: expected a source that broadcasts to ${showShape(target.shape)}, got ${showShape(source.shape)}`,
      );
    if (target.size > 0 && target.shape.some((n, d) => n > 1 && target.strides[d] === 0))
      throw new ShapeError(
        `assign: expected a target with an element of memory for each of its own, got an expanded view, of shape ${showShape(target.shape)}`,
      );
    return target.shape;
  },
  inPlace: true,
  // A source that shares the target's buffer is read out before the first element is written.
  kernel: (target, [, source]) => copyInto(target, source.base === target.base ? copyOf(source) : source),
};

/**
 * Overwrites the buffer of `target` (also where it is a view), and marks the moment for the gradients that needed it.
 */
export function assignTo(target: Tensor, source: Tensor): void {
  const { value } = target;
  const observer = activeObserver();
  observer?.applying?.(assign);
  assign.shape([value, source.value], undefined);
  assign.kernel(value, [value, source.value], undefined);
  value.base.overwrittenAt = tick();
  observer?.applied(assign, [target, source], undefined, target, null);
}

/**
 * Gives a leaf an array of another dtype in the place of its own, and casts its gradient. Views keep the old array, and
 * a history that was made with it can no longer be walked to this leaf.
 */
export function castInPlace(leaf: Tensor, dtype: DType): void {
  refuseRecording('Module.to', 'because it gives parameters other arrays; cast the module before');
  const value = copyOf(leaf.value, dtype);
  value.overwrittenAt = tick();
  leaf.value = value;
  const { node } = leaf;
  if (node !== null) {
    leaf.node = leafNode(leaf);
    leaf.node.hooks = node.hooks;
    node.hooks = [{ hook: refuseCast }];
  }
  leaf.grad = leaf.grad?.detach().to(dtype) ?? null;
}

const refuseCast = (): never => {
  throw new GradError('backward: a parameter was cast to another dtype after it was used; call forward again');
};
