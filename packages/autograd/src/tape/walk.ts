import { GradError, sameShape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { withGradMode } from './mode.ts';
import type { Node } from './node.ts';
import { activeObserver } from './observer.ts';

/** The gradient that has arrived at a node so far, and whether the walk made its buffer and may add to it in place. */
interface Arrival {
  total: Tensor;
  owned: boolean;
}

export interface WalkOptions {
  /** Record the gradients' own history, so that they can be differentiated in turn. */
  readonly createGraph: boolean;
  /** Compute only what is needed for these nodes, and keep what arrives at them. */
  readonly wanted?: ReadonlySet<Node<any>>;
}

/**
 * Walks the tape from the `roots` back to the leaves, in reverse order of creation, and returns the gradient of each leaf
 * (or of each wanted node). A node is visited once, when all that uses it has been; nothing on the tape is changed.
 */
export function walk(
  roots: readonly Node<any>[],
  seeds: readonly Tensor[],
  { createGraph, wanted }: WalkOptions,
): Map<Node<any>, Tensor> {
  const order = reachable(roots);
  const needed = wanted === undefined ? undefined : leadingTo(wanted, order);
  const arrivals = new Map<Node<any>, Arrival>();
  const results = new Map<Node<any>, Tensor>();
  return withGradMode(createGraph, () => {
    for (let i = 0; i < roots.length; i++) add(arrivals, roots[i], seeds[i], createGraph);
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i];
      const arrival = arrivals.get(node);
      if (arrival === undefined || (needed !== undefined && !needed.has(node))) continue;
      arrivals.delete(node);
      const g = node.hooks === null ? arrival.total : runHooks(node, arrival.total);
      if (wanted === undefined ? node.target !== null : wanted.has(node)) results.set(node, g);
      if (node.op === null) continue;
      checkKept(node);
      for (let k = 0; k < node.parents.length; k++) {
        const parent = node.parents[k];
        if (parent !== null && (needed === undefined || needed.has(parent)))
          propagate(arrivals, node, parent, k, g, createGraph);
      }
    }
    return results;
  });
}

/** The nodes that the roots were made from, oldest first, leaves before all. */
function reachable(roots: readonly Node<any>[]): Node<any>[] {
  const seen = new Set<Node<any>>(roots);
  const order = [...seen];
  for (let i = 0; i < order.length; i++) {
    const { parents } = order[i];
    for (let k = 0; k < parents.length; k++) {
      const parent = parents[k];
      if (parent !== null && !seen.has(parent)) {
        seen.add(parent);
        order.push(parent);
      }
    }
  }
  return order.sort((a, b) => a.time - b.time);
}

/** Those of the nodes, given oldest first, from which a wanted one is reached. */
function leadingTo(wanted: ReadonlySet<Node<any>>, order: readonly Node<any>[]): Set<Node<any>> {
  const needed = new Set<Node<any>>();
  for (const node of order)
    if (wanted.has(node) || node.parents.some(parent => parent !== null && needed.has(parent))) needed.add(node);
  return needed;
}

function propagate(
  arrivals: Map<Node<any>, Arrival>,
  node: Node<any>,
  parent: Node<any>,
  input: number,
  g: Tensor,
  createGraph: boolean,
): void {
  const { gradients } = node.op!;
  const rule = gradients[Math.min(input, gradients.length - 1)]!;
  if (typeof rule === 'function') {
    const gradient = rule(g, node, input);
    activeObserver()?.differentiated?.(node, gradient);
    add(arrivals, parent, gradient.sumTo(parent.shape), createGraph);
    return;
  }
  let arrival = arrivals.get(parent);
  if (arrival === undefined) {
    arrival = { total: g.filled(parent.shape, 0), owned: !createGraph };
    arrivals.set(parent, arrival);
  }
  const { total } = arrival;
  total.value.spare = arrival.owned;
  arrival.total = rule.addTo(total, g, node, input);
  total.value.spare = false;
  arrival.owned = !createGraph;
  activeObserver()?.differentiated?.(node, arrival.total);
}

function add(arrivals: Map<Node<any>, Arrival>, node: Node<any>, gradient: Tensor, createGraph: boolean): void {
  const arrival = arrivals.get(node);
  if (arrival === undefined) {
    arrivals.set(node, { total: gradient, owned: false });
    return;
  }
  const { total } = arrival;
  total.value.spare = arrival.owned;
  arrival.total = total.add(gradient);
  total.value.spare = false;
  arrival.owned = !createGraph;
}

function runHooks(node: Node<any>, gradient: Tensor): Tensor {
  for (const hook of [...node.hooks!]) {
    const replaced = hook(gradient);
    if (replaced === undefined) continue;
    if (!sameShape(replaced.shape, node.shape))
      throw new GradError(
        `registerHook: a hook must return a gradient of shape [${node.shape.join(', ')}], got [${replaced.shape.join(', ')}]`,
      );
    gradient = replaced;
  }
  return gradient;
}

/** Throws when a value that the gradient rules need has been overwritten since it was used. */
function checkKept(node: Node<any>): void {
  const { op, inputs, output } = node;
  for (let k = 0; k < inputs.length; k++)
    if (inputs[k] !== undefined && inputs[k].value.base.overwrittenAt > node.time)
      throw overwritten(op!.name, `input ${k}`, inputs[k]);
  if (output !== undefined && output.value.base.overwrittenAt > node.time)
    throw overwritten(op!.name, 'the output', output);
}

const overwritten = (op: string, what: string, tensor: Tensor): GradError =>
  new GradError(
    `backward: ${what} of ${op}, of shape [${tensor.shape.join(', ')}], was overwritten by assign after it was used; its gradient needs the old value (clone it before assigning, or assign after backward)`,
  );
