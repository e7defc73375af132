import { isGradEnabled, noGrad, observe, Tensor } from '@tapegrad/autograd';
import { ArgumentError, copyOf, type NdArray, type Shape } from '@tapegrad/tensor';
import { type Graph, type Value, type View, wholeOf } from '../graph/graph.ts';
import { type Fact, type GradientSlot, Recorder } from './recorder.ts';
import { flatten, type Tree, unflatten } from './tree.ts';

/** What one tensor that the function returned is. */
export type Output =
  /** The argument itself. */
  | { readonly kind: 'argument'; readonly index: number }
  /** A tensor of the function's surroundings, or a view of one. */
  | { readonly kind: 'closed over'; readonly tensor: Tensor }
  /** The same tensor as an output before it. */
  | { readonly kind: 'again'; readonly index: number }
  /** The graph's result of this number. */
  | { readonly kind: 'made'; readonly result: number };

/** What a leaf's `grad` is after the call. */
export interface LeafGradient {
  readonly slot: GradientSlot;
  /** The graph's result of this number; null where the function sets it to null, undefined where it only reads it. */
  readonly after: number | null | undefined;
}

/** An argument: its value while recording, its shape, and whether gradients flow to it. */
export interface Input {
  readonly value: Value;
  readonly shape: Shape;
  readonly requiresGrad: boolean;
}

/** A tensor of the function's surroundings, as it was while recording. */
export interface ClosedOver {
  readonly tensor: Tensor;
  readonly array: NdArray;
  readonly requiresGrad: boolean;
  /** What is called with its gradient. */
  readonly hooks: unknown;
}

/** What was seen of a function while it ran. */
export interface Recording {
  readonly graph: Graph;
  /** How the arguments are nested. */
  readonly argumentTree: Tree;
  readonly inputs: readonly Input[];
  readonly draws: readonly Value[];
  readonly facts: readonly Fact[];
  readonly closedOver: readonly ClosedOver[];
  readonly gradients: readonly LeafGradient[];
  /** Arguments that the function overwrites, with what they hold at the end. */
  readonly overwritten: readonly { readonly argument: number; readonly result: number }[];
  readonly tree: Tree;
  readonly outputs: readonly Output[];
  readonly gradMode: boolean;
}

/** Runs the function on copies of its arguments and writes down what it does; gives what it returned, too. */
export function record(
  fn: (...args: unknown[]) => unknown,
  tree: Tree,
  args: readonly Tensor[],
): { readonly recording: Recording; readonly result: unknown } {
  const gradMode = isGradEnabled();
  const copies = args.map(x => standIn(x));
  const recorder = new Recorder(copies);
  const returned = observe(recorder, () => synchronous(fn(...(unflatten(tree, copies) as unknown[]))));
  const { tree: shapeOfResult, tensors } = flatten(returned);
  const recording = finish(recorder, tree, copies, shapeOfResult, tensors, gradMode);
  handBack(recording, args, copies);
  const results = recording.outputs.map((output, i) => {
    if (output.kind === 'argument') return args[output.index];
    return output.kind === 'closed over' ? output.tensor : tensors[i].detach();
  });
  for (const [i, output] of recording.outputs.entries())
    if (output.kind === 'again') results[i] = results[output.index];
  return { recording, result: unflatten(shapeOfResult, results) };
}

/** What a function returned, unless it goes on after that, when nobody records any more. */
function synchronous(returned: unknown): unknown {
  if (!(returned instanceof Promise)) return returned;
  returned.catch(() => {}); // The error below is the one to report.
  throw new ArgumentError('compile: expected a synchronous function, got one that returned a promise');
}

/** The hooks on a tensor; adding or removing one makes another list. */
export const hooksOf = ({ node }: Tensor): unknown => node?.hooks ?? null;

/** A tensor of its own with the elements of an argument, so that what is done to it is not mixed up with anything else. */
function standIn(x: Tensor): Tensor {
  const copy = new Tensor(copyOf(x.value));
  if (x.requiresGrad) copy.requiresGrad = true;
  return copy;
}

function finish(
  recorder: Recorder,
  argumentTree: Tree,
  copies: readonly Tensor[],
  tree: Tree,
  tensors: readonly Tensor[],
  gradMode: boolean,
): Recording {
  const results: View[] = [];
  const result = (view: View): number => results.push(view) - 1;
  const outputs = tensors.map((tensor, i): Output => {
    const before = tensors.indexOf(tensor);
    if (before < i) return { kind: 'again', index: before };
    const index = copies.indexOf(tensor);
    if (index >= 0) return { kind: 'argument', index };
    const view = recorder.view(tensor);
    if (view.value.home.origin.from !== 'resident') return { kind: 'made', result: result(view) };
    return { kind: 'closed over', tensor: recorder.closedOver.has(tensor) ? tensor : tensor.detach() };
  });
  const gradients = recorder.slots.map((slot): LeafGradient => {
    const gradient = slot.leaf.grad;
    return { slot, after: !slot.written ? undefined : gradient === null ? null : result(recorder.view(gradient)) };
  });
  const overwritten = copies.flatMap((copy, argument) => {
    const view = recorder.view(copy);
    return view.value.replaces ? [{ argument, result: result(view) }] : [];
  });
  for (const value of recorder.overwritten) result(wholeOf(value, [value.size]));
  return {
    graph: { operations: recorder.operations, results },
    argumentTree,
    inputs: copies.map(({ shape, requiresGrad }, i) => ({ value: recorder.inputs[i], shape, requiresGrad })),
    draws: recorder.draws,
    facts: recorder.facts,
    closedOver: Array.from(recorder.closedOver, ([tensor, array]) => ({
      tensor,
      array,
      requiresGrad: tensor.requiresGrad,
      hooks: hooksOf(tensor),
    })),
    gradients,
    overwritten,
    tree,
    outputs,
    gradMode,
  };
}

/** Does to the arguments what the function did to the copies that stood in for them. */
function handBack({ overwritten, gradients }: Recording, args: readonly Tensor[], copies: readonly Tensor[]): void {
  noGrad(() => {
    for (const { argument } of overwritten) args[argument].assign(copies[argument].detach());
  });
  for (const { slot, after } of gradients)
    if (slot.argument >= 0 && after !== undefined) args[slot.argument].grad = slot.leaf.grad;
}
