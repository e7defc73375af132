import { type Code, float32Bytes, float64Bytes, int32Bytes, signed, unsigned } from './encode.ts';

// Instructions under their names in the WebAssembly specification. Each takes the code that computes its operands, so
// that code reads like expressions: `i32.add(a, i32.const(4))`.

type Unary = (a: Code) => Code;
type Binary = (a: Code, b: Code) => Code;
type Ternary = (a: Code, b: Code, c: Code) => Code;
/** Reads at the address plus a constant offset in bytes. */
type Load = (address: Code, offset?: number) => Code;
type Store = (address: Code, value: Code, offset?: number) => Code;

const unary =
  (...op: number[]): Unary =>
  a => [a, op];
const binary =
  (...op: number[]): Binary =>
  (a, b) => [a, b, op];
const load =
  (op: readonly number[], align: number): Load =>
  (address, offset = 0) => [address, op, align, unsigned(offset)];
const store =
  (op: readonly number[], align: number): Store =>
  (address, value, offset = 0) => [address, value, op, align, unsigned(offset)];

/** The opcode of a vector instruction. */
const simd = (op: number): number[] => [0xfd, ...unsigned(op)];
const vectorUnary = (op: number): Unary => unary(...simd(op));
const vectorBinary = (op: number): Binary => binary(...simd(op));
const vectorTernary = (op: number): Ternary => {
  const code = simd(op);
  return (a, b, c) => [a, b, c, code];
};

export const i32 = {
  const: (n: number): Code => [0x41, signed(n | 0)],
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  lt: binary(0x48),
  ltU: binary(0x49),
  gt: binary(0x4a),
  le: binary(0x4c),
  ge: binary(0x4e),
  geU: binary(0x4f),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  divU: binary(0x6e),
  remU: binary(0x70),
  and: binary(0x71),
  or: binary(0x72),
  shl: binary(0x74),
  shrU: binary(0x76),
  load: load([0x28], 2),
  load8U: load([0x2d], 0),
  store: store([0x36], 2),
  store8: store([0x3a], 0),
} as const;

export const f32 = {
  const: (x: number): Code => [0x43, float32Bytes(x)],
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  demote: unary(0xb6),
  load: load([0x2a], 2),
  store: store([0x38], 2),
} as const;

export const f64 = {
  const: (x: number): Code => [0x44, float64Bytes(x)],
  eq: binary(0x61),
  ne: binary(0x62),
  lt: binary(0x63),
  gt: binary(0x64),
  le: binary(0x65),
  ge: binary(0x66),
  abs: unary(0x99),
  neg: unary(0x9a),
  sqrt: unary(0x9f),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  min: binary(0xa4),
  max: binary(0xa5),
  convertI32: unary(0xb7),
  promote: unary(0xbb),
  load: load([0x2b], 3),
  store: store([0x39], 3),
} as const;

export const v128 = {
  load: load(simd(0), 2),
  load32Splat: load(simd(9), 2),
  load32Zero: load(simd(0x5c), 2),
  store: store(simd(11), 2),
  store32Lane: (address: Code, value: Code, lane: number, offset = 0): Code => [
    address,
    value,
    simd(0x5a),
    2,
    unsigned(offset),
    lane,
  ],
  store64Lane: (address: Code, value: Code, lane: number, offset = 0): Code => [
    address,
    value,
    simd(0x5b),
    3,
    unsigned(offset),
    lane,
  ],
  load32Lane: (address: Code, value: Code, lane: number, offset = 0): Code => [
    address,
    value,
    simd(0x56),
    2,
    unsigned(offset),
    lane,
  ],
  not: vectorUnary(0x4d),
  and: vectorBinary(0x4e),
  /** a and not b. */
  andnot: vectorBinary(0x4f),
  or: vectorBinary(0x50),
  xor: vectorBinary(0x51),
  /** The bits of a where the mask has ones, those of b elsewhere. */
  bitselect: vectorTernary(0x52),
  anyTrue: vectorUnary(0x53),
} as const;

