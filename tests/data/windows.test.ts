import { arange, randint, type Tensor, tensor } from '@tapegrad/autograd';
import { DataLoader, TensorDataset, windows } from '@tapegrad/data';
import { ArgumentError, Generator, GradError, ShapeError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { is } from '../types/equal.ts';

const ids = (...numbers: number[]) => tensor(Int32Array.from(numbers));

describe('windows', () => {
  test('are every run of `length` ids, and the run one later', () => {
    const [inputs, targets] = windows(ids(10, 11, 12, 13, 14), 3);
    expect(inputs.toArray()).toEqual([
      [10, 11, 12],
      [11, 12, 13],
    ]);
    expect(targets.toArray()).toEqual([
      [11, 12, 13],
      [12, 13, 14],
    ]);
    expect([inputs.dtype, targets.dtype]).toEqual(['int32', 'int32']);
  });

  test('of a series of fractions are fractions', () => {
    const [inputs, targets] = windows(tensor([0.5, 1.5, 2.5]), 1);
    expect([inputs.toArray(), targets.toArray()]).toEqual([
      [[0.5], [1.5]],
      [[1.5], [2.5]],
    ]);
    expect([inputs.dtype, targets.dtype]).toEqual(['float32', 'float32']);
  });

  test('know their length in the type', () => {
    const [inputs, targets] = windows(ids(1, 2, 3), 2);
    is<Tensor<[number, 2]>>()(inputs);
    is<Tensor<[number, 2]>>()(targets);
    expect(inputs.shape).toEqual([1, 2]);
  });

  test('agree with slices of the text, at any length and stride, of a view too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        (size, length, stride, step) => {
          fc.pre(length < size);
          const text = arange(size * step, { dtype: 'int32' }).slice(0, 0, undefined, step);
          const plain: number[] = text.toArray();
          const starts = plain.map((_, i) => i).filter(i => i % stride === 0 && i + length < size);
          const [inputs, targets] = windows(text, length, { stride });
          expect(inputs.toArray()).toEqual(starts.map(i => plain.slice(i, i + length)));
          expect(targets.toArray()).toEqual(starts.map(i => plain.slice(i + 1, i + 1 + length)));
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  test('are views: no element is copied, and an assignment to the ids shows in both', () => {
    const text = ids(0, 1, 2, 3);
    const [inputs, targets] = windows(text, 2);
    expect(inputs.value.buffer).toBe(text.value.buffer);
    expect(targets.value.buffer).toBe(text.value.buffer);
    text.assign(tensor([5, 6, 7, 8]));
    expect(inputs.toArray()).toEqual([
      [5, 6],
      [6, 7],
    ]);
    expect(targets.select(0, 1).toArray()).toEqual([7, 8]);
  });

  test('of a megabyte of text are batched without all of them being laid out', () => {
    const text = randint(0, 65, [1_000_000], { generator: new Generator(1) });
    const [inputs, targets] = windows(text, 1000); // a gigaelement each
    const loader = new DataLoader(new TensorDataset(inputs, targets), { batchSize: 8, shuffle: true, seed: 1 });
    for (const [x, y] of loader) {
      expect(x.shape).toEqual([8, 1000]);
      expect(y.slice(1, 0, 999).toArray()).toEqual(x.slice(1, 1).toArray());
      break;
    }
    const some = inputs.at(ids(3, 999, 3));
    expect(some.toArray()).toEqual([3, 999, 3].map(i => Array.from(text.data.subarray(i, i + 1000))));
  });

  test('refuse a text that is not longer than one of them, with both numbers', () => {
    for (const size of [0, 1, 3]) {
      const short = tensor(new Int32Array(size));
      expect(() => windows(short, 3)).toThrow(ArgumentError);
      expect(() => windows(short, 3)).toThrow(
        `windows: expected more ids than the length 3 of a window, got ${size}; a window also needs the id after it`,
      );
    }
  });

  test('refuse what is no length, no stride and no list of ids', () => {
    const text = ids(1, 2, 3, 4);
    for (const length of [0, -1, 1.5, Number.NaN]) expect(() => windows(text, length)).toThrow(ArgumentError);
    expect(() => windows(text, 0)).toThrow('windows: expected a length that is a whole number from 1, got 0');
    expect(() => windows(text, 2, { stride: 0.5 })).toThrow(
      'windows: expected a stride that is a whole number from 1, got 0.5',
    );
    expect(() => windows(tensor([[1, 2]], { dtype: 'int32' }), 1)).toThrow(
      new ShapeError('windows: expected ids of shape [n], got [1, 2]'),
    );
    expect(() => windows(tensor([1, 2], { requiresGrad: true }), 1)).toThrow(
      new GradError('windows: expected ids without a gradient, got some that require one'),
    );
  });
});
