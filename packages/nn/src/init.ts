import { eye as eyeMatrix, noGrad, rand, randn, type Tensor, tensor as tensorOf } from '@tapegrad/autograd';
import { ArgumentError, type Generator, type Shape, ShapeError, showShape } from '@tapegrad/tensor';

// Every initialiser overwrites the tensor in place, without a history, and returns it.

/** The options of what draws numbers. */
export interface RandomInit {
  /** Where the numbers come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/** The options of the Xavier initialisers and `orthogonal`. */
export interface GainInit extends RandomInit {
  /** A factor on the standard deviation; see `calculateGain`. Default 1. */
  readonly gain?: number;
}

/** The functions that `calculateGain` knows. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

/** The options of the Kaiming initialisers. */
export interface KaimingInit extends RandomInit {
  /** The negative slope of the leaky ReLU behind the layer. Default 0. */
  readonly a?: number;
  /** Keep the variance of the outputs ('fanIn') or of the gradients ('fanOut'). Default 'fanIn'. */
  readonly mode?: 'fanIn' | 'fanOut';
  /** What follows the layer. Default 'leakyRelu'. */
  readonly nonlinearity?: Nonlinearity;
}

function overwrite<X extends Tensor>(tensor: X, values: () => Tensor | number): X {
  const target: Tensor = tensor;
  noGrad(() => target.assign(values()));
  return tensor;
}

/** Uniform in [low, high). */
export function uniform<X extends Tensor>(tensor: X, low = 0, high = 1, { generator }: RandomInit = {}): X {
  if (!(low <= high)) throw new ArgumentError(`init.uniform: expected low <= high, got low ${low}, high ${high}`);
  const { shape, dtype } = tensor;
  return overwrite(tensor, () =>
    rand(shape as Shape, { dtype, generator })
      .mul(high - low)
      .add(low),
  );
}

/** Normal, with mean and standard deviation. */
export function normal<X extends Tensor>(tensor: X, mean = 0, std = 1, { generator }: RandomInit = {}): X {
  if (!(std >= 0)) throw new ArgumentError(`init.normal: expected std to be 0 or more, got ${std}`);
  const { shape, dtype } = tensor;
  return overwrite(tensor, () =>
    randn(shape as Shape, { dtype, generator })
      .mul(std)
      .add(mean),
  );
}

/** The same number everywhere. */
export const constant = <X extends Tensor>(tensor: X, value: number): X => overwrite(tensor, () => value);

/** Zeros. */
export const zeros = <X extends Tensor>(tensor: X): X => constant(tensor, 0);

/** Ones. */
export const ones = <X extends Tensor>(tensor: X): X => constant(tensor, 1);

/** Ones on the diagonal of a matrix, zeros elsewhere. */
export function eye<X extends Tensor>(tensor: X): X {
  const { shape, dtype } = tensor;
  if (shape.length !== 2)
    throw new ShapeError(`init.eye: expected a tensor of two dims, got shape ${showShape(shape)}`);
  return overwrite(tensor, () => eyeMatrix(shape[0], shape[1], { dtype }));
}

/** How many inputs an output has, and how many outputs an input: [out, in, ...kernel]. */
function fans(op: string, shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw new ShapeError(`${op}: expected a tensor of two dims or more, [out, in, ...], got shape ${showShape(shape)}`);
  const kernel = shape.slice(2).reduce((size, n) => size * n, 1);
  return { fanIn: shape[1] * kernel, fanOut: shape[0] * kernel };
}

/**
 * The gain that keeps the variance through a nonlinearity; `slope` is the negative slope of 'leakyRelu', 0.01 by default.
 *
 * @throws ArgumentError for a nonlinearity that it does not know.
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case 'linear':
    case 'sigmoid':
      return 1;
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope ** 2));
    case 'selu':
      return 3 / 4;
    default:
      throw new ArgumentError(
        `calculateGain: expected linear, sigmoid, tanh, relu, leakyRelu or selu, got ${JSON.stringify(nonlinearity)}`,
      );
  }
}

/** The standard deviation of Glorot and Bengio 2010: gain √(2 / (fanIn + fanOut)). */
function xavierStd(op: string, shape: Shape, gain: number): number {
  const { fanIn, fanOut } = fans(op, shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** Uniform in ± gain √(6 / (fanIn + fanOut)); Glorot and Bengio 2010. */
export function xavierUniform<X extends Tensor>(tensor: X, { gain = 1, generator }: GainInit = {}): X {
  const bound = Math.sqrt(3) * xavierStd('init.xavierUniform', tensor.shape, gain);
  return uniform(tensor, -bound, bound, { generator });
}

/** Normal of standard deviation gain √(2 / (fanIn + fanOut)); Glorot and Bengio 2010. */
export function xavierNormal<X extends Tensor>(tensor: X, { gain = 1, generator }: GainInit = {}): X {
  return normal(tensor, 0, xavierStd('init.xavierNormal', tensor.shape, gain), { generator });
}

/** The standard deviation of He et al. 2015: gain / √fan. */
function kaimingStd(op: string, shape: Shape, options: KaimingInit): number {
  const { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' } = options;
  if (mode !== 'fanIn' && mode !== 'fanOut')
    throw new ArgumentError(`${op}: expected mode to be 'fanIn' or 'fanOut', got ${JSON.stringify(mode)}`);
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(op, shape)[mode]);
}

/** Uniform in ± gain √(3 / fan); He et al. 2015. */
export function kaimingUniform<X extends Tensor>(tensor: X, options: KaimingInit = {}): X {
  const bound = Math.sqrt(3) * kaimingStd('init.kaimingUniform', tensor.shape, options);
  return uniform(tensor, -bound, bound, options);
}

/** Normal of standard deviation gain / √fan; He et al. 2015. */
export function kaimingNormal<X extends Tensor>(tensor: X, options: KaimingInit = {}): X {
  return normal(tensor, 0, kaimingStd('init.kaimingNormal', tensor.shape, options), options);
}

/**
 * Orthonormal rows (columns, where there are more rows than columns) times gain, of a tensor seen as
 * [out, everything else]; Saxe et al. 2013.
 */
export function orthogonal<X extends Tensor>(tensor: X, { gain = 1, generator }: GainInit = {}): X {
  const { shape, dtype } = tensor;
  fans('init.orthogonal', shape);
  const rows: number = shape[0];
  const columns = tensor.size / Math.max(rows, 1);
  const short = Math.min(rows, columns);
  const vectors = orthonormal(short, Math.max(rows, columns), generator);
  return overwrite(tensor, () => {
    const wide: Tensor = tensorOf(vectors, { shape: [short, vectors.length / Math.max(short, 1)] });
    const matrix: Tensor = rows > columns ? wide.t() : wide;
    return matrix.reshape(shape).mul(gain).to(dtype);
  });
}

/** n random orthonormal vectors of m elements, n <= m: Gram-Schmidt, each projection taken off twice for accuracy. */
function orthonormal(n: number, m: number, generator?: Generator): Float64Array {
  const vectors = randn([n, m], { dtype: 'float64', generator }).data as Float64Array;
  for (let i = 0; i < n; i++) {
    const v = vectors.subarray(i * m, (i + 1) * m);
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++) {
        const u = vectors.subarray(j * m, (j + 1) * m);
        let dot = 0;
        for (let k = 0; k < m; k++) dot += u[k] * v[k];
        for (let k = 0; k < m; k++) v[k] -= dot * u[k];
      }
    let square = 0;
    for (let k = 0; k < m; k++) square += v[k] * v[k];
    for (let k = 0; k < m; k++) v[k] /= Math.sqrt(square);
  }
  return vectors;
}
