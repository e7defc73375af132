import { Generator, type Tensor, tensor } from 'tapegrad';

/** The forms of a wave at a place, in turns: the first three are those that PyTorch's model was trained with. */
const forms = {
  sine: (turns: number) => Math.sin(2 * Math.PI * turns),
  square: (turns: number) => Math.sign(Math.sin(2 * Math.PI * turns)),
  sawtooth: (turns: number) => 2 * (turns % 1) - 1,
  triangle: (turns: number) => 4 * Math.abs((turns % 1) - 0.5) - 1,
};

export const names = Object.keys(forms);

/** `n` waves of the four forms in turns, [n, 24, 1], as in model.py, and their forms, int32 [n]. */
export function waves(n: number, seed: string): { inputs: Tensor; labels: Tensor } {
  const generator = new Generator(seed);
  const labels = Int32Array.from({ length: n }, (_, i) => i % names.length);
  const rows = Array.from(labels, label => {
    const form = Object.values(forms)[label];
    const period = 6 + 8 * generator.uniform();
    const start = generator.uniform();
    const height = 0.7 + 0.6 * generator.uniform();
    return Array.from({ length: 24 }, (_, t) => [height * form(start + t / period) + 0.05 * generator.normal()]);
  });
  return { inputs: tensor(rows), labels: tensor(labels) };
}
