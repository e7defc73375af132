import { DTypeError, GradError, sameShape, showShape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { isGradEnabled, withGradMode } from './mode.ts';
import type { Node } from './node.ts';
import { activeObserver, isUndisturbed } from './observer.ts';
import { entryFor } from './primitive.ts';

/** The gradient that has arrived at a node so far. */
export interface Arrival {
  total: Tensor;
  /** Whether the walk alone holds the buffer of `total`, so that it may add to it in place or give it away. */
  owned: boolean;
}

export interface WalkOptions {
  /** Record the gradients' own history, so that they can be differentiated in turn. */
  readonly createGraph: boolean;
  /** Compute only what is needed for these nodes, and keep what arrives at them. */
  readonly wanted?: ReadonlySet<Node<any>>;
  /** The walk ends at nodes made up to this moment, and keeps what arrives at them. Left out, it ends at the leaves. */
  readonly since?: number;
}

type Arrivals = Map<Node<any>, Arrival>;

/** Matrices whose rows, one below the other, make a gradient x^T y: those of all that has arrived at a node. */
interface Rows {
  readonly x: Tensor[];
  readonly y: Tensor[];
}

/** What is on its way to the nodes: gradients, and rows that will be multiplied when the walk comes by. */
interface Waiting {
  readonly arrivals: Arrivals;
  readonly rows: Map<Node<any>, Rows>;
}

/**
 * Walks the tape from the `roots` back to the leaves, in reverse order of creation, and returns the gradient of each
 * leaf (or of each wanted node). A node is visited once, when all that uses it has been; nothing on the tape is
 * changed.
 */
export function walk(
  roots: readonly Node<any>[],
  seeds: readonly Tensor[],
  { createGraph, wanted, since }: WalkOptions,
): Arrivals {
  const order = reachable(roots, since);
  const needed = wanted === undefined ? undefined : leadingTo(wanted, order);
  const waiting: Waiting = { arrivals: new Map(), rows: new Map() };
  const { arrivals } = waiting;
  const results: Arrivals = new Map();
  return withGradMode(createGraph, () => {
    for (let i = 0; i < roots.length; i++) add(arrivals, roots[i], { total: seeds[i], owned: false });
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i];
      multiplyRows(waiting, node);
      const arrival = arrivals.get(node);
      if (arrival === undefined) continue;
      arrivals.delete(node);
      const ends = isEnd(node, since);
      if (node.hooks !== null && !ends) runHooks(node, arrival);
      if (ends || (wanted === undefined ? node.target !== null : wanted.has(node))) results.set(node, arrival);
      if (node.op === null || ends || !node.parents.some(parent => isNeeded(parent, needed))) continue;
      checkKept(node);
      propagate(waiting, node, arrival.total, needed);
    }
    return results;
  });
}

const isEnd = (node: Node<any>, since: number | undefined): boolean => since !== undefined && node.time <= since;

let searches = 0;

