import { GradError, sameShape, showShape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import type { Node } from './node.ts';
import { goBack } from './observer.ts';
import { type Arrival, walk } from './walk.ts';

/**
 * Adds the gradient of `root` into the `grad` of every leaf that it was made from. All gradients are there before the
 * first is added, so that an error on the way changes nothing.
 */
export function backward(root: Tensor, gradient: Tensor | undefined): void {
  const node = historyOf('backward: the tensor', root);
  const seed = seedFor('backward', root, gradient);
  for (const [target, g] of goBack(() => sumsAtLeaves(node, seed))) target.grad = g;
}

/** What `grad` of each leaf comes to. */
function sumsAtLeaves(node: Node<any>, seed: Tensor): Map<Tensor, Tensor> {
  const sums = new Map<Tensor, Tensor>();
  for (const [{ target }, arrival] of walk([node], [seed], { createGraph: false })) {
    if (target === null) continue;
    const previous = sums.get(target) ?? target.grad;
    const g = takeOwn(arrival);
    sums.set(target, previous === null ? g : previous.detach().add(g));
  }
  return sums;
}

/** The gradient in a buffer that nothing else shares: its own where the walk can give it away, else a copy. */
function takeOwn(arrival: Arrival): Tensor {
  const { total, owned } = arrival;
  arrival.owned = false;
  return owned ? total : total.detach().clone();
}

/** The gradient that the walk starts from: `gradient`, checked, or one for a tensor of a single element. */
function seedFor(op: string, root: Tensor, gradient: Tensor | null | undefined): Tensor {
  if (gradient === undefined || gradient === null) {
    if (root.size !== 1)
      throw new GradError(
        `${op}: expected a tensor of one element or a gradient to start from, got shape ${showShape(root.shape)} and no gradient`,
      );
    return root.filled(root.shape, 1);
  }
  if (!sameShape(gradient.shape, root.shape))
    throw new GradError(
      `${op}: expected a gradient of the tensor's shape ${showShape(root.shape)}, got ${showShape(gradient.shape)}`,
    );
  return gradient.to(root.dtype);
}

function historyOf(op: string, tensor: Tensor): Node<any> {
  if (tensor.node === null)
    throw new GradError(
      `${op}, of shape ${showShape(tensor.shape)}, has no history: nothing that it was made from requires a gradient (or it was made under noGrad, or by a compiled function)`,
    );
  return tensor.node;
}

/** Options of `grad`. */
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
  if (gradOutputs !== undefined && given.length !== outputs.length)
    throw new GradError(`grad: expected one gradOutput for each of ${outputs.length} outputs, got ${given.length}`);
  const wanted = inputs.map((x, i) => {
    if (x.node !== null) return x.node;
    const shape = showShape(x.shape);
    throw new GradError(`grad: expected input ${i}, of shape ${shape}, to require a gradient when it was used`);
  });
  const roots = outputs.map((y, i) => historyOf(`grad: output ${i}`, y));
  const seeds = outputs.map((y, i) => seedFor(`grad: output ${i}`, y, given[i]));
  return goBack(() => {
    const found = walk(roots, seeds, { createGraph, wanted: new Set(wanted) });
    return wanted.map((node, i) => {
      const arrival = found.get(node);
      if (arrival !== undefined) return createGraph ? arrival.total : takeOwn(arrival);
      if (allowUnused) return null;
      throw new GradError(
        `grad: the outputs do not depend on input ${i}, of shape ${showShape(inputs[i].shape)}; pass allowUnused to get null for it`,
      );
    });
  });
}
