import type { NdArray } from '../../ndarray.ts';
import type { Windows } from '../../shape/windows.ts';

/** Windows over pictures in groups: those of a group see its channels of the input alone, and make its channels of the output. */
export interface Convolution {
  readonly windows: Windows;
  readonly groups: number;
}

/** Sizes of a convolution; x is what windows see, y has an element for each window. */
export interface ConvSizes {
  readonly images: number;
  readonly groups: number;
  /** Channels of x and y in a group. */
  readonly channelsX: number;
  readonly channelsY: number;
  /** Elements of a plane of x and of y. */
  readonly planeX: number;
  readonly planeY: number;
  /** Elements that a window sees. */
  readonly depth: number;
}

export function sizesOfConv(x: NdArray, y: NdArray, { windows, groups }: Convolution): ConvSizes {
  const { input, output, kernel } = windows;
  const channelsX = x.shape[1] / groups;
  return {
    images: x.shape[0],
    groups,
    channelsX,
    channelsY: y.shape[1] / groups,
    planeX: input[0] * input[1],
    planeY: output[0] * output[1],
    depth: channelsX * kernel[0] * kernel[1],
  };
}

/** Where the planes of a picture begin that a group has, in x or in y. */
export const startX = (x: NdArray, { groups, channelsX, planeX }: ConvSizes, image: number, group: number): number =>
  x.offset + (image * groups + group) * channelsX * planeX;
export const startY = (y: NdArray, { groups, channelsY, planeY }: ConvSizes, image: number, group: number): number =>
  y.offset + (image * groups + group) * channelsY * planeY;

/** Whether each window is one element, and each element a window: a convolution is then a product of x itself. */
export const isPointwise = ({ kernel, stride, padding, input, output }: Windows): boolean =>
  [0, 1].every(d => kernel[d] === 1 && stride[d] === 1 && padding[d] === 0 && input[d] === output[d]);
