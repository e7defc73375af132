import { grad, observe, randn, type Tensor } from '@tapegrad/autograd';
import { Generator } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const random = (shape: number[], seed: number, requiresGrad = false): Tensor =>
  randn(shape, { generator: new Generator(seed), dtype: 'float64', requiresGrad });

/** A recurrence that uses one weight at every step. */
function unrolled(w: Tensor, steps: number): Tensor {
  let h: Tensor = random([3, 4], 1);
  for (let t = 0; t < steps; t++)
    h = h
      .matmul(w)
      .add(random([3, 4], 2 + t))
      .tanh();
  return h.square().sum();
}

/** The shapes of the products that an observer is shown while `fn` runs. */
function shapesOfProducts(fn: () => unknown): string[] {
  const shapes: string[] = [];
  observe(
    {
      applied(op, inputs) {
        if (op.name === 'matmul') shapes.push(inputs.map(x => x.shape.join('x')).join(' @ '));
      },
    },
    fn,
  );
  return shapes;
}

describe('gradients of a weight that every step uses', () => {
  test('are summed up as one product, and are those of the products one by one', () => {
    const w = random([4, 4], 9, true);
    unrolled(w, 6).backward();
    const together = w.grad!.data;
    const oneByOne = grad(unrolled(w, 6), w, { createGraph: true });
    together.forEach((g, i) => {
      expect(g).toBeCloseTo(oneByOne.data[i], 12);
    });
    // The last digits tell the two ways apart: the long product was really computed.
    expect(Array.from(together)).not.toEqual(Array.from(oneByOne.data));
  });

  test('are products one by one where somebody listens', () => {
    const w = random([4, 4], 9, true);
    const loss = unrolled(w, 3);
    const products = shapesOfProducts(() => loss.backward());
    expect(products.filter(shape => shape === '4x3 @ 3x4')).toHaveLength(3);
  });

  test('wait for each other where one only looks on', () => {
    const w = random([4, 4], 9, true);
    const loss = unrolled(w, 3);
    const products: string[] = [];
    observe({ looksOn: true, applied: (op, inputs) => products.push(`${op.name} ${inputs[0].shape}`) }, () =>
      loss.backward(),
    );
    expect(products.filter(product => /^matmul 4,/.test(product))).toEqual(['matmul 4,9']);
  });

  test('of one use, of batches, and of a weight that is used on both sides are right', () => {
    const w = random([4, 4], 5, true);
    const batch = random([2, 3, 4], 6);
    const loss = (): Tensor =>
      batch
        .matmul(w)
        .sum()
        .add(w.matmul(w).square().sum())
        .add(random([3, 4], 7).matmul(w).tanh().sum());
    loss().backward();
    const expected = grad(loss(), w, { createGraph: true }).data;
    w.grad!.data.forEach((g, i) => {
      expect(g).toBeCloseTo(expected[i], 12);
    });
  });

  test('see hooks and retained gradients as a whole', () => {
    const w = random([4, 4], 9, true);
    const v = w.mul(2);
    v.retainGrad();
    const seen: Tensor[] = [];
    v.registerHook(g => {
      seen.push(g);
    });
    unrolled(v, 4).backward();
    expect(seen).toHaveLength(1);
    expect(v.grad!.toArray()).toEqual(seen[0].toArray());
    v.grad!.data.forEach((g, i) => {
      expect(w.grad!.data[i]).toBeCloseTo(2 * g, 12);
    });
  });
});