export const f32x4 = {
  const: (x: number): Code => [simd(12), [0, 1, 2, 3].map(() => float32Bytes(x))],
  splat: vectorUnary(0x13),
  extractLane: (a: Code, lane: number): Code => [a, simd(0x1f), lane],
  replaceLane: (a: Code, lane: number, value: Code): Code => [a, value, simd(0x20), lane],
  eq: vectorBinary(0x41),
  ne: vectorBinary(0x42),
  lt: vectorBinary(0x43),
  gt: vectorBinary(0x44),
  le: vectorBinary(0x45),
  ge: vectorBinary(0x46),
  ceil: vectorUnary(0x67),
  floor: vectorUnary(0x68),
  trunc: vectorUnary(0x69),
  nearest: vectorUnary(0x6a),
  abs: vectorUnary(0xe0),
  neg: vectorUnary(0xe1),
  sqrt: vectorUnary(0xe3),
  add: vectorBinary(0xe4),
  sub: vectorBinary(0xe5),
  mul: vectorBinary(0xe6),
  div: vectorBinary(0xe7),
  /** NaN where one is NaN, and -0 below 0, as Math.min has it. */
  min: vectorBinary(0xe8),
  max: vectorBinary(0xe9),
  /** b where b < a, else a: faster, and blind to NaN in b. */
  pmin: vectorBinary(0xea),
  pmax: vectorBinary(0xeb),
  convertI32x4: vectorUnary(0xfa),
  /** The two lanes of float64 as the first two lanes. */
  demoteF64x2Zero: vectorUnary(0x5e),
  /** a b + c, rounded once or twice as the machine likes (relaxed SIMD). */
  relaxedMadd: vectorTernary(0x105),
} as const;

export const f64x2 = {
  const: (x: number): Code => [simd(12), [0, 1].map(() => float64Bytes(x))],
  splat: vectorUnary(0x14),
  extractLane: (a: Code, lane: number): Code => [a, simd(0x21), lane],
  /** The first two lanes of four float32. */
  promoteLowF32x4: vectorUnary(0x5f),
  nearest: vectorUnary(0x94),
  add: vectorBinary(0xf0),
  sub: vectorBinary(0xf1),
  mul: vectorBinary(0xf2),
} as const;

export const i32x4 = {
  const: (n: number): Code => [simd(12), [0, 1, 2, 3].map(() => int32Bytes(n))],
  splat: vectorUnary(0x11),
  extractLane: (a: Code, lane: number): Code => [a, simd(0x1b), lane],
  replaceLane: (a: Code, lane: number, value: Code): Code => [a, value, simd(0x1c), lane],
  eq: vectorBinary(0x37),
  ne: vectorBinary(0x38),
  lt: vectorBinary(0x39),
  gt: vectorBinary(0x3b),
  le: vectorBinary(0x3d),
  ge: vectorBinary(0x3f),
  abs: vectorUnary(0xa0),
  neg: vectorUnary(0xa1),
  extendLowI16x8U: vectorUnary(0xa9),
  shl: vectorBinary(0xab),
  shrS: vectorBinary(0xac),
  shrU: vectorBinary(0xad),
  add: vectorBinary(0xae),
  sub: vectorBinary(0xb1),
  mul: vectorBinary(0xb5),
  min: vectorBinary(0xb6),
  max: vectorBinary(0xb8),
  /** Toward zero; NaN becomes 0, what does not fit the nearest that does. */
  truncSatF32x4: vectorUnary(0xf8),
  /** The same for numbers without a sign, up to 2^32. */
  truncSatF32x4U: vectorUnary(0xf9),
} as const;

export const i16x8 = {
  narrowI32x4: vectorBinary(0x85),
  extendLowI8x16U: vectorUnary(0x89),
} as const;

export const i8x16 = {
  narrowI16x8: vectorBinary(0x65),
} as const;

/** The lanes of two vectors of four, numbered 0 to 7, in a new order. */
export const shuffle = (a: Code, b: Code, lanes: readonly number[]): Code => [
  a,
  b,
  simd(13),
  lanes.flatMap(lane => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
];

/** The value of a if the condition is not 0, else that of b; both are computed. */
export const select = (a: Code, b: Code, condition: Code): Code => [a, b, condition, 0x1b];

export const memoryCopy = (to: Code, from: Code, bytes: Code): Code => [to, from, bytes, 0xfc, 10, 0, 0];

export const memoryFill = (to: Code, byte: Code, bytes: Code): Code => [to, byte, bytes, 0xfc, 11, 0];
