import { ArgumentError, GradError, type NdArray, sameShape, showShape } from '@tapegrad/tensor';
import { apply } from './tape/apply.ts';
import { noGrad } from './tape/mode.ts';
import type { Node } from './tape/node.ts';
import { observe } from './tape/observer.ts';
import { type Custom, none } from './tape/primitive.ts';
import { Tensor } from './tensor.ts';

/** An operation of your own. */
export interface OpDefinition<Inputs extends readonly Tensor[], Output extends Tensor> {
  /** How errors, profiles and drawings call it. */
  readonly name: string;
  /** Computes the output from the inputs. What it does is not recorded: it may read `data` and write new arrays. */
  readonly forward: (...inputs: Inputs) => Output;
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
export function defineOp<Inputs extends readonly Tensor[], Output extends Tensor>(
  definition: OpDefinition<Inputs, Output>,
): (...inputs: Inputs) => Tensor<Output['shape']> {
  const { name, forward, backward } = definition;
  for (const [key, value] of Object.entries({ forward, backward }))
    if (typeof value !== 'function')
      throw new ArgumentError(`defineOp: expected a function ${key}, got ${typeof value}`);
  if (typeof name !== 'string' || name === '') throw new ArgumentError('defineOp: expected a name');

  const run = (arrays: readonly NdArray[]): NdArray => {
    const tensors: readonly Tensor[] = arrays.map(a => new Tensor(a));
    const output: Tensor = observe(null, () => noGrad(() => forward(...(tensors as Inputs))));
    if (!(output instanceof Tensor))
      throw new ArgumentError(`${name}: expected forward to return a tensor, got ${typeof output}`);
    return output.value;
  };

  const together = (g: Tensor, node: Node<undefined>): (Tensor | null)[] => {
    const { inputs, output } = node;
    const result = backward(g, inputs as readonly Tensor[] as Inputs, output);
    const all: readonly (Tensor | null)[] = Array.isArray(result) ? result : [result];
    if (all.length !== inputs.length)
      throw new GradError(
        `${name}: expected backward to return ${inputs.length} gradients, one for each input, got ${all.length}`,
      );
    return all.map((answer, i) => checkAnswer(name, answer, inputs[i], i));
  };

  return (...inputs) => {
    if (inputs.length === 0) throw new ArgumentError(`${name}: expected at least one tensor, got none`);
    inputs.forEach((x, i) => {
      if (!(x instanceof Tensor))
        throw new ArgumentError(`${name}: expected input ${i} to be a tensor, got ${typeof x}`);
    });
    const op: Custom<undefined> = {
      name,
      gradients: { together },
      keeps: [[...inputs.keys(), 'output']],
      run,
    };
    return apply(op, inputs, none);
  };
}

/** What `backward` gave for input i, in the dtype of that. */
function checkAnswer(name: string, answer: Tensor | null, input: Tensor, i: number): Tensor | null {
  if (answer === null) return null;
  if (!(answer instanceof Tensor))
    throw new GradError(`${name}: expected the gradient of input ${i} to be a tensor or null, got ${typeof answer}`);
  if (!sameShape(answer.shape, input.shape))
    throw new GradError(
      `${name}: expected the gradient of input ${i} to have its shape ${showShape(input.shape)}, got ${showShape(answer.shape)}`,
    );
  return answer.to(input.dtype);
}
