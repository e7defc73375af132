import {
  DTypeError,
  emptyArray,
  GradError,
  isFloat,
  type Shape,
  ShapeError,
  sameShape,
  showShape,
} from '@tapegrad/tensor';
import { ones } from './create.ts';
import { checkList, checkTensor } from './functional/operands.ts';
import { type GradOptions, gradients } from './tape/backward.ts';
import { enableGrad } from './tape/mode.ts';
import type { Tensor } from './tensor.ts';

/** The gradient of each of several inputs, in their shapes. */
export type GradientsOf<Inputs extends readonly Tensor[]> = { [K in keyof Inputs]: Tensor<Inputs[K]['shape']> };

type OrNull<G, Unused> = Unused extends true ? G | null : G;

/**
 * The gradients of `outputs` (their sum, when there are several) with respect to `inputs`: one tensor for one input, an
 * array for an array. Nothing is added to any `grad`. Inputs may be the results of operations.
 *
 * @throws GradError when an output or input has no history, or an input does not matter and `allowUnused` is not set.
 * @example
 * ```ts
 * const x = tensor(2, { requiresGrad: true });
 * const slope = grad(x.pow(3), x, { createGraph: true }); // 3 x² = 12
 * const bend = grad(slope, x); // 6 x = 12
 * ```
 */
export function grad<X extends Tensor, const Unused extends boolean = false>(
  outputs: Tensor | readonly Tensor[],
  inputs: X,
  options?: GradOptions & { readonly allowUnused?: Unused },
): OrNull<Tensor<X['shape']>, Unused>;
export function grad<const Inputs extends readonly Tensor[], const Unused extends boolean = false>(
  outputs: Tensor | readonly Tensor[],
  inputs: Inputs,
  options?: GradOptions & { readonly allowUnused?: Unused },
): { -readonly [K in keyof Inputs]: OrNull<Tensor<Inputs[K]['shape']>, Unused> };
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): Tensor | null | (Tensor | null)[] {
  const roots = Array.isArray(outputs) ? outputs : [outputs];
  if (Array.isArray(inputs)) return gradients(roots, inputs, options);
  return gradients(roots, [inputs as Tensor], options)[0];
}

/** A leaf of the same values, which gradients flow to. */
function leafOf(op: string, x: Tensor, i: number): Tensor {
  checkTensor(op, `input ${i}`, x);
  if (!isFloat(x.dtype)) throw new DTypeError(`${op}: expected float inputs, got dtype ${x.dtype} for input ${i}`);
  const leaf = x.detach();
  leaf.requiresGrad = true;
  return leaf;
}

function leavesOf(op: string, inputs: readonly Tensor[]): Tensor[] {
  checkList(op, 'the inputs', inputs, 'an array of tensors');
  return inputs.map((x, i) => leafOf(op, x, i));
}

function checkScalar(op: string, y: Tensor): void {
  if (y.size !== 1)
    throw new GradError(`${op}: expected the function to return one element, got shape ${showShape(y.shape)}`);
}

/**
 * A function that gives the value of `fn`, a scalar, and its gradient with respect to every argument. The arguments
 * themselves are untouched; an argument that does not matter has gradient zero.
 *
 * @throws GradError where `fn` does not return one element; DTypeError for arguments that are not float.
 * @example
 * ```ts
 * const [value, [dx, dw]] = valueAndGrad((x: Tensor, w: Tensor) => x.mul(w).sum())(x, w);
 * ```
 */
export function valueAndGrad<Inputs extends Tensor[], S extends Shape>(
  fn: (...inputs: Inputs) => Tensor<S>,
): (...inputs: Inputs) => [value: Tensor<S>, gradients: GradientsOf<Inputs>] {
  return (...inputs) => {
    const leaves = inputs.map((x, i) => leafOf('valueAndGrad', x, i));
    const value: Tensor = enableGrad(() => fn(...(leaves as Inputs)));
    checkScalar('valueAndGrad', value);
    return [value.detach(), pullBack(value, leaves) as GradientsOf<Inputs>];
  };
}

/** Gradients of y with respect to leaves, zeros where y does not depend on them. */
function pullBack(y: Tensor, leaves: readonly Tensor[], seed?: Tensor, createGraph = false): Tensor[] {
  const zero = (x: Tensor): Tensor => x.filled(x.shape, 0);
  if (!y.requiresGrad) return leaves.map(zero);
  const found = gradients([y], leaves, { gradOutputs: seed, allowUnused: true, createGraph });
  return found.map((g, i) => g ?? zero(leaves[i]));
}

