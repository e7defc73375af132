import type { BinaryLoop } from './loops.ts';

/** One plain loop for each elementwise operation of two operands; comparisons write 0 and 1. */
export const binaryLoops = {
  add(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] + b[q];
  },
  sub(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] - b[q];
  },
  mul(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] * b[q];
  },
  div(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] / b[q];
  },
  pow(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = a[p] ** b[q];
  },
  maximum(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = Math.max(a[p], b[q]);
  },
  minimum(n, out, o, a, p, sa, b, q, sb) {
    for (let i = 0; i < n; i++, p += sa, q += sb) out[o + i] = Math.min(a[p], b[q]);
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

/** The remainder with the sign of the divisor: a - floor(a / b) * b. */
function modulo(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}
