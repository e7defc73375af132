import type { Shape, Windows } from '@tapegrad/tensor';
import * as primitives from './primitives/index.ts';
import type { Primitive } from './tape/primitive.ts';

/** What the count goes by: of a tensor, or of its history. */
export interface Sized {
  readonly shape: Shape;
  readonly size: number;
}

/** How many floating-point operations a call takes, from its inputs and its output. */
type Flops = (inputs: readonly Sized[], output: Sized, attrs: any) => number;

/** Of what moves elements and computes nothing. */
const nothing: Flops = () => 0;
/** A function of an element counts as one, whichever it is: a sum, a comparison, a logarithm. */
const perElement: Flops = (_, y) => y.size;
/** A step of a fold for each element that is folded. */
const perInput: Flops = ([x]) => x.size;
/** The composition's: the largest, a difference, exp (of which log then needs one a row), a sum, a quotient. */
const perElementOfSoftmax: Flops = ([x]) => 5 * x.size;

/** A product and a sum for each weight that each of `windows` elements is of. */
const perWeight = (windows: Sized, weight: Sized): number =>
  weight.size === 0 ? 0 : 2 * windows.size * (weight.size / weight.shape[0]);
/** A step for each element that each of so many windows sees. */
const perSeen = (windows: Sized, { windows: { kernel } }: { windows: Windows }): number =>
  windows.size * kernel[0] * kernel[1];
/** Rows of matrices to the third power, for all matrices. */
const perCube = ({ shape, size }: Sized): number => size * (shape.at(-1) ?? 0);

/** One entry for every primitive: one that is forgotten does not compile. */
const table: Readonly<Record<keyof typeof primitives, Flops>> = {
  neg: perElement,
  abs: perElement,
  sign: perElement,
  square: perElement,
  sqrt: perElement,
  rsqrt: perElement,
  reciprocal: perElement,
  exp: perElement,
  expm1: perElement,
  log: perElement,
  log1p: perElement,
  log2: perElement,
  log10: perElement,
  sin: perElement,
  cos: perElement,
  tan: perElement,
  asin: perElement,
  acos: perElement,
  atan: perElement,
  sinh: perElement,
  cosh: perElement,
  tanh: perElement,
  asinh: perElement,
  acosh: perElement,
  atanh: perElement,
  erf: perElement,
  sigmoid: perElement,
  softplus: perElement,
  relu: perElement,
  hardsigmoid: perElement,
  hardswish: perElement,
  leakyRelu: perElement,
  elu: perElement,
  clamp: perElement,
  floor: perElement,
  ceil: perElement,
  round: perElement,
  trunc: perElement,
  add: perElement,
  sub: perElement,
  mul: perElement,
  div: perElement,
  pow: perElement,
  maximum: perElement,
  minimum: perElement,
  atan2: perElement,
  remainder: perElement,
  eq: perElement,
  ne: perElement,
  lt: perElement,
  le: perElement,
  gt: perElement,
  ge: perElement,
  logicalAnd: perElement,
  logicalOr: perElement,
  logicalXor: perElement,
  where: perElement,
  cast: nothing,
  copy: nothing,
  matmul: ([a], y) => 2 * (a.shape.at(-1) ?? Number.NaN) * y.size,
  reshape: nothing,
  permute: nothing,
  expand: nothing,
  slice: nothing,
  select: nothing,
  flip: nothing,
  cat: nothing,
  pad: nothing,
  sliceAdd: ([, source]) => source.size,
  indexSelect: nothing,
  gather: nothing,
  scatter: nothing,
  indexAdd: ([, , source]) => source.size,
  scatterAdd: ([, ids]) => ids.size,
  sum: perInput,
  sumSquares: ([x]) => 2 * x.size,
  prod: perInput,
  amax: perInput,
  amin: perInput,
  any: perInput,
  all: perInput,
  argmax: perInput,
  argmin: perInput,
  cumsum: perInput,
  cumprod: perInput,
  argsort: ([x], _, { dim }) => x.size * Math.ceil(Math.log2(Math.max(1, x.shape[dim]))),
  topk: perInput,
  conv: ([, weight], y) => perWeight(y, weight),
  convTranspose: ([y, weight]) => perWeight(y, weight),
  convWeight: ([, y], weight) => perWeight(y, weight),
  maxPositions: (_, y, attrs) => perSeen(y, attrs),
  sumWindows: (_, y, attrs) => perSeen(y, attrs),
  spreadWindows: ([y], _, attrs) => perSeen(y, attrs),
  // The elimination, then two triangles for each column.
  solve: ([a, b], y) => (2 / 3) * perCube(a) + 2 * (a.shape.at(-1) ?? 0) * Math.max(b.size, y.size),
  det: ([a]) => (2 / 3) * perCube(a),
  cholesky: ([a]) => perCube(a) / 3,
  softmax: perElementOfSoftmax,
  logSoftmax: perElementOfSoftmax,
};

const records: Readonly<Record<keyof typeof table, object>> = { ...primitives };

const byRecord = new Map((Object.keys(table) as (keyof typeof table)[]).map(name => [records[name], table[name]]));

/**
 * The floating-point operations of one call: 2 M N K for a product of matrices, one per element for functions of
 * elements, one per element that is folded, and 0 for what moves elements and for operations that somebody else defined.
 */
export const flopsOf: (op: Primitive<any>, ...call: Parameters<Flops>) => number = (op, inputs, output, attrs) =>
  byRecord.get(op)?.(inputs, output, attrs) ?? 0;
