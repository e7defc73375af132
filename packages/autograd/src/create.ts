import {
  ArgumentError,
  arrayFrom,
  checkOptionNames,
  type Data,
  type DataShape,
  type DType,
  DTypeError,
  defaultGenerator,
  emptyArray,
  flatData,
  Generator,
  isDType,
  isFloat,
  type NdArray,
  type NumericArray,
  type Sh,
  type Shape,
  ShapeError,
  type TypedArray,
} from '@tapegrad/tensor';
import { checkOptions, checkTensor } from './functional/operands.ts';
import { type Redraw, tellMade } from './tape/observer.ts';
import { Tensor } from './tensor.ts';

/** What every way of making a tensor takes. */
export interface CreateOptions {
  /** Default 'float32', for data from booleans 'bool', for ids 'int32', and for typed arrays their own kind. */
  readonly dtype?: DType;
  /** Whether gradients flow to the tensor. Default false. */
  readonly requiresGrad?: boolean;
}

/** What every way of drawing a tensor takes. */
export interface RandomOptions extends CreateOptions {
  /** Where the numbers come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

function finish(value: NdArray, { requiresGrad = false }: CreateOptions, redraw?: Redraw): Tensor {
  const made = new Tensor(value);
  if (requiresGrad) made.requiresGrad = true;
  return tellMade(made, redraw ?? null);
}

function checkSizes(op: string, shape: unknown): asserts shape is Shape {
  if (!Array.isArray(shape) || shape.some(n => !Number.isInteger(n) || n < 0))
    throw new ShapeError(`${op}: expected the shape to be an array of whole numbers, 0 or more, got ${show(shape)}`);
}

const show = (value: unknown): string =>
  typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? typeof value);

function checkNumbers(op: string, ...values: unknown[]): void {
  for (const value of values)
    if (typeof value !== 'number') throw new ArgumentError(`${op}: expected a number, got ${show(value)}`);
}

const names = ['dtype', 'requiresGrad'];
const namesOfRandom = [...names, 'generator'];
const namesOfTensor = [...names, 'shape'];

/** The options; throws unless they are an object of these names. */
function given<O extends CreateOptions>(op: string, options: O, known = names): O {
  checkOptionNames(op, checkOptions(op, options), known);
  return options;
}

function dtypeOf(op: string, { dtype }: CreateOptions, home: DType): DType {
  if (dtype !== undefined && !isDType(dtype))
    throw new DTypeError(`${op}: expected a dtype, float32, float64, int32 or bool, got ${show(dtype)}`);
  return dtype ?? home;
}

/** A tensor of `shape` whose elements `fill` writes, others each time it is called where they are `drawn`. */
function make(
  op: string,
  shape: Shape,
  options: CreateOptions,
  home: DType,
  fill?: (data: TypedArray) => void,
  drawn = false,
): Tensor {
  given(op, options, drawn ? namesOfRandom : names);
  checkSizes(op, shape);
  const array = emptyArray(shape.slice(), dtypeOf(op, options, home));
  fill?.(array.buffer);
  return finish(array, options, drawn ? fill : undefined);
}

/**
 * A tensor of its own from a number, a boolean, nested arrays, or a typed array (with its `shape`, else flat).
 * Numbers make float32, booleans bool, and a typed array keeps its kind.
 *
 * @throws ShapeError for ragged arrays, and where `shape` has another number of elements.
 * @example
 * ```ts
 * tensor([[1, 2], [3, 4]]); // Tensor<[2, 2]>
 * tensor([0, 4], { dtype: 'int32' }); // class ids
 * tensor(new Float32Array(6), { shape: [2, 3] });
 * ```
 */
export function tensor<const D extends Data | NumericArray, const T extends readonly number[] | undefined = undefined>(
  data: D,
  options: CreateOptions & { readonly shape?: T } = {},
): Tensor<Sh<T extends readonly number[] ? [...T] : D extends NumericArray ? [number] : DataShape<D>>> {
  if (typeof options === 'number')
    throw new ArgumentError('tensor: expected several numbers in one array, as in tensor([1, 2]), got them one by one');
  const { dtype, shape } = given('tensor', options, namesOfTensor);
  if (shape !== undefined) checkSizes('tensor', shape);
  if (dtype !== undefined) dtypeOf('tensor', options, dtype);
  return finish(arrayFrom(data as Data | NumericArray, dtype, shape), options);
}

/**
 * Zeros of a shape.
 *
 * @throws ShapeError for a shape that is no array of whole numbers of 0 or more.
 * @example
 * ```ts
 * zeros([2, 3]); // Tensor<[2, 3]>, float32
 * zeros([2], { dtype: 'int32', requiresGrad: false });
 * ```
 */
export function zeros<const S extends readonly number[]>(
  shape: readonly [...S],
  options: CreateOptions = {},
): Tensor<Sh<[...S]>> {
  return make('zeros', shape, options, 'float32');
}

/**
 * Ones of a shape.
 *
 * @throws ShapeError for a shape that is no array of whole numbers of 0 or more.
 */
export function ones<const S extends readonly number[]>(
  shape: readonly [...S],
  options: CreateOptions = {},
): Tensor<Sh<[...S]>> {
  return make('ones', shape, options, 'float32', data => data.fill(1));
}

/**
 * The same number everywhere, in a shape; a boolean makes bool.
 *
 * @throws ShapeError for a shape that is no array of whole numbers of 0 or more; ArgumentError for a value that is no
 * number.
 */
export function full<const S extends readonly number[]>(
  shape: readonly [...S],
  value: number | boolean,
  options: CreateOptions = {},
): Tensor<Sh<[...S]>> {
  if (typeof value !== 'boolean') checkNumbers('full', value);
  const home = typeof value === 'boolean' ? 'bool' : 'float32';
  const asTruth = (given('full', options).dtype ?? home) === 'bool';
  return make('full', shape, options, home, data => data.fill(asTruth ? Number(Number(value) !== 0) : Number(value)));
}

/** Ones on the diagonal of an [n, m] matrix, zeros elsewhere; m is n when left out. */
export function eye<N extends number, M extends number = N>(
  n: N,
  m?: M | CreateOptions,
  options: CreateOptions = {},
): Tensor<[N, M]> {
  const { columns = n, rest = options } = typeof m === 'object' ? { rest: m } : { columns: m };
  return make('eye', [n, columns], rest, 'float32', data => {
    for (let i = 0; i < n && i < columns; i++) data[i * columns + i] = 1;
  });
}

/**
 * start, start + step, … up to, not including, stop. With one number: 0, 1, … before it. float32 unless a dtype is
 * given.
 *
 * @throws ArgumentError where the steps lead away from stop.
 * @example
 * ```ts
 * arange(3); // tensor([0, 1, 2])
 * arange(1, 2, 0.25); // tensor([1.0000, 1.2500, 1.5000, 1.7500])
 * ```
 */
export function arange(
  start: number,
  stop?: number | CreateOptions,
  step?: number | CreateOptions,
  options: CreateOptions = {},
): Tensor<[number]> {
  const rest = [stop, step].find(x => typeof x === 'object') ?? options;
  const numbers = [start, stop, step].filter(x => x !== undefined && x !== rest);
  checkNumbers('arange', ...numbers);
  const [from, to] = typeof stop === 'number' ? [start, stop] : [0, start];
  const by = typeof step === 'number' ? step : 1;
  if (!Number.isFinite(from) || !Number.isFinite(to) || !Number.isFinite(by) || by === 0)
    throw new ArgumentError(`arange: expected finite numbers and a step other than 0, got ${from}, ${to}, ${by}`);
  const length = Math.ceil((to - from) / by) + 0;
  if (length < 0) throw new ArgumentError(`arange: expected steps that lead from ${from} to ${to}, got step ${by}`);
  checkNumeric('arange', rest as CreateOptions);
  return make('arange', [length], rest as CreateOptions, 'float32', data => {
    for (let i = 0; i < length; i++) data[i] = from + i * by;
  });
}

/**
 * `steps` numbers evenly from start to stop, both included, [steps].
 *
 * @throws ArgumentError for steps that are no whole number.
 */
export function linspace<N extends number>(
  start: number,
  stop: number,
  steps: N,
  options: CreateOptions = {},
): Tensor<[N]> {
  checkNumbers('linspace', start, stop);
  if (!Number.isInteger(steps) || steps < 0)
    throw new ArgumentError(`linspace: expected a whole number of steps, got ${steps}`);
  checkNumeric('linspace', options);
  return make('linspace', [steps], options, 'float32', data => {
    const width = steps > 1 ? (stop - start) / (steps - 1) : 0;
    for (let i = 0; i < steps; i++) data[i] = i < steps / 2 ? start + i * width : stop - (steps - 1 - i) * width;
  });
}

/** Throws for bool, which holds only 0 and 1, where elements count. */
function checkNumeric(op: string, { dtype }: CreateOptions): void {
  if (dtype === 'bool') throw new DTypeError(`${op}: expected a dtype of numbers, got bool`);
}

function generatorOf(op: string, options: RandomOptions): Generator {
  const { generator = defaultGenerator() } = given(op, options, namesOfRandom);
  if (!(generator instanceof Generator))
    throw new ArgumentError(`${op}: expected generator to be a Generator, got ${show(generator)}`);
  return generator;
}

function random(
  op: string,
  shape: Shape,
  options: RandomOptions,
  fill: (generator: Generator, data: Float32Array | Float64Array) => void,
): Tensor {
  const generator = generatorOf(op, options);
  const { dtype = 'float32' } = options;
  if (!isFloat(dtype)) throw new DTypeError(`${op}: expected a float dtype, got ${show(dtype)}`);
  const draw = (data: TypedArray): void => fill(generator, data as Float32Array | Float64Array);
  return make(op, shape, options, 'float32', draw, true);
}

/**
 * Uniform numbers in [0, 1), in a shape.
 *
 * @throws DTypeError for a dtype that is not float; ShapeError for a shape that is no array of whole numbers of 0 or
 * more.
 */
export function rand<const S extends readonly number[]>(
  shape: readonly [...S],
  options: RandomOptions = {},
): Tensor<Sh<[...S]>> {
  return random('rand', shape, options, (generator, data) => generator.fillUniform(data));
}

/**
 * Normal numbers of mean 0 and variance 1, in a shape.
 *
 * @throws DTypeError for a dtype that is not float; ShapeError for a shape that is no array of whole numbers of 0 or
 * more.
 * @example
 * ```ts
 * manualSeed(1);
 * randn([2, 3]);
 * randn([2, 3], { generator: new Generator(7) }); // a stream of its own
 * ```
 */
export function randn<const S extends readonly number[]>(
  shape: readonly [...S],
  options: RandomOptions = {},
): Tensor<Sh<[...S]>> {
  return random('randn', shape, options, (generator, data) => generator.fillNormal(data));
}

/**
 * Whole numbers from low up to, not including, high; int32 unless a dtype is given.
 *
 * @throws ArgumentError for bounds that are no whole numbers, or leave nothing between them.
 */
export function randint<const S extends readonly number[]>(
  low: number,
  high: number,
  shape: readonly [...S],
  options: RandomOptions = {},
): Tensor<Sh<[...S]>> {
  const generator = generatorOf('randint', options);
  if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && low < high))
    throw new ArgumentError(`randint: expected whole numbers low < high, got ${show(low)} and ${show(high)}`);
  checkNumeric('randint', options);
  return make('randint', shape, options, 'int32', data => generator.fillIntegers(data, low, high), true);
}

