import { arange, type Generator, randn, type Tensor } from 'tapegrad';

/** The waves that the series is the sum of: height, period in steps, and phase. */
const waves = [
  { height: 5, period: 31, phase: 0 },
  { height: 3, period: 13, phase: 1 },
];

/** The standard deviation of what is added in measuring. */
const noise = 0.3;

/** `n` steps of the waves around a level of 20, as they are and as they are measured: two tensors [n]. */
export function series(n: number, generator: Generator): { exact: Tensor<[number]>; measured: Tensor<[number]> } {
  const t = arange(n);
  let exact: Tensor<[number]> = t.mul(0).add(20);
  for (const { height, period, phase } of waves)
    exact = exact.add(
      t
        .mul((2 * Math.PI) / period)
        .add(phase)
        .sin()
        .mul(height),
    );
  return { exact, measured: exact.add(randn([n], { generator }).mul(noise)) };
}
