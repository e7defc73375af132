// Coefficients of minimax approximations, lowest power first. They were found by reweighted least squares in float64
// (Lawson's iteration), then rounded to float32 one after the other, each time with the rest fitted anew. Beside each
// stands the largest relative error that is left with real numbers; half a unit in the last place is 6e-8.

/** (exp(r) - 1 - r) / r^2 for |r| <= log(2) / 2: exp to 3.2e-9. */
export const expTerms = [0.5, 0.1666652, 0.041666415, 0.008368822, 0.0013939539];

/** (log(1 + f) - f) / f^2 for 1 + f from sqrt(1/2) to sqrt(2): log(1 + f) to 4.2e-9. */
export const logTerms = [
  -0.49999988, 0.33333325, -0.25001606, 0.20001999, -0.16608565, 0.1418117, -0.13246535, 0.129095, -0.07619196,
];

/** log(1 + e) / e for e from 0 to 1: 5.2e-9. */
export const log1pTerms = [
  1, -0.4999993, 0.33330467, -0.24958089, 0.19692683, -0.15347233, 0.106663115, -0.05752063, 0.020126678, -0.0033009516,
];

/** erf(x) / x - 1 in x^2 for |x| <= 1: erf to 1.4e-9. */
export const erfTerms = [0.12837917, -0.37612626, 0.11283579, -0.026853347, 0.005187162, -7.997853e-4, 7.806904e-5];

/** -log(1 - erf(t)) / t for t from 1 to 4: erf to 2.5e-9. */
export const erfcTerms = [1.1284801, 0.63583136, 0.105116285, -0.022798544, 0.003186967, -2.1064492e-4];

/** (sin(r) / r - 1) / r^2 in r^2 for |r| <= pi / 4: sin to 4.0e-9. */
export const sinTerms = [-0.16666655, 0.008332188, -1.95181e-4];

/** (cos(r) - 1 + r^2 / 2) / r^4 likewise: cos to 1.1e-10. */
export const cosTerms = [0.041666646, -0.0013887301, 2.4430668e-5];
