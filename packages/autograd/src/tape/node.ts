import type { DType, Shape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import type { Primitive } from './primitive.ts';

/** What is called with a gradient on its way, and may return another one of its shape to go on in its place. */
export type GradientHook = (gradient: Tensor) => Tensor | void;

/** A hook that was registered, which can be removed. */
export interface RemovableHook {
  /** Lets the hook be called no more; a second call does nothing. */
  remove(): void;
}

/**
 * The history of one tensor that gradients flow to: how it was made and from what, or that it is a leaf.
 *
 * Nodes hang on the tensors alone (there is no list of them), so that a history lives as long as something can still
 * walk it. They refer to the nodes of their inputs, and to the inputs' values only where a gradient needs those.
 */
export class Node<Attrs = unknown> {
  /** When this was made, on the clock that orders the walk backward. */
  readonly time: number;
  /** The operation, or null for a leaf. */
  readonly op: Primitive<Attrs> | null;
  readonly attrs: Attrs;
  /** The history of each input; null where no gradient flows. */
  readonly parents: readonly (Node<any> | null)[];
  readonly shape: Shape;
  readonly dtype: DType;
  /** The inputs that the gradients need, each in its place. */
  readonly inputs: readonly Tensor[];
  /** The output, where a gradient needs it. */
  readonly output: Tensor;
  /** The leaf whose `grad` this node's gradient is added to, or a tensor that retains its gradient. */
  target: Tensor | null = null;
  /** Each in an object of its own, so that a hook that was registered twice can be removed once. */
  hooks: readonly { readonly hook: GradientHook }[] | null = null;
  /** The last search of the tape that has come by; a search runs to its end before any other begins. */
  foundBy = 0;
  /** Where the operation was called, kept while anomalies are looked for. */
  calledAt: string | undefined;

  constructor(
    op: Primitive<Attrs> | null,
    attrs: Attrs,
    parents: readonly (Node<any> | null)[],
    inputs: readonly Tensor[],
    output: Tensor,
    keepsOutput: boolean,
  ) {
    this.time = tick();
    this.op = op;
    this.attrs = attrs;
    this.parents = parents;
    this.inputs = inputs;
    this.shape = output.shape;
    this.dtype = output.dtype;
    this.output = keepsOutput ? output : (undefined as never);
  }

  get isLeaf(): boolean {
    return this.op === null;
  }
}

let now = 0;

/** The next moment: operations and assignments are ordered by it. */
export const tick = (): number => ++now;

const nothing: readonly never[] = [];

/** The node of a tensor that gradients end at. */
export function leafNode(leaf: Tensor): Node<undefined> {
  const node = new Node<undefined>(null, undefined, nothing, nothing, leaf, false);
  node.target = leaf;
  return node;
}
