import type { Tensor } from '../tensor.ts';
import { synchronous } from './mode.ts';
import type { Node } from './node.ts';
import type { Primitive } from './primitive.ts';

/**
 * Whoever listens to the operations that pass `apply`: the anomaly detector, a profiler, the recorder of a compiler.
 */
export interface Observer {
  /** Called after each operation; `node` is the output's history, if it has one. */
  applied(op: Primitive<any>, inputs: readonly Tensor[], attrs: unknown, output: Tensor, node: Node<any> | null): void;
  /** Called by the walk backward in place of `compute`, which applies a gradient rule of `node`, and must call it. */
  differentiate?<G extends Tensor | readonly (Tensor | null)[]>(node: Node<any>, compute: () => G): G;
}

let active: Observer | null = null;

export const activeObserver = (): Observer | null => active;

/**
 * Runs `fn` with `observer` listening (null for nobody), and gives the place back to who had it, also after an error.
 *
 * @throws GradError when `fn` is asynchronous, since nobody listens any more when it goes on.
 */
export function observe<T>(observer: Observer | null, fn: () => T): T {
  const before = active;
  active = observer;
  try {
    return synchronous('observe', fn());
  } finally {
    active = before;
  }
}
