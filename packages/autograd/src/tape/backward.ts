import { GradError, type NdArray, sameShape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import type { Node } from './node.ts';
import { walk } from './walk.ts';

/**
 * Adds the gradient of `root` into the `grad` of every leaf that it was made from. All gradients are there before the
 * first is added, so that an error on the way changes nothing.
 */
export function backward(root: Tensor, gradient: Tensor | undefined): void {
  const node = historyOf('backward', 'the tensor', root);
  const seed = seedFor('backward', root, gradient);
  const gradients = walk([node], [seed], { createGraph: false });
  const taken = new Set<NdArray>([seed.value.base]);
  for (const [{ target }, g] of gradients) {
    if (target === null) continue;
    const previous = target.grad;
    target.grad = previous !== null ? previous.detach().add(g.detach()) : ownCopy(g, taken);
  }
}

/** The gradient itself where nobody else holds its buffer, else a copy: a `grad` is never a view of something else. */
function ownCopy(g: Tensor, taken: Set<NdArray>): Tensor {
  const shared = taken.has(g.value.base) || g.value.base !== g.value;
  const own = shared ? g.detach().clone() : g.detach();
  taken.add(own.value.base);
  return own;
}

/** The gradient that the walk starts from: `gradient`, checked, or one for a tensor of a single element. */
export function seedFor(op: string, root: Tensor, gradient: Tensor | null | undefined): Tensor {
  if (gradient === undefined || gradient === null) {
    if (root.size !== 1)
      throw new GradError(
        `${op}: expected a tensor of one element or a gradient to start from, got shape [${root.shape.join(', ')}] and no gradient`,
      );
    return root.filled(root.shape, 1);
  }
  if (!sameShape(gradient.shape, root.shape))
    throw new GradError(
      `${op}: expected a gradient of the tensor's shape [${root.shape.join(', ')}], got [${gradient.shape.join(', ')}]`,
    );
  return gradient.dtype === root.dtype ? gradient : gradient.to(root.dtype);
}

export function historyOf(op: string, what: string, tensor: Tensor): Node<any> {
  if (tensor.node === null)
    throw new GradError(
      `${op}: ${what}, of shape [${tensor.shape.join(', ')}], has no history: nothing that it was made from requires a gradient (or it was made under noGrad)`,
    );
  return tensor.node;
}

export interface GradOptions {
  /** The gradients of the outputs to start from, one each; ones for scalar outputs when left out. */
  readonly gradOutputs?: Tensor | readonly (Tensor | null)[];
  /** Record the gradients' history, so that they can be differentiated in turn. Default false. */
  readonly createGraph?: boolean;
  /** Give null, rather than an error, for an input that the outputs do not depend on. Default false. */
  readonly allowUnused?: boolean;
}

/** Gradients of `outputs` (summed) with respect to `inputs`; null only where `allowUnused` lets one be. */
export function gradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  { gradOutputs, createGraph = false, allowUnused = false }: GradOptions,
): (Tensor | null)[] {
  const given = gradOutputs === undefined ? [] : Array.isArray(gradOutputs) ? gradOutputs : [gradOutputs];
  if (given.length > 0 && given.length !== outputs.length)
    throw new GradError(`grad: expected one gradOutput for each of ${outputs.length} outputs, got ${given.length}`);
  const wanted = inputs.map((x, i) => historyOf('grad', `input ${i}`, x));
  const roots = outputs.map((y, i) => historyOf('grad', `output ${i}`, y));
  const seeds = outputs.map((y, i) => seedFor('grad', y, given[i]));
  const found = walk(roots, seeds, { createGraph, wanted: new Set(wanted) });
  return wanted.map((node, i) => {
    const g = found.get(node);
    if (g === undefined && !allowUnused)
      throw new GradError(
        `grad: the outputs do not depend on input ${i}, of shape [${inputs[i].shape.join(', ')}]; pass allowUnused to get null for it`,
      );
    return g ?? null;
  });
}
