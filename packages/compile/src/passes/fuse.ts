import type { Operation, Value } from '../graph/graph.ts';
import { canFuse, type Group, joined, started } from './group.ts';
import { dependenciesOf } from './order.ts';

/** A step of a program: one operation by itself, or a group. */
export type Kernel =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'group'; readonly group: Group };

/**
 * Puts elementwise operations and folds of one iteration shape into groups, so that what one computes the next takes from
 * a register (or, `apart`, each into a group of its own). An operation joins the groups that make its inputs, unless it needs something that has to wait for one of them.
 */
export function fuse(operations: readonly Operation[], apart = false): Kernel[] {
  const fusion = new Fusion(operations, apart);
  for (const operation of operations) fusion.add(operation);
  return fusion.kernels();
}

/** A node of the graph of steps: an operation, or those of a group, with what has to run before. */
interface Node {
  readonly operations: Operation[];
  group: Group | undefined;
  readonly before: Set<Node>;
  /** The positions of its first operation and of its last. */
  readonly first: number;
  last: number;
}

class Fusion {
  readonly #before: ReadonlyMap<Operation, readonly Operation[]>;
  readonly #nodes = new Map<Operation, Node>();
  readonly #makers = new Map<Value, Operation>();
  readonly #apart: boolean;
  #count = 0;

  constructor(operations: readonly Operation[], apart: boolean) {
    this.#apart = apart;
    this.#before = dependenciesOf(operations);
  }

  add(operation: Operation): void {
    const at = this.#count++;
    const node: Node = { operations: [operation], group: undefined, before: new Set(), first: at, last: at };
    for (const earlier of this.#before.get(operation)!) node.before.add(this.#nodes.get(earlier)!);
    this.#nodes.set(operation, node);
    this.#makers.set(operation.output, operation);
    if (!canFuse(operation)) return;
    for (const candidate of this.#apart ? [] : this.#candidates(operation)) {
      const group = joined(candidate.group!, operation);
      if (group !== undefined && !this.#waits(node, candidate)) {
        candidate.group = group;
        candidate.operations.push(operation);
        candidate.last = at;
        for (const earlier of node.before) if (earlier !== candidate) candidate.before.add(earlier);
        this.#nodes.set(operation, candidate);
        return;
      }
    }
    node.group = started(operation);
  }

  /** The nodes of groups that make an input, the latest first. */
  #candidates({ inputs }: Operation): Node[] {
    const found = new Set<Node>();
    for (const { value } of inputs) {
      const maker = this.#makers.get(value);
      const node = maker === undefined ? undefined : this.#nodes.get(maker);
      if (node?.group !== undefined) found.add(node);
    }
    return [...found].sort((a, b) => b.last - a.last);
  }

  /** Whether something that `node` needs, `target` itself aside, needs `target` in its turn. */
  #waits(node: Node, target: Node): boolean {
    const seen = new Set<Node>([target]);
    const stack = [...node.before].filter(earlier => earlier !== target);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next) || next.last < target.first) continue;
      seen.add(next);
      for (const earlier of next.before) {
        if (earlier === target) return true;
        stack.push(earlier);
      }
    }
    return false;
  }

  /** All steps, each after those that it needs, else in the order of the recording. */
  kernels(): Kernel[] {
    const kernels: Kernel[] = [];
    const done = new Set<Node>();
    for (const [operation, node] of this.#nodes)
      if (operation === node.operations.at(-1))
        for (const next of inOrder(node, done))
          kernels.push(
            next.group === undefined
              ? { kind: 'operation', operation: next.operations[0] }
              : { kind: 'group', group: next.group },
          );
    return kernels;
  }
}

/** The node with all that has to run before it, those that are done left out. */
function inOrder(node: Node, done: Set<Node>): Node[] {
  const order: Node[] = [];
  const enter = (next: Node): [Node, Node[]] => {
    done.add(next);
    return [next, [...next.before].sort((a, b) => b.last - a.last)];
  };
  if (done.has(node)) return order;
  const stack = [enter(node)];
  while (stack.length > 0) {
    const [current, waiting] = stack[stack.length - 1];
    const next = waiting.pop();
    if (next === undefined) {
      order.push(current);
      stack.pop();
    } else if (!done.has(next)) stack.push(enter(next));
  }
  return order;
}