/** The whole numbers 0..n-1 in random order; int32 unless a dtype is given. */
export function randperm<N extends number>(n: N, options: RandomOptions = {}): Tensor<[N]> {
  const generator = generatorOf('randperm', options);
  checkNumeric('randperm', options);
  return make('randperm', [n], options, 'int32', data => data.set(generator.permutation(n)), true);
}

/**
 * 1 with the probability that p gives for each element, else 0; of the dtype of p. It is whether a uniform number of
 * float64 lies below p.
 */
export function bernoulli<X extends Tensor>(p: X, options: RandomOptions = {}): Tensor<X['shape']> {
  const generator = generatorOf('bernoulli', options);
  checkTensor('bernoulli', 'the probabilities', p);
  const chances = flatData(p.value);
  for (let i = 0; i < chances.length; i++)
    if (!(chances[i] >= 0 && chances[i] <= 1))
      throw new ArgumentError(`bernoulli: expected probabilities in [0, 1], got ${chances[i]}`);
  const dtype = dtypeOf('bernoulli', options, p.dtype);
  const uniform: Tensor = rand(p.shape as Shape, { dtype: 'float64', generator });
  const made: Tensor = uniform.lt(p as Tensor).to(dtype);
  if (options.requiresGrad === true) made.requiresGrad = true;
  return made;
}

