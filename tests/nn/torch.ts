import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from 'tapegrad';
import { expect } from 'vitest';

/** What a script in tests/fixtures/torch wrote. */
export const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/torch/${name}.json`, import.meta.url), 'utf8'));

/** Element k is amplitude sin(1.3 k + 0.7 i + 0.1), as in the scripts: inputs and weights that need not be stored. */
export function wave(shape: readonly number[], i: number, amplitude = 1): Tensor {
  const size = shape.reduce((n, m) => n * m, 1);
  const data = Float64Array.from({ length: size }, (_, k) => amplitude * Math.sin(1.3 * k + 0.7 * i + 0.1));
  return tensor(data, { shape });
}

/** Such a tensor that gradients flow to. */
export function leaf(shape: readonly number[], i: number): Tensor {
  const x = wave(shape, i);
  x.requiresGrad = true;
  return x;
}

/** The numbers agree, up to the digits that the fixtures have. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, rtol = 1e-10): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    expect(difference, `${what}[${i}]: ${actual[i]}, not ${expected[i]}`).toBeLessThanOrEqual(
      rtol * Math.abs(expected[i]) + 1e-12,
    );
  }
}
