// Coefficients of minimax approximations, lowest power first. They were found by reweighted least squares in float64
// (Lawson's iteration), then rounded to float32 one after the other, each time with the rest fitted anew. Beside each
// stands its largest relative error as a function of real numbers; 6e-8 is half a unit in the last place.

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

/** tanh(x) / x as a quotient of polynomials in x^2, for |x| <= 8.1: 1.0e-8. */
export const tanhOver = [1, 0.1344069, 0.003566981, 2.1813466e-5, 1.5102746e-8];
export const tanhUnder = [1, 0.46774018, 0.02614713, 3.4035416e-4, 8.4737604e-7];