/**
 * The value of `fn` at `inputs`, and the function that pulls a gradient of the value back to the inputs (the
 * vector-Jacobian product).
 *
 * @throws DTypeError for inputs that are not float.
 * @example
 * ```ts
 * const [y, pull] = vjp((x: Tensor) => x.exp(), [x]);
 * const [dx] = pull(onesLike(y));
 * ```
 */
export function vjp<Inputs extends Tensor[], S extends Shape>(
  fn: (...inputs: Inputs) => Tensor<S>,
  inputs: readonly [...Inputs],
): [value: Tensor<S>, pull: (gradient?: Tensor) => GradientsOf<Inputs>] {
  const leaves = leavesOf('vjp', inputs);
  const value: Tensor = enableGrad(() => fn(...(leaves as Inputs)));
  return [value.detach(), gradient => pullBack(value, leaves, gradient) as GradientsOf<Inputs>];
}

/**
 * The value of `fn` at `inputs`, and its derivative along `tangents` (the Jacobian-vector product), computed as the
 * gradient, with respect to u, of the inner product of the tangents with the pullback of u.
 */
export function jvp<Inputs extends Tensor[], S extends Shape>(
  fn: (...inputs: Inputs) => Tensor<S>,
  inputs: readonly [...Inputs],
  tangents: readonly Tensor[],
): [value: Tensor<S>, tangent: Tensor<S>] {
  const leaves = leavesOf('jvp', inputs);
  checkList('jvp', 'the tangents', tangents, 'an array of tensors');
  if (tangents.length !== inputs.length)
    throw new GradError(`jvp: expected one tangent for each of ${inputs.length} inputs, got ${tangents.length}`);
  inputs.forEach((x, i) => {
    checkTensor('jvp', `tangent ${i}`, tangents[i]);
    if (!sameShape(tangents[i].shape, x.shape))
      throw new ShapeError(
        `jvp: expected tangent ${i} to have its input's shape ${showShape(x.shape)}, got ${showShape(tangents[i].shape)}`,
      );
  });
  return enableGrad(() => {
    const value: Tensor = fn(...(leaves as Inputs));
    const seed = ones(value.shape, { dtype: value.dtype, requiresGrad: true });
    const all = pullBack(value, leaves, seed, true);
    const outputs = all.filter(g => g.requiresGrad);
    const seeds = tangents.filter((_, i) => all[i].requiresGrad);
    if (outputs.length === 0) return [value.detach(), value.filled(value.shape, 0)];
    const [tangent] = gradients(outputs, [seed], { gradOutputs: seeds, allowUnused: true });
    return [value.detach(), tangent ?? value.filled(value.shape, 0)];
  });
}

/**
 * All derivatives of `fn` at x: the shape of the value followed by the shape of x.
 *
 * @throws DTypeError for inputs that are not float.
 */
export function jacobian(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const leaf = leafOf('jacobian', x, 0);
  const value = enableGrad(() => fn(leaf));
  return rowsOfJacobian(value, leaf);
}

function rowsOfJacobian(value: Tensor, leaf: Tensor): Tensor {
  const rows: Tensor[] = [];
  for (let i = 0; i < value.size; i++) {
    rows.push(pullBack(value, [leaf], oneAt(value, i))[0].reshape([-1]));
  }
  const flat =
    rows.length === 0
      ? leaf.filled([0, leaf.size], 0)
      : rows[0].unsqueeze(0).join(
          rows.slice(1).map(r => r.unsqueeze(0)),
          0,
        );
  return flat.reshape([...value.shape, ...leaf.shape]);
}

/** Zeros in the shape and dtype of y, with a one at element i. */
function oneAt(y: Tensor, i: number): Tensor {
  const array = emptyArray(y.shape, y.dtype);
  array.buffer[i] = 1;
  return y.fresh(array);
}

/** All second derivatives of a scalar `fn` at x: the shape of x twice. */
export function hessian(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const leaf = leafOf('hessian', x, 0);
  return enableGrad(() => {
    const value = fn(leaf);
    checkScalar('hessian', value);
    return rowsOfJacobian(pullBack(value, [leaf], undefined, true)[0], leaf);
  });
}
