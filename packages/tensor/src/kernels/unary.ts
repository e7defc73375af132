import type { DType } from '../dtype.ts';
import { errorFunction } from './erf.ts';
import type { UnaryLoop } from './loops.ts';
import { vectorUnaries } from './vectors/kernels.ts';
import { unaryThroughVectors } from './vectors/loops.ts';

/** One plain loop for each elementwise operation of one operand. */
export const unaryLoops = {
  neg(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = -a[p];
  },
  abs(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.abs(a[p]);
  },
  sign(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Number(a[p] > 0) - Number(a[p] < 0);
  },
  square(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = a[p] * a[p];
  },
  sqrt(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.sqrt(a[p]);
  },
  rsqrt(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = 1 / Math.sqrt(a[p]);
  },
  reciprocal(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = 1 / a[p];
  },
  exp(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.exp(a[p]);
  },
  expm1(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.expm1(a[p]);
  },
  log(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.log(a[p]);
  },
  log1p(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.log1p(a[p]);
  },
  log2(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.log2(a[p]);
  },
  log10(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.log10(a[p]);
  },
  sin(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.sin(a[p]);
  },
  cos(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.cos(a[p]);
  },
  tan(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.tan(a[p]);
  },
  asin(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.asin(a[p]);
  },
  acos(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.acos(a[p]);
  },
  atan(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.atan(a[p]);
  },
  sinh(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.sinh(a[p]);
  },
  cosh(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.cosh(a[p]);
  },
  tanh(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.tanh(a[p]);
  },
  asinh(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.asinh(a[p]);
  },
  acosh(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.acosh(a[p]);
  },
  atanh(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.atanh(a[p]);
  },
  erf(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = errorFunction(a[p]);
  },
  sigmoid(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = 1 / (1 + Math.exp(-a[p]));
  },
  softplus(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = softplusOf(a[p]);
  },
  relu(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.max(a[p], 0);
  },
  hardsigmoid(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = (Math.min(Math.max(a[p], -3), 3) + 3) / 6;
  },
  hardswish(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = hardswishOf(a[p]);
  },
  floor(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.floor(a[p]);
  },
  ceil(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.ceil(a[p]);
  },
  round(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = roundHalfEven(a[p]);
  },
  trunc(n, out, o, a, p, sa) {
    for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.trunc(a[p]);
  },
} satisfies Record<string, UnaryLoop>;

/** The square of int32 elements, which wraps around where float64 would round. */
const integerSquare: UnaryLoop = (n, out, o, a, p, sa) => {
  for (let i = 0; i < n; i++, p += sa) out[o + i] = Math.imul(a[p], a[p]);
};

/** What float32 has vector code for. */
const vectorLoops: Partial<Record<keyof typeof unaryLoops, UnaryLoop>> = Object.fromEntries(
  vectorUnaries.map(name => [name, unaryThroughVectors(name, unaryLoops[name])]),
);

/** The loop of an operation on an operand of a dtype. */
export function unaryLoop(name: keyof typeof unaryLoops, dtype: DType): UnaryLoop {
  if (name === 'square' && dtype === 'int32') return integerSquare;
  return (dtype === 'float32' ? vectorLoops[name] : undefined) ?? unaryLoops[name];
}

/** x (x + 3) / 6 between -3 and 3, 0 below (but NaN at -Infinity, as in PyTorch: -Infinity · 0) and x above. */
const hardswishOf = (x: number): number => (x >= 3 ? x : (x * (Math.max(x, -3) + 3)) / 6);

/** log(1 + exp(x)) without overflow: max(x, 0) + log1p(exp(-|x|)). */
const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Round to the nearest integer, halves to the even one (IEEE 754, as PyTorch and NumPy do; Math.round does not). */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return rest === 0.5 ? 2 * Math.round(floor / 2) : x;
}
