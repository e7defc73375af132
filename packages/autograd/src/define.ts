import { ArgumentError, GradError, type NdArray, sameShape, showShape } from '@tapegrad/tensor';
import { apply } from './tape/apply.ts';
import { noGrad } from './tape/mode.ts';
import type { Node } from './tape/node.ts';
import { none, type Primitive } from './tape/primitive.ts';
import { Tensor } from './tensor.ts';

/** An operation of your own. */
export interface OpDefinition<Inputs extends readonly Tensor[]> {
  /** How errors, profiles and drawings call it. */
  readonly name: string;
  /** Computes the output from the inputs. What it does is not recorded: it may read `data` and write new arrays. */
  readonly forward: (...inputs: Inputs) => Tensor;
  /**
   * Computes the gradient of each input from the gradient `g` of the output: one tensor for a single input, else an
   * array, with null for inputs that have none. Made of operations on tensors, it differentiates again.
   */
  readonly backward: (g: Tensor, inputs: Inputs, output: Tensor) => Tensor | null | readonly (Tensor | null)[];
}

/**
 * An operation of your own with its own gradient, to be called like the built-in ones.
 *
 * @example
 * const cube = defineOp({
 *   name: 'cube',
 *   forward: (x: Tensor) => x.mul(x).mul(x),
 *   backward: (g, [x]) => g.mul(x).mul(x).mul(3),
 * });
 */
export function defineOp<Inputs extends readonly Tensor[]>(
  definition: OpDefinition<Inputs>,
): (...inputs: Inputs) => Tensor {
  const { name, forward, backward } = definition;
  for (const [key, value] of Object.entries({ forward, backward }))
    if (typeof value !== 'function')
      throw new ArgumentError(`defineOp: expected a function ${key}, got ${typeof value}`);
  if (typeof name !== 'string' || name === '') throw new ArgumentError('defineOp: expected a name');

  const run = (arrays: readonly NdArray[]): NdArray => {
    const output = noGrad(() => forward(...(arrays.map(a => new Tensor(a)) as readonly Tensor[] as Inputs)));
    if (!(output instanceof Tensor))
      throw new ArgumentError(`${name}: expected forward to return a tensor, got ${typeof output}`);
    return output.value;
  };

  // The walk asks for one input at a time; the answer for all of them is kept for the next question about the same g.
  const answers = new WeakMap<Node<undefined>, { g: Tensor; all: readonly (Tensor | null)[] }>();
  const gradientsAt = (g: Tensor, node: Node<undefined>): readonly (Tensor | null)[] => {
    const known = answers.get(node);
    if (known !== undefined && known.g === g) return known.all;
    const result = backward(g, node.inputs as Inputs, node.output);
    const all = Array.isArray(result) ? result : [result as Tensor | null];
    if (all.length !== node.inputs.length)
      throw new GradError(
        `${name}: expected backward to return ${node.inputs.length} gradients, one for each input, got ${all.length}`,
      );
    answers.set(node, { g, all });
    return all;
  };

  const gradient = (g: Tensor, node: Node<undefined>, i: number): Tensor => {
    const shape = node.inputs[i].shape;
    const answer = gradientsAt(g, node)[i];
    if (answer === null) return g.filled(shape, 0);
    if (!sameShape(answer.shape, shape))
      throw new GradError(
        `${name}: expected the gradient of input ${i} to have its shape ${showShape(shape)}, got ${showShape(answer.shape)}`,
      );
    return answer;
  };

  return (...inputs) => {
    if (inputs.length === 0) throw new ArgumentError(`${name}: expected at least one tensor, got none`);
    inputs.forEach((x, i) => {
      if (!(x instanceof Tensor))
        throw new ArgumentError(`${name}: expected input ${i} to be a tensor, got ${typeof x}`);
    });
    const op: Primitive<undefined> = {
      name,
      gradients: [gradient],
      keeps: [...inputs.keys(), 'output'],
      run,
    };
    return apply(op, inputs, none);
  };
}