/** The options with the dtype of x where none is given, and the shape of x. */
function like<X extends Tensor, O extends CreateOptions>(
  op: string,
  x: X,
  options: O,
  known = names,
): [shape: X['shape'], options: O] {
  checkTensor(op, 'the tensor to take after', x);
  return [x.shape, { ...given(op, options, known), dtype: options.dtype ?? x.dtype }];
}

/** Zeros of the shape and dtype of x. */
export const zerosLike = <X extends Tensor>(x: X, options: CreateOptions = {}): Tensor<X['shape']> =>
  zeros(...like('zerosLike', x, options));

/** Ones of the shape and dtype of x. */
export const onesLike = <X extends Tensor>(x: X, options: CreateOptions = {}): Tensor<X['shape']> =>
  ones(...like('onesLike', x, options));

/** A number everywhere, in the shape and dtype of x. */
export function fullLike<X extends Tensor>(
  x: X,
  value: number | boolean,
  options: CreateOptions = {},
): Tensor<X['shape']> {
  const [shape, all] = like('fullLike', x, options);
  return full(shape, value, all);
}

/** Uniform numbers in [0, 1) in the shape and dtype of x. */
export const randLike = <X extends Tensor>(x: X, options: RandomOptions = {}): Tensor<X['shape']> =>
  rand(...like('randLike', x, options, namesOfRandom));

/** Normal numbers of mean 0 and variance 1 in the shape and dtype of x. */
export const randnLike = <X extends Tensor>(x: X, options: RandomOptions = {}): Tensor<X['shape']> =>
  randn(...like('randnLike', x, options, namesOfRandom));