/** The nodes that the roots were made from, and they, oldest first; `since` as for `walk`. */
export function reachable(roots: readonly Node<any>[], since?: number): Node<any>[] {
  const search = ++searches;
  const order: Node<any>[] = [];
  const find = (node: Node<any>): void => {
    if (node.foundBy === search) return;
    node.foundBy = search;
    order.push(node);
  };
  for (const root of roots) find(root);
  for (let i = 0; i < order.length; i++) {
    if (isEnd(order[i], since)) continue;
    const { parents } = order[i];
    for (let k = 0; k < parents.length; k++) {
      const parent = parents[k];
      if (parent !== null) find(parent);
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

type Needed = ReadonlySet<Node<any>> | undefined;

const isNeeded = (parent: Node<any> | null, needed: Needed): parent is Node<any> =>
  parent !== null && (needed === undefined || needed.has(parent));

/** Adds what the gradient `g` of a node gives to its parents, those that are needed, to what has arrived at them. */
function propagate({ arrivals, rows }: Waiting, node: Node<any>, g: Tensor, needed: Needed): void {
  const { parents } = node;
  const { gradients } = node.op!;
  if ('together' in gradients) {
    const totals = differentiate(node, () => gradients.together(g, node));
    for (let k = 0; k < parents.length; k++) {
      const [parent, total] = [parents[k], totals[k]];
      if (total !== null && isNeeded(parent, needed)) add(arrivals, parent, { total, owned: false });
    }
    return;
  }
  for (let k = 0; k < parents.length; k++) {
    const parent = parents[k];
    if (!isNeeded(parent, needed)) continue;
    const rule = entryFor(gradients, k)!;
    if (typeof rule === 'function') {
      const total = differentiate(node, () => rule(g, node, k)).sumTo(parent.shape);
      add(arrivals, parent, { total, owned: isNew(total, g, node) });
    } else if ('rows' in rule) {
      const [x, y] = rule.rows(g, node, k);
      if (mayWait(x, y)) queue(rows, parent, x, y);
      else {
        const total = differentiate(node, () => x.transpose(-1, -2).matmul(y)).sumTo(parent.shape);
        add(arrivals, parent, { total, owned: isNew(total, g, node) });
      }
    } else {
      const arrival = arrivals.get(parent) ?? zeroFor(parent, g);
      arrivals.set(parent, arrival);
      accumulate(arrival, total => differentiate(node, () => rule.addTo(total, g, node, k)));
    }
  }
}

/** Whether rows can wait for others: matrices, of which no history is recorded and nobody wants to see every product. */
const mayWait = (x: Tensor, y: Tensor): boolean => x.ndim === 2 && y.ndim === 2 && !isGradEnabled() && isUndisturbed();

function queue(rows: Map<Node<any>, Rows>, node: Node<any>, x: Tensor, y: Tensor): void {
  const queued = rows.get(node);
  if (queued === undefined) rows.set(node, { x: [x], y: [y] });
  else {
    queued.x.push(x);
    queued.y.push(y);
  }
}

/** Adds the product of the rows that have been queued for a node to what has arrived there. */
function multiplyRows({ arrivals, rows }: Waiting, node: Node<any>): void {
  const queued = rows.get(node);
  if (queued === undefined) return;
  rows.delete(node);
  const [x, y] = [joined(queued.x), joined(queued.y)];
  add(arrivals, node, { total: x.transpose(0, 1).matmul(y), owned: true });
}

/** Matrices one below the other. */
const joined = ([first, ...rest]: readonly Tensor[]): Tensor => (rest.length === 0 ? first : first.join(rest, 0));

/** Computes gradients, in the hands of the observer where one is interested. */
function differentiate<G extends Tensor | readonly (Tensor | null)[]>(node: Node<any>, compute: () => G): G {
  const observer = activeObserver();
  return observer?.differentiate === undefined ? compute() : observer.differentiate(node, compute);
}

const zeroFor = ({ shape, dtype }: Node<any>, g: Tensor): Arrival => ({
  total: g.filled(shape, 0, dtype),
  owned: !isGradEnabled(),
});

/**
 * Whether a rule wrote its result into a buffer of its own, which neither the tape nor the gradient before it shares.
 */
function isNew({ value }: Tensor, g: Tensor, { inputs, output }: Node<any>): boolean {
  if (isGradEnabled() || value.base !== value || value === g.value.base || value === output?.value.base) return false;
  return !inputs.some(x => value === x.value.base);
}

function add(arrivals: Arrivals, node: Node<any>, arriving: Arrival): void {
  const arrival = arrivals.get(node);
  if (arrival === undefined) arrivals.set(node, arriving);
  else accumulate(arrival, total => total.add(arriving.total));
}

/** Replaces the total by what `next` makes of it, which may write into its buffer where the walk owns that. */
function accumulate(arrival: Arrival, next: (total: Tensor) => Tensor): void {
  const { total } = arrival;
  total.value.spare = arrival.owned;
  try {
    arrival.total = next(total);
  } finally {
    total.value.spare = false;
  }
  arrival.owned = !isGradEnabled();
}

/** Shows the gradient to the hooks, each of which may replace it, and all of which may keep it. */
function runHooks(node: Node<any>, arrival: Arrival): void {
  for (const { hook } of node.hooks!) {
    const replaced = hook(arrival.total) ?? null;
    if (replaced !== null) arrival.total = checkReplaced(replaced, node);
  }
  arrival.owned = false;
}

function checkReplaced(replaced: Tensor, { shape, dtype }: Node<any>): Tensor {
  const expected = `registerHook: expected the hook to return a gradient of shape ${showShape(shape)}, or nothing`;
  if (typeof replaced !== 'object') throw new GradError(`${expected}, got ${typeof replaced}`);
  if (!sameShape(replaced.shape, shape)) throw new GradError(`${expected}, got shape ${showShape(replaced.shape)}`);
  if (replaced.dtype !== dtype)
    throw new DTypeError(`registerHook: expected the hook to return dtype ${dtype}, got ${replaced.dtype}`);
  return replaced;
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
    `backward: ${what} of ${op}, of shape ${showShape(tensor.shape)}, was overwritten by assign after it was used; its gradient needs the old value (clone it before assigning, or assign after backward)`,
  );
