import { Generator } from '@tapegrad/tensor';

/**
 * Numbers from all over float32: some of every exponent and both signs, with the ends of every exponent, and many where
 * functions bend.
 */
export function points(): Float32Array {
  const generator = new Generator(8);
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  const found: number[] = [];
  const take = (word: number): void => {
    bits[0] = word;
    found.push(float[0], -float[0]);
  };
  for (let exponent = 0; exponent < 255; exponent++) {
    const first = exponent << 23;
    for (const step of [0, 1, 2, (1 << 23) - 2, (1 << 23) - 1]) take(first + step);
    for (let i = 0; i < 400; i++) take(first + Math.floor(generator.uniform() * 2 ** 23));
  }
  for (const width of [1, 2, 10, 110])
    for (let i = 0; i < 50_000; i++) found.push((2 * generator.uniform() - 1) * width);
  return Float32Array.from(found);
}
