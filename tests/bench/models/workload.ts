import type { Tensor } from 'tapegrad';

/** A program to measure: what it does again and again, what goes in, and the numbers that it starts from. */
export interface Workload {
  /** The whole step, of a training step forward, backward and update: this is what is compiled, too. */
  readonly step: (...inputs: Tensor[]) => Tensor | Tensor[];
  readonly inputs: readonly Tensor[];
  /** What the step changes, by name. */
  readonly weights: Readonly<Record<string, Tensor>>;
}

/** The step as it is written, to be called again and again. */
export const eager =
  ({ step, inputs }: Workload): (() => Tensor | Tensor[]) =>
  () =>
    step(...inputs);

/** What an eager or compiled step gives, as a list. */
export const outputsOf = (result: Tensor | Tensor[]): Tensor[] => (Array.isArray(result) ? result : [result]);

/** The means of all that the first three steps give: other programs that do the same find the same. */
export function firstChecks(run: () => Tensor | Tensor[]): number[] {
  const checks: number[] = [];
  for (let i = 0; i < 3; i++) for (const { data } of outputsOf(run())) checks.push(meanOf(data));
  return checks;
}

function meanOf(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i];
  return sum / data.length;
}

/**
 * Whether two programs found the same in their first steps, but for rounding. What gradient descent of lr 0.01 changes in
 * a step of the Elman model is 1e-4 of the loss: the bound tells a wrong gradient from a right one.
 */
export const agree = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((x, i) => Math.abs(x - b[i]) <= 2e-5 * Math.abs(b[i]));
