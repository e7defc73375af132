import type { DType } from '@tapegrad/tensor';
import { activations, type Code, f32x4, i32x4, type VectorMath, v128 } from '@tapegrad/wasm';

/** What a rule may ask: mathematics beyond single instructions, and the dtypes of the first input and of the output. */
export interface LaneContext {
  readonly math: VectorMath;
  readonly input: DType;
  readonly output: DType;
}

/**
 * An elementwise operation on four elements: the code of a vector from the code of its operands, which may be repeated.
 * float32 and int32 are lanes of their own kind, bool is lanes of ones or zeros.
 */
export type LaneRule = (operands: readonly Code[], context: LaneContext) => Code;

type Binary = (a: Code, b: Code) => Code;
type Unary = (a: Code) => Code;

/** Where the output or an operand is float32, where it is int32, and where it is bool. */
const byInput =
  (float: Binary, int: Binary, bool: Binary): LaneRule =>
  ([a, b], { input }) =>
    input === 'float32' ? float(a, b) : input === 'int32' ? int(a, b) : bool(a, b);

const arithmetic = (float: Binary, int: Binary): LaneRule => byInput(float, int, int);

const floats =
  (rule: Unary): LaneRule =>
  ([a]) =>
    rule(a);

/** What leaves whole numbers as they are. */
const rounding =
  (rule: Unary): LaneRule =>
  ([a], { input }) =>
    input === 'float32' ? rule(a) : a;

const mathematics =
  (rule: (math: VectorMath) => Unary): LaneRule =>
  ([a], { math }) =>
    rule(math)(a);

const one = f32x4.const(1);
const zero = f32x4.const(0);
const not: Unary = v128.not;

/** The numbers of one dtype as another, as typed arrays convert them. */
export function convert(a: Code, from: DType, to: DType): Code {
  if (from === to || (from === 'float64' && to === 'float32')) return a;
  if (from === 'bool') return v128.and(a, to === 'int32' ? i32x4.const(1) : one);
  if (to === 'bool') return from === 'int32' ? i32x4.ne(a, i32x4.const(0)) : f32x4.ne(a, zero);
  return to === 'int32' ? truncated(a) : f32x4.convertI32x4(a);
}

/** float32 as int32: toward zero, and beyond 2^31 modulo 2^32, as JavaScript has it; NaN and Infinity are 0. */
function truncated(a: Code): Code {
  const turn = f32x4.const(2 ** 32);
  const rest = f32x4.sub(a, f32x4.mul(f32x4.floor(f32x4.div(a, turn)), turn));
  const fits = f32x4.lt(f32x4.abs(a), f32x4.const(2 ** 31));
  return v128.bitselect(i32x4.truncSatF32x4(a), i32x4.truncSatF32x4U(rest), fits);
}

const conversion: LaneRule = ([a], { input, output }) => convert(a, input, output);

/** The rules, by the names under which the primitives are exported. */
export const laneRules = {
  neg: ([a], { input }) => (input === 'float32' ? f32x4.neg(a) : i32x4.neg(a)),
  abs: ([a], { input }) => (input === 'float32' ? f32x4.abs(a) : i32x4.abs(a)),
  sign: ([a], { input }) =>
    input === 'float32'
      ? f32x4.sub(v128.and(f32x4.gt(a, zero), one), v128.and(f32x4.lt(a, zero), one))
      : i32x4.sub(i32x4.lt(a, i32x4.const(0)), i32x4.gt(a, i32x4.const(0))),
  square: ([a], { input }) => (input === 'float32' ? f32x4.mul(a, a) : i32x4.mul(a, a)),
  sqrt: floats(f32x4.sqrt),
  rsqrt: floats(a => f32x4.div(one, f32x4.sqrt(a))),
  reciprocal: floats(a => f32x4.div(one, a)),
  exp: mathematics(math => a => math.exp(a)),
  expm1: mathematics(math => a => math.expm1(a)),
  log: mathematics(math => a => math.log(a)),
  log1p: mathematics(math => a => math.log1p(a)),
  log2: mathematics(math => a => math.log2(a)),
  log10: mathematics(math => a => math.log10(a)),
  sin: mathematics(math => a => math.sin(a)),
  cos: mathematics(math => a => math.cos(a)),
  tan: mathematics(math => a => math.tan(a)),
  tanh: mathematics(math => a => math.tanh(a)),
  sigmoid: mathematics(math => a => math.sigmoid(a)),
  softplus: mathematics(math => a => math.softplus(a)),
  erf: mathematics(math => a => math.erf(a)),
  relu: ([a], { input }) => (input === 'float32' ? f32x4.max(a, zero) : i32x4.max(a, i32x4.const(0))),
  hardsigmoid: floats(activations.hardsigmoid),
  hardswish: floats(activations.hardswish),
  leakyRelu: ([a, slope]) => activations.leakyRelu(a, slope),
  elu: ([a, alpha], { math }) => activations.elu(a, alpha, math.expm1(a)),
  clamp: ([a, low, high], { input }) =>
    input === 'float32' ? f32x4.min(f32x4.max(a, low), high) : i32x4.min(i32x4.max(a, low), high),
  floor: rounding(f32x4.floor),
  ceil: rounding(f32x4.ceil),
  round: rounding(f32x4.nearest),
  trunc: rounding(f32x4.trunc),
  add: arithmetic(f32x4.add, i32x4.add),
  sub: arithmetic(f32x4.sub, i32x4.sub),
  mul: arithmetic(f32x4.mul, i32x4.mul),
  div: ([a, b]) => f32x4.div(a, b),
  maximum: byInput(f32x4.max, i32x4.max, v128.or),
  minimum: byInput(f32x4.min, i32x4.min, v128.and),
  eq: byInput(f32x4.eq, i32x4.eq, i32x4.eq),
  ne: byInput(f32x4.ne, i32x4.ne, i32x4.ne),
  lt: byInput(f32x4.lt, i32x4.lt, (a, b) => v128.andnot(b, a)),
  le: byInput(f32x4.le, i32x4.le, (a, b) => v128.or(not(a), b)),
  gt: byInput(f32x4.gt, i32x4.gt, (a, b) => v128.andnot(a, b)),
  ge: byInput(f32x4.ge, i32x4.ge, (a, b) => v128.or(a, not(b))),
  logicalAnd: ([a, b]) => v128.and(a, b),
  logicalOr: ([a, b]) => v128.or(a, b),
  logicalXor: ([a, b]) => v128.xor(a, b),
  where: ([condition, a, b]) => v128.bitselect(a, b, condition),
  cast: conversion,
  copy: conversion,
  write: conversion,
  writePart: conversion,
  addPart: arithmetic(f32x4.add, i32x4.add),
} satisfies Record<string, LaneRule>;
