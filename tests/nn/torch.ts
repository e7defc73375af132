import { type nn, noGrad, type Tensor, tensor } from 'tapegrad';
import { expect } from 'vitest';

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

/** What a module gives, and the gradients of the sum of every output times a wave. */
export interface Run {
  outputs: { shape: number[]; data: number[] }[];
  inputGradients: number[][];
  gradients: Record<string, number[]>;
  names: string[];
}

/** The sum of every output times a wave. */
const lossOf = (outputs: readonly Tensor[]): Tensor =>
  outputs.map((y, i) => y.mul(wave(y.shape, 50 + i)).sum()).reduce((a, b) => a.add(b));

const flat = (value: unknown): Tensor[] => (Array.isArray(value) ? value.flatMap(flat) : [value as Tensor]);

/** Runs the module with the fixture's weights and holds everything against the case. */
export function expectAsInTorch(
  module: nn.Module,
  inputs: readonly Tensor[],
  forward: () => unknown,
  expected: Run,
): void {
  expect(Object.keys(module.stateDict())).toEqual(expected.names);
  noGrad(() => {
    for (const [i, p] of module.parameters().entries()) p.assign(wave(p.shape, 10 + i, 0.8));
  });
  const outputs = flat(forward());
  expect(outputs.map(y => y.shape)).toEqual(expected.outputs.map(y => y.shape));
  for (const [i, y] of outputs.entries()) expectClose(y.data, expected.outputs[i].data, `output ${i}`);
  lossOf(outputs).backward();
  expect(inputs.length).toBe(expected.inputGradients.length);
  for (const [i, x] of inputs.entries())
    expectClose(x.grad!.data, expected.inputGradients[i], `gradient of input ${i}`);
  const parameters = module.namedParameters();
  expect(parameters.map(([name]) => name)).toEqual(Object.keys(expected.gradients));
  for (const [name, p] of parameters) expectClose(p.grad!.data, expected.gradients[name], `gradient of ${name}`);
}
