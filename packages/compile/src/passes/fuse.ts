import { sameShape } from '@tapegrad/tensor';
import type { Operation, Value } from '../graph/graph.ts';
import { canFuse, type Group, joined, started } from './group.ts';
import { dependenciesOf } from './order.ts';

/** A step of a program: one operation by itself, or a group. */
export type Kernel =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'group'; readonly group: Group };

/**
 * Puts elementwise operations and folds of one iteration shape into groups, so that what one computes the next takes from
 * a register (or, `apart`, each into a group of its own). An operation joins a group that makes one of its inputs, and the
 * groups that make the others join that one, wherever nothing in between has to wait for one and be waited for by another.
 */
export function fuse(operations: readonly Operation[], apart = false): Kernel[] {
  const fusion = new Fusion(operations, apart);
  for (const operation of operations) fusion.add(operation);
  return fusion.kernels();
}

/** A node of the graph of steps: an operation, or those of a group, with what has to run before. */
interface Node {
  operations: Operation[];
  group: Group | undefined;
  readonly before: Set<Node>;
  /** The positions of its first operation and of its last. */
  first: number;
  last: number;
  /** The node that it has become a part of. */
  into: Node | undefined;
}

/** What a node is now, when it may have become a part of another. */
function current(node: Node): Node {
  let now = node;
  while (now.into !== undefined) now = now.into;
  return now;
}

class Fusion {
  readonly #before: ReadonlyMap<Operation, readonly Operation[]>;
  readonly #nodes = new Map<Operation, Node>();
  readonly #makers = new Map<Value, Operation>();
  readonly #positions = new Map<Operation, number>();
  readonly #apart: boolean;
  #count = 0;

  constructor(operations: readonly Operation[], apart: boolean) {
    this.#apart = apart;
    this.#before = dependenciesOf(operations);
  }

  add(operation: Operation): void {
    const at = this.#count++;
    const node: Node = {
      operations: [operation],
      group: undefined,
      before: new Set(),
      first: at,
      last: at,
      into: undefined,
    };
    for (const earlier of this.#before.get(operation)!) node.before.add(this.#nodes.get(earlier)!);
    this.#nodes.set(operation, node);
    this.#positions.set(operation, at);
    this.#makers.set(operation.output, operation);
    if (!canFuse(operation)) return;
    const candidates = this.#apart ? [] : this.#candidates(operation);
    for (const candidate of candidates) {
      const group = joined(candidate.group!, operation);
      if (group === undefined || this.#waits(node, candidate)) continue;
      this.#absorb(candidate, node, group);
      for (const other of candidates) if (other !== candidate) this.#merge(candidate, other);
      return;
    }
    node.group = started(operation);
  }

  /** Makes two groups one, if all members of the one find their inputs beside those of the other. */
  #merge(node: Node, other: Node): void {
    const [a, b] = [node.group!, other.group!];
    if (!sameShape(a.shape, b.shape) || this.#waits(node, other) || this.#waits(other, node)) return;
    const operations = [...node.operations, ...other.operations];
    operations.sort((x, y) => this.#positions.get(x)! - this.#positions.get(y)!);
    let group = started(operations[0]);
    for (const operation of operations.slice(1)) group = group && joined(group, operation);
    if (group !== undefined) this.#absorb(node, other, group);
  }

  /** Makes a node a part of another one, whose group is now this one. */
  #absorb(node: Node, part: Node, group: Group): void {
    node.group = group;
    node.operations = [...node.operations, ...part.operations];
    node.operations.sort((x, y) => this.#positions.get(x)! - this.#positions.get(y)!);
    node.first = Math.min(node.first, part.first);
    node.last = Math.max(node.last, part.last);
    part.into = node;
    for (const earlier of part.before) node.before.add(earlier);
  }

  /** The nodes of groups that make an input, the latest first. */
  #candidates({ inputs }: Operation): Node[] {
    const found = new Set<Node>();
    for (const { value } of inputs) {
      const maker = this.#makers.get(value);
      const node = maker === undefined ? undefined : current(this.#nodes.get(maker)!);
      if (node?.group !== undefined) found.add(node);
    }
    return [...found].sort((a, b) => b.last - a.last);
  }

  /** Whether something that `node` needs, `target` itself aside, needs `target` in its turn. */
  #waits(node: Node, target: Node): boolean {
    const seen = new Set<Node>([target]);
    const stack = earlierThan(node).filter(earlier => earlier !== target);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next) || next.last < target.first) continue;
      seen.add(next);
      for (const earlier of earlierThan(next)) {
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
    for (const [operation, made] of this.#nodes) {
      const node = current(made);
      if (operation !== node.operations.at(-1)) continue;
      for (const next of inOrder(node, done))
        kernels.push(
          next.group === undefined
            ? { kind: 'operation', operation: next.operations[0] }
            : { kind: 'group', group: next.group },
        );
    }
    return kernels;
  }
}

/** The nodes that have to run before a node. */
const earlierThan = (node: Node): Node[] => [...node.before].map(current).filter(earlier => earlier !== node);

/** The node with all that has to run before it, those that are done left out. */
function inOrder(node: Node, done: Set<Node>): Node[] {
  const order: Node[] = [];
  const enter = (next: Node): [Node, Node[]] => {
    done.add(next);
    return [next, earlierThan(next).sort((a, b) => b.last - a.last)];
  };
  if (done.has(node)) return order;
  const stack = [enter(node)];
  while (stack.length > 0) {
    const [top, waiting] = stack[stack.length - 1];
    const next = waiting.pop();
    if (next === undefined) {
      order.push(top);
      stack.pop();
    } else if (!done.has(next)) stack.push(enter(next));
  }
  return order;
}
