import type { DType } from '../dtype.ts';
import { ArgumentError } from '../errors.ts';
import type { BinaryLoop } from './loops.ts';
import { vectorBinaries } from './vectors/kernels.ts';
import { binaryThroughVectors } from './vectors/loops.ts';

/**
 * One plain loop for each elementwise operation of two operands; comparisons write 0 and 1. The cheapest have loops
 * of their own for float32, and for a scalar there: the engine specialises a loop to the kinds of array it has seen in it,
 * and one that sees float32 alone stays 1.4 times faster in a program that uses other dtypes too.
 */
export const binaryLoops = {
  add(n, out, o, a, p, sa, b, q, sb) {
    if (!(out instanceof Float32Array)) for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] + b[q];
    else if (sb === 0) for (let i = 0, y = b[q]; i < n; i++, p += sa) out[o + i] = a[p] + y;
    else for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] + b[q];
  },
  sub(n, out, o, a, p, sa, b, q, sb) {
    if (!(out instanceof Float32Array)) for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] - b[q];
    else if (sb === 0) for (let i = 0, y = b[q]; i < n; i++, p += sa) out[o + i] = a[p] - y;
    else for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] - b[q];
  },
  mul(n, out, o, a, p, sa, b, q, sb) {
    if (!(out instanceof Float32Array)) for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] * b[q];
    else if (sb === 0) for (let i = 0, y = b[q]; i < n; i++, p += sa) out[o + i] = a[p] * y;
    else for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] * b[q];
  },
  div(n, out, o, a, p, sa, b, q, sb) {
    if (!(out instanceof Float32Array)) for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] / b[q];
    else if (sb === 0) for (let i = 0, y = b[q]; i < n; i++, p += sa) out[o + i] = a[p] / y;
    else for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] / b[q];
  },
  pow(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = power(a[p], b[q]);
  },
  maximum(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = Math.max(a[p], b[q]);
  },
  minimum(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = Math.min(a[p], b[q]);
  },
  /** x where positive, else x times the other operand. */
  leakyRelu(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] > 0 ? a[p] : a[p] * b[q];
  },
  /** e^x - 1 times the other operand up to 0, x from there on. */
  elu(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] <= 0 ? Math.expm1(a[p]) * b[q] : a[p];
  },
  atan2(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = Math.atan2(a[p], b[q]);
  },
  remainder(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = modulo(a[p], b[q]);
  },
  eq(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] === b[q] ? 1 : 0;
  },
  lt(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] < b[q] ? 1 : 0;
  },
  le(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] <= b[q] ? 1 : 0;
  },
  ne(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] !== b[q] ? 1 : 0;
  },
  gt(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] > b[q] ? 1 : 0;
  },
  ge(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] >= b[q] ? 1 : 0;
  },
} satisfies Record<string, BinaryLoop>;

/** What float64 cannot do for int32: products of 32 bits and more that wrap around, and division by zero. */
const integerLoops: Readonly<Record<string, BinaryLoop>> = {
  mul(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = Math.imul(a[p], b[q]);
  },
  pow(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = integerPower(a[p], b[q]);
  },
  remainder(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) {
      if (b[q] === 0) throw new ArgumentError('remainder: expected an int32 divisor other than 0, got 0');
      out[o + i] = modulo(a[p], b[q]);
    }
  },
};

/** What float32 has vector code for. */
const vectorLoops: Readonly<Record<string, BinaryLoop>> = Object.fromEntries(
  vectorBinaries.map(name => [name, binaryThroughVectors(name, binaryLoops[name])]),
);

const loopsOf: Partial<Record<DType, Readonly<Record<string, BinaryLoop>>>> = {
  float32: vectorLoops,
  int32: integerLoops,
};

/** The loop of an operation on operands of a dtype. */
export const binaryLoop = (name: keyof typeof binaryLoops, dtype: DType): BinaryLoop =>
  loopsOf[dtype]?.[name] ?? binaryLoops[name];

/** a to the power of b as IEEE 754 has it: 1 to any power is 1, where JavaScript has NaN for infinite and NaN ones. */
const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

/** a to the power of b, wrapping around; with a negative b what is left of 1 / a^-b without its fraction. */
function integerPower(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? 1 - 2 * (b & 1) : 0;
  let result = 1;
  for (let square = a; b > 0; b >>= 1, square = Math.imul(square, square))
    if (b & 1) result = Math.imul(result, square);
  return result;
}

/** The remainder with the sign of the divisor: a - floor(a / b) * b. */
function modulo(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}
