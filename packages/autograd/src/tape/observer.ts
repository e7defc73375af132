import { GradError, type TypedArray } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { synchronous } from './mode.ts';
import type { Node } from './node.ts';
import type { Primitive } from './primitive.ts';

/** Fills an array of a tensor's size and dtype with the numbers that its generator draws next. */
export type Redraw = (data: TypedArray) => void;

/**
 * Whoever listens to the operations that pass `apply`: the anomaly detector, a profiler, the recorder of a compiler. The
 * optional members tell of what else a program that repeats the operations has to know.
 */
export interface Observer {
  /**
   * True for one that only looks on, so that everything is done as when nobody listens: products of rows that may wait for
   * others do wait, where the rest want to see each of them.
   */
  readonly looksOn?: boolean;
  /** Called before each operation. One that fails is not followed by `applied`; the pairs do not nest. */
  applying?(op: Primitive<any>): void;
  /** Called after each operation; `node` is the output's history, if it has one. */
  applied(op: Primitive<any>, inputs: readonly Tensor[], attrs: unknown, output: Tensor, node: Node<any> | null): void;
  /** Called in place of `walk`, which goes back through a tape and adds up what it finds, and must call it. */
  goingBack?<T>(walk: () => T): T;
  /** Called by the walk backward in place of `compute`, which applies a gradient rule of `node`, and must call it. */
  differentiate?<G extends Tensor | readonly (Tensor | null)[]>(node: Node<any>, compute: () => G): G;
  /**
   * Called after a tensor was made from data rather than by an operation: it has an array of its own, which is filled.
   * Where the elements were drawn from a generator, `redraw` draws them anew, as making the tensor again would.
   */
  made?(tensor: Tensor, redraw: Redraw | null): void;
  /**
   * Called before elements are handed to JavaScript; `how` says by what: `data`, `item()`, `toArray()`, `toString()`. Who
   * has this member is taken for a recorder.
   */
  read?(tensor: Tensor, how: string): void;
  /** Called before the `grad` of a tensor is read, also where it is null. */
  gradRead?(leaf: Tensor): void;
  /** Called after the `grad` of a tensor was set, also to null. */
  gradSet?(leaf: Tensor): void;
  /** Told of something other than a tensor that what is running goes by, and that may have changed when it is asked again. */
  depends?(fact: () => unknown): void;
}

let active: Observer | null = null;

export const activeObserver = (): Observer | null => active;

/** Whether anybody listens. */
export const isObserved = (): boolean => active !== null;

/** Whether what is done may not depend on there being a listener. */
export const isUndisturbed = (): boolean => active === null || active.looksOn === true;

/** Goes back through a tape, in the hands of the observer where one is interested. */
export function goBack<T>(walk: () => T): T {
  return active?.goingBack === undefined ? walk() : active.goingBack(walk);
}

/** Tells who listens of a tensor that was made from data, and gives it back. */
export function tellMade<T extends Tensor>(tensor: T, redraw: Redraw | null): T {
  active?.made?.(tensor, redraw);
  return tensor;
}

/** Tells who listens of a fact outside of tensors that what is running depends on. */
export function dependOn(fact: () => unknown): void {
  active?.depends?.(fact);
}

/** Whether somebody listens who will repeat the operations on other elements, and so wants to know who reads these. */
export const isRecorded = (): boolean => active?.read !== undefined;

/** Throws, while it would be recorded to be repeated, at what does more than operations on tensors. */
export function refuseRecording(op: string, why: string): void {
  if (isRecorded()) throw new GradError(`${op}: cannot be recorded, ${why}`);
}

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

/** Runs `fn` with `observer` listening beside whoever does already, except for a recorder: see `refuseRecording`. */
export function observeToo<T>(observer: Observer, fn: () => T): T {
  return observe(active === null ? observer : both(active, observer), fn);
}

/** Two observers as one. The inner one hears last of a beginning and first of an end, so that it can take the time. */
function both(outer: Observer, inner: Observer): Observer {
  return {
    looksOn: outer.looksOn === true && inner.looksOn === true,
    applying(op) {
      outer.applying?.(op);
      inner.applying?.(op);
    },
    applied(...call) {
      inner.applied(...call);
      outer.applied(...call);
    },
    goingBack(walk) {
      const within = inner.goingBack === undefined ? walk : () => inner.goingBack!(walk);
      return outer.goingBack === undefined ? within() : outer.goingBack(within);
    },
    differentiate(node, compute) {
      const within = inner.differentiate === undefined ? compute : () => inner.differentiate!(node, compute);
      return outer.differentiate === undefined ? within() : outer.differentiate(node, within);
    },
  };
}
