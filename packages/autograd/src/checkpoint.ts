import { defaultGenerator, GradError, type Shape, sameShape, showShape } from '@tapegrad/tensor';
import { cat } from './functional/movement.ts';
import { enableGrad, isGradEnabled, synchronous } from './tape/mode.ts';
import { Node, tick } from './tape/node.ts';
import { isRecorded } from './tape/observer.ts';
import { type Custom, none } from './tape/primitive.ts';
import { reachable, walk } from './tape/walk.ts';
import { Tensor } from './tensor.ts';

/** What a function whose inner values need not be remembered may return. */
export type Checkpointed = Tensor | readonly (Tensor | null)[];

/**
 * Calls `fn` and forgets what it computed on the way: when gradients come back, it is called again for that (Chen et
 * al. 2016, "Training Deep Nets with Sublinear Memory Cost"). Gradients flow to the inputs and to all else that `fn`
 * uses.
 *
 * The second call draws the same numbers from the default generator. What else `fn` does, to running means or by side
 * effect, it does twice.
 *
 * @throws GradError in backward when an input, or a leaf that `fn` uses, was overwritten since, or when the second call
 * gives other shapes than the first or uses other tensors that require gradients; at once when `fn` is asynchronous.
 * @example
 * ```ts
 * for (const block of blocks) h = checkpoint(x => block.forward(x), h); // keeps one tensor a block
 * ```
 */
export function checkpoint<const Inputs extends readonly unknown[], Result extends Checkpointed>(
  fn: (...inputs: Inputs) => Result,
  ...inputs: Inputs
): Result {
  // A recorder draws anew for every tensor that was drawn, so that a second call would not get the numbers of the first.
  if (!isGradEnabled() || isRecorded()) return fn(...inputs);
  const state = defaultGenerator().state();
  const start = tick();
  const result = synchronous('checkpoint', fn(...inputs));
  const outputs = madeSince(start, result);
  if (outputs.length === 0) return result;

  const whole = joined(outputs);
  const shapes = outputs.map(y => y.shape);
  const parents = sourcesOf(whole, start);
  const again = (): { now: number; root: Tensor } => {
    const now = tick();
    const repeated = madeSince(
      now,
      withGeneratorAt(state, () => fn(...inputs)),
    );
    checkShapes(repeated, shapes);
    const root = joined(repeated);
    checkSources(sourcesOf(root, now), parents);
    return { now, root };
  };
  const op: Custom<undefined> = {
    name: 'checkpoint',
    gradients: {
      together: (g, node) => {
        checkUnchanged(node, inputs);
        const { now, root } = enableGrad(again);
        const found = walk([root.node!], [g], { createGraph: isGradEnabled(), since: now });
        return parents.map(parent => found.get(parent)?.total ?? null);
      },
    },
    keeps: [],
    run: () => enableGrad(again).root.value,
  };
  whole.node = new Node(op, none, parents, [], whole, false);
  shareOut(whole, outputs);
  return result;
}

/** The outputs that gradients flow through and that were made since a moment, not just passed on. */
function madeSince(start: number, result: Checkpointed): Tensor[] {
  const all: readonly (Tensor | null)[] = Array.isArray(result) ? result : [result];
  return all.filter(y => y instanceof Tensor && y.node !== null && y.node.time > start) as Tensor[];
}

/** What was there before a moment, and `y` was made from. */
const sourcesOf = (y: Tensor, moment: number): Node<any>[] =>
  reachable([y.node!], moment).filter(node => node.time <= moment);

/** One output itself; several as one vector, so that one history leads to them all. */
const joined = (outputs: readonly Tensor[]): Tensor =>
  outputs.length === 1 ? outputs[0] : cat(outputs.map(y => y.reshape([-1])));

/** Makes several outputs parts of their vector, so far as histories go. */
function shareOut(vector: Tensor, outputs: readonly Tensor[]): void {
  if (outputs.length === 1) return;
  let start = 0;
  for (const y of outputs) {
    y.node = vector.narrow(0, start, y.size).reshape(y.shape).to(y.dtype).node;
    start += y.size;
  }
}

function withGeneratorAt<T>(state: string, fn: () => T): T {
  const generator = defaultGenerator();
  const now = generator.state();
  generator.loadState(state);
  try {
    return fn();
  } finally {
    generator.loadState(now);
  }
}

function checkShapes(outputs: readonly Tensor[], shapes: readonly Shape[]): void {
  const list = (all: readonly Shape[]): string => all.map(showShape).join(', ') || 'none';
  const given = outputs.map(y => y.shape);
  if (given.length !== shapes.length || given.some((shape, i) => !sameShape(shape, shapes[i])))
    throw new GradError(
      `checkpoint: expected the function to return, when called again, outputs of shapes ${list(shapes)} with a history, got ${list(given)}`,
    );
}

/** Throws when the function uses other tensors than before, as one does that closes over a variable. */
function checkSources(sources: readonly Node<any>[], parents: readonly Node<any>[]): void {
  if (sources.length !== parents.length || sources.some((source, i) => source !== parents[i]))
    throw new GradError(
      'checkpoint: expected the function to use, when called again, the tensors that it used before; a variable that changes between the calls must be an input',
    );
}

/** Throws when what the function is called with, or a leaf that it uses, is no longer what it was. */
function checkUnchanged(node: Node<any>, inputs: readonly unknown[]): void {
  const used = [...inputs, ...node.parents.map(parent => parent?.target)];
  for (const x of used)
    if (x instanceof Tensor && x.value.base.overwrittenAt > node.time)
      throw new GradError(
        `checkpoint: an input or leaf of shape ${showShape(x.shape)} was overwritten by assign after it was used, and calling the function again needs the old value`,
      );
}
