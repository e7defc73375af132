import { ArgumentError, DTypeError, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { ints, op, type Refusal, refuses } from './refusals.ts';

const signal = op.zeros([2, 3, 7]);
const pictures = op.zeros([2, 3, 7, 5]);
const kernels = op.zeros([4, 3, 3, 3]);

describe('convolutions say what does not fit', () => {
  const refusals: Refusal[] = [
    [
      'conv2d: expected x of shape [batch, channels, height, width] or [channels, height, width], got [2, 3]',
      () => op.zeros([2, 3]).conv2d(kernels),
      ShapeError,
    ],
    [
      'conv1d: expected x of shape [batch, channels, length] or [channels, length], got [2, 3, 7, 5]',
      () => pictures.conv1d(kernels),
      ShapeError,
    ],
    ['conv2d: expected a float tensor, got dtype int32', () => ints.conv2d(kernels), DTypeError],
    ['conv2d: expected weight to be a tensor, got undefined', () => pictures.conv2d(), ArgumentError],
    ['conv2d: expected weight to be a tensor, got an array', () => pictures.conv2d([[1]]), ArgumentError],
    ['conv2d: expected bias to be a tensor, got number', () => pictures.conv2d(kernels, 1), ArgumentError],
    ['conv2d: expected a float weight, got dtype int32', () => pictures.conv2d(kernels.to('int32')), DTypeError],
    [
      'conv2d: expected a weight of shape [out, in / groups, height, width], got [4, 3, 3]',
      () => pictures.conv2d(op.zeros([4, 3, 3])),
      ShapeError,
    ],
    [
      'conv2d: x [2, 3, 7, 5] has 3 channels, expected 2 for a weight of shape [4, 2, 3, 3] in 1 group',
      () => pictures.conv2d(op.zeros([4, 2, 3, 3])),
      ShapeError,
    ],
    [
      'conv2d: x [2, 3, 7, 5] has 3 channels, expected 6 for a weight of shape [4, 3, 3, 3] in 2 groups',
      () => pictures.conv2d(kernels, null, { groups: 2 }),
      ShapeError,
    ],
    [
      'conv2d: expected 4 channels, the first dim of weight [4, 1, 3, 3], to divide into 3 groups',
      () => pictures.conv2d(op.zeros([4, 1, 3, 3]), null, { groups: 3 }),
      ShapeError,
    ],
    [
      'conv2d: expected groups to be a whole number from 1, got 0',
      () => pictures.conv2d(kernels, null, { groups: 0 }),
      ArgumentError,
    ],
    ['conv2d: expected a bias of shape [4], got [3]', () => pictures.conv2d(kernels, op.zeros([3])), ShapeError],
    [
      'conv2d: expected stride to be a whole number from 1, or 2 of them, got 0',
      () => pictures.conv2d(kernels, null, { stride: 0 }),
      ArgumentError,
    ],
    [
      'conv2d: expected padding to be a whole number from 0, or 2 of them, got [1, 1, 1]',
      () => pictures.conv2d(kernels, null, { padding: [1, 1, 1] }),
      ArgumentError,
    ],
    [
      'conv1d: expected dilation to be a whole number from 1, got 1.5',
      () => signal.conv1d(op.zeros([4, 3, 2]), null, { dilation: 1.5 }),
      ArgumentError,
    ],
    [
      "conv2d: expected a stride of 1 with padding 'same', got [2, 2]",
      () => pictures.conv2d(kernels, null, { padding: 'same', stride: 2 }),
      ArgumentError,
    ],
    [
      'conv2d: expected padding to be a whole number from 0, or 2 of them, got full',
      () => pictures.conv2d(kernels, null, { padding: 'full' }),
      ArgumentError,
    ],
    [
      'conv2d: a kernel of [3, 3] with dilation [4, 1] does not fit into an input of [7, 5] with padding [0, 0]',
      () => pictures.conv2d(kernels, null, { dilation: [4, 1] }),
      ShapeError,
    ],
    [
      'conv1d: a kernel of [8] with dilation [1] does not fit into an input of [7] with padding [0]',
      () => signal.conv1d(op.zeros([4, 3, 8])),
      ShapeError,
    ],
    [
      'conv1d: expected a kernel of at least one element, got [0]',
      () => signal.conv1d(op.zeros([4, 3, 0])),
      ShapeError,
    ],
    [
      'convTranspose2d: x [2, 3, 7, 5] has 3 channels, expected 4 for a weight of shape [4, 3, 3, 3] in 1 group',
      () => pictures.convTranspose2d(kernels),
      ShapeError,
    ],
    [
      'convTranspose2d: expected outputPadding below the stride or the dilation, [1, 1] and [1, 1], got [1, 1]',
      () => pictures.convTranspose2d(op.zeros([3, 2, 2, 2]), null, { outputPadding: 1 }),
      ArgumentError,
    ],
    [
      'convTranspose2d: an input of [1, 1] with a kernel of [1, 1], stride [1, 1] and padding [1, 1] gives the size [-1, -1], which is less than 1',
      () => op.zeros([3, 1, 1]).convTranspose2d(op.zeros([3, 2, 1, 1]), null, { padding: 1 }),
      ShapeError,
    ],
  ];
  refuses(refusals);
});

describe('numbers in the place of options, as PyTorch has them, are refused', () => {
  refuses([
    [
      'conv2d: expected the options to be an object, got number',
      () => pictures.conv2d(kernels, null, 2),
      ArgumentError,
    ],
    ['maxPool2d: expected the options to be an object, got number', () => pictures.maxPool2d(2, 2), ArgumentError],
    ['avgPool2d: expected the options to be an object, got number', () => pictures.avgPool2d(2, 2), ArgumentError],
    ['pad: expected the options to be an object, got null', () => pictures.pad([1, 1], null), ArgumentError],
  ]);
});

describe('planes of no elements are refused, as in PyTorch', () => {
  const empty = op.zeros([1, 2, 0, 3]);
  refuses([
    [
      'conv2d: expected planes of at least one element, got shape [1, 2, 0, 3]',
      () => empty.conv2d(op.zeros([1, 2, 3, 3]), null, { padding: 2 }),
      ShapeError,
    ],
    [
      'convTranspose2d: expected planes of at least one element, got shape [1, 2, 0, 3]',
      () => empty.convTranspose2d(op.zeros([2, 1, 3, 3])),
      ShapeError,
    ],
    [
      'maxPool2d: expected planes of at least one element, got shape [1, 2, 0, 3]',
      () => empty.maxPool2d(2, { padding: 1 }),
      ShapeError,
    ],
  ]);

  test('but not pictures without channels, of which the sums are 0', () => {
    expect(
      op
        .zeros([1, 0, 3, 3])
        .conv2d(op.zeros([2, 0, 2, 2]), op.ones([2]))
        .toArray(),
    ).toEqual(op.ones([1, 2, 2, 2]).toArray());
  });
});

describe('pooling says what does not fit', () => {
  refuses([
    [
      'maxPool2d: a kernel of [8, 2] with dilation [1, 1] does not fit into an input of [7, 5] with padding [0, 0]',
      () => pictures.maxPool2d([8, 2]),
      ShapeError,
    ],
    [
      'avgPool2d: expected padding of at most half the kernel, [3, 3], got [2, 2]',
      () => pictures.avgPool2d(3, { padding: 2 }),
      ArgumentError,
    ],
    [
      'maxPool1d: a window of kernel [2], dilation [2] and padding [1] sees nothing of an input of [1]',
      () => op.zeros([1, 1]).maxPool1d(2, { dilation: 2, padding: 1 }),
      ShapeError,
    ],
    [
      'maxPool1d: expected the kernel to be a whole number from 1, got undefined',
      () => signal.maxPool1d(),
      ArgumentError,
    ],
    [
      'maxPool2d: expected the kernel to be a whole number from 1, or 2 of them, got [2]',
      () => pictures.maxPool2d([2]),
      ArgumentError,
    ],
    [
      'avgPool2d: expected divisorOverride to be a number other than 0, got 0',
      () => pictures.avgPool2d(2, { divisorOverride: 0 }),
      ArgumentError,
    ],
    ['maxPool2d: expected numbers, got a bool tensor; use to()', () => pictures.to('bool').maxPool2d(2), DTypeError],
    [
      'adaptiveAvgPool2d: expected a float tensor, got dtype int32',
      () => pictures.to('int32').adaptiveAvgPool2d(1),
      DTypeError,
    ],
    [
      'adaptiveAvgPool2d: expected the size to be a whole number from 1, or 2 of them, got [0, 0]',
      () => pictures.adaptiveAvgPool2d(0),
      ArgumentError,
    ],
    [
      'adaptiveAvgPool2d: expected a size or two of them, got [1,2,3]',
      () => pictures.adaptiveAvgPool2d([1, 2, 3]),
      ArgumentError,
    ],
    [
      'adaptiveAvgPool2d: expected planes of at least one element, got shape [3, 0, 2]',
      () => op.zeros([3, 0, 2]).adaptiveAvgPool2d(1),
      ShapeError,
    ],
  ]);
});
