import { DTypeError, emptyArray, GradError, isFloat, showShape } from '@tapegrad/tensor';
import { gradients } from './tape/backward.ts';
import { enableGrad, noGrad } from './tape/mode.ts';
import type { Tensor } from './tensor.ts';

/** How finely `gradcheck` looks. */
export interface GradcheckOptions {
  /** The step of the central difference. Default 1e-6. */
  readonly eps?: number;
  /** Absolute tolerance. Default 1e-5. */
  readonly atol?: number;
  /** Tolerance relative to the numeric value. Default 1e-3. */
  readonly rtol?: number;
}

type Checked = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/**
 * Holds the gradients of `fn` against central differences, (f(x + eps) - f(x - eps)) / 2 eps, for every element of
 * every float input and every element of every output, all in float64 whatever the dtypes given. Integer and bool
 * inputs are passed on as they are.
 *
 * @returns true
 * @throws GradError naming the input, the element, the analytic and the numeric value where they differ by more than
 * atol + rtol |numeric|.
 * @example
 * ```ts
 * gradcheck((x, y) => x.matmul(y).tanh(), [randn([2, 3]), randn([3, 4])]); // true
 * ```
 */
export function gradcheck(fn: Checked, inputs: Tensor | readonly Tensor[], options: GradcheckOptions = {}): true {
  return check('gradcheck', fn, Array.isArray(inputs) ? inputs : [inputs as Tensor], options);
}

function check(
  name: string,
  fn: Checked,
  inputs: readonly Tensor[],
  options: GradcheckOptions,
  called = (input: number): string => `input ${input}`,
): true {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  const leaves = inputs.map(leafInFloat64);
  const active = leaves.filter(x => x.requiresGrad);
  if (active.length === 0) throw new DTypeError(`${name}: expected at least one float input`);
  const outputs = enableGrad(() => listOf(fn(...leaves)));
  outputs.forEach((y, k) => {
    if (y.dtype !== 'float64')
      throw new DTypeError(`${name}: expected output ${k} to be float64, as the inputs are, got ${y.dtype}`);
  });
  for (const x of active) {
    const analytic = outputs.map(y => analyticJacobian(y, x));
    for (let i = 0; i < x.size; i++) {
      const numeric = centralDifference(fn, leaves, x, i, eps);
      outputs.forEach((y, k) => {
        for (let j = 0; j < y.size; j++) {
          const [a, n] = [analytic[k][j][i], numeric[k][j]];
          // Not <=, so that a NaN on either side counts as a difference.
          if (!(Math.abs(a - n) <= atol + rtol * Math.abs(n)))
            throw new GradError(
              `${name}: ${called(leaves.indexOf(x))} of shape ${showShape(x.shape)}, element ${place(i, x)}, output ${k}, element ${place(j, y)}: analytic ${a}, numeric ${n}`,
            );
        }
      });
    }
  }
  return true;
}

const listOf = (outputs: Tensor | readonly Tensor[]): readonly Tensor[] =>
  Array.isArray(outputs) ? outputs : [outputs as Tensor];

function leafInFloat64(x: Tensor): Tensor {
  if (!isFloat(x.dtype)) return x;
  const leaf = x.detach().to('float64').clone();
  leaf.requiresGrad = true;
  return leaf;
}

/** Position i of a tensor's elements as an index per dim. */
function place(i: number, { shape }: Tensor): string {
  const index: number[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(i % shape[d]);
    i = Math.floor(i / shape[d]);
  }
  return showShape(index);
}

/**
 * For every element of y the derivatives by all elements of x; zeros where y has no history or does not depend on x.
 */
function analyticJacobian(y: Tensor, x: Tensor): ArrayLike<number>[] {
  return Array.from({ length: y.size }, (_, j) => {
    const seed = emptyArray(y.shape, y.dtype);
    seed.buffer[j] = 1;
    const g = y.requiresGrad ? gradients([y], [x], { gradOutputs: y.fresh(seed), allowUnused: true })[0] : null;
    return g?.data ?? new Float64Array(x.size);
  });
}

/** The change of every output element per unit of element i of x. The element is put back, bit by bit as it was. */
function centralDifference(fn: Checked, leaves: readonly Tensor[], x: Tensor, i: number, eps: number): number[][] {
  const { data } = x;
  const value = data[i];
  const at = (moved: number): Float64Array[] => {
    data[i] = moved;
    return noGrad(() => listOf(fn(...leaves)).map(y => Float64Array.from(y.data)));
  };
  try {
    const above = at(value + eps);
    const below = at(value - eps);
    return above.map((y, k) => Array.from(y, (a, j) => (a - below[k][j]) / (2 * eps)));
  } finally {
    data[i] = value;
  }
}

/**
 * `gradcheck` for second derivatives: checks the gradients of the function that maps the inputs, and gradients of the
 * outputs to start from, to the gradients of the inputs. That function's outputs are what an error's output numbers
 * count.
 *
 * @returns true
 * @throws GradError as `gradcheck` does.
 */
export function gradgradcheck(fn: Checked, inputs: Tensor | readonly Tensor[], options: GradcheckOptions = {}): true {
  const given = Array.isArray(inputs) ? inputs : [inputs as Tensor];
  const outputs = noGrad(() => listOf(fn(...given.map(x => x.detach()))));
  const seeds = outputs.map((y, k) => wavy(y, k));
  const first: Checked = (...all) => {
    const xs = all.slice(0, given.length);
    const ys = enableGrad(() => listOf(fn(...xs)));
    const live = ys.map((y, k) => [y, all[given.length + k]] as const).filter(([y]) => y.requiresGrad);
    const active = xs.filter(x => x.requiresGrad);
    const found = enableGrad(() =>
      gradients(
        live.map(([y]) => y),
        active,
        { gradOutputs: live.map(([, seed]) => seed), createGraph: true, allowUnused: true },
      ),
    );
    return found.map((g, i) => g ?? active[i].filled(active[i].shape, 0));
  };
  const called = (i: number): string =>
    i < given.length ? `input ${i}` : `the gradient of output ${i - given.length}`;
  return check('gradgradcheck', first, [...given, ...seeds], options, called);
}

/** Gradients to start from that are all different and none of them special. */
function wavy(y: Tensor, k: number): Tensor {
  const seed = emptyArray(y.shape, 'float64');
  for (let j = 0; j < y.size; j++) seed.buffer[j] = 0.5 + Math.sin(1 + j + 7 * k);
  return y.fresh(seed);
}
