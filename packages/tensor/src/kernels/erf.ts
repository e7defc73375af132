/**
 * The error function, 2/sqrt(pi) * integral of exp(-t^2) from 0 to x, to about 1e-15 absolute.
 *
 * For |x| < 2.5 the series 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6), all of
 * whose terms are positive; beyond it the continued fraction of erfc (7.1.14), from the inside out.
 */
export function errorFunction(x: number): number {
  const z = Math.abs(x);
  if (!(z < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  const erf = z < 2.5 ? erfSeries(z) : 1 - erfcFraction(z);
  return x < 0 ? -erf : erf;
}

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI);

function erfSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return twoOverSqrtPi * Math.exp(-z * z) * sum;
}

/** exp(-z^2)/sqrt(pi) * 1/(z + (1/2)/(z + 1/(z + (3/2)/(z + ...)))), from the inside out. */
function erfcFraction(z: number): number {
  let f = z;
  for (let k = 60; k >= 1; k--) f = z + k / 2 / f;
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * f);
}
