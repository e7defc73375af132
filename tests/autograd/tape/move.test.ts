import { noGrad, type Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError, emptyArray } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const matrix = (): Tensor =>
  tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );

/** Moves the array of a tensor into the middle of a larger memory, as a program's is. */
function move(x: Tensor): Float32Array {
  const place = new Float32Array(new ArrayBuffer(64), 16, x.size);
  x.value.moveTo(place);
  return place;
}

describe('an array that was moved to another buffer', () => {
  test('has its elements there', () => {
    const x = matrix();
    const place = move(x);
    expect(x.data).toBe(place);
    expect(Array.from(place)).toEqual([1, 2, 3, 4]);
  });

  test('takes along views, detached tensors and views of views, made before and after', () => {
    const x = matrix();
    const before: Tensor[] = [x.detach(), x.detach().t(), x.detach().t().select(0, 1)];
    const place = move(x);
    const after: Tensor = x.detach().flip([0]);
    place.set([5, 6, 7, 8]);
    expect(before.map(t => t.toArray())).toEqual([
      [
        [5, 6],
        [7, 8],
      ],
      [
        [5, 7],
        [6, 8],
      ],
      [6, 8],
    ]);
    expect(after.at(0).toArray()).toEqual([7, 8]);
  });

  test('is written by assign, also through a view', () => {
    const x = matrix();
    const row: Tensor = x.detach().select(0, 0);
    const place = move(x);
    row.assign(9);
    noGrad(() => x.assign(x.mul(2)));
    expect(Array.from(place)).toEqual([18, 18, 6, 8]);
  });

  test('is found by a backward whose forward came before', () => {
    const x = matrix();
    const y = x.square().sum();
    move(x);
    y.backward();
    expect(x.grad?.toArray()).toEqual([
      [2, 4],
      [6, 8],
    ]);
  });

  test('is still known to have been overwritten', () => {
    const x = matrix();
    const y = x.square().sum();
    move(x);
    noGrad(() => x.assign(0));
    expect(() => y.backward()).toThrow('was overwritten by assign after it was used');
  });

  test('leaves the old buffer as it was', () => {
    const x = matrix();
    const old = x.data;
    move(x);
    noGrad(() => x.assign(0));
    expect(Array.from(old)).toEqual([1, 2, 3, 4]);
  });
});

describe('moveTo refuses, and leaves everything as it was', () => {
  test.each([
    [
      'a view',
      () => emptyArray([2, 3]).view([3, 2], undefined).moveTo(new Float32Array(6)),
      'moveTo: expected an array with a buffer of its own, got a view, of shape [3, 2]',
    ],
    [
      'another dtype',
      () => emptyArray([2]).moveTo(new Float64Array(2)),
      'moveTo: expected a Float32Array of 2 elements, got a Float64Array of 2',
    ],
    [
      'another length',
      () => emptyArray([2]).moveTo(new Float32Array(3)),
      'moveTo: expected a Float32Array of 2 elements, got a Float32Array of 3',
    ],
  ])('%s', (_name, fn, message) => {
    expect(fn).toThrow(ArgumentError);
    expect(fn).toThrow(message);
  });
});
