import type { Tensor } from '../tensor.ts';
import type { Node } from './node.ts';
import type { Primitive } from './primitive.ts';

/** Whoever listens to the operations that pass `apply`: the anomaly detector, a profiler, the recorder of a compiler. */
export interface Observer {
  /** Called after each operation; `node` is the output's history, if it has one. */
  applied(op: Primitive<any>, inputs: readonly Tensor[], attrs: unknown, output: Tensor, node: Node<any> | null): void;
  /** Called when the walk backward has computed a gradient for an input of `node`. */
  differentiated?(node: Node<any>, gradient: Tensor): void;
}

let active: Observer | null = null;

export const activeObserver = (): Observer | null => active;

/** Runs `fn` with `observer` listening, and gives the place back to who had it, also after an error. */
export function observe<T>(observer: Observer, fn: () => T): T {
  const before = active;
  active = observer;
  try {
    return fn();
  } finally {
    active = before;
  }
}
