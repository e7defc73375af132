import {
  type Convolution,
  convInto,
  convTransposeInto,
  convWeightInto,
  maxPositionsInto,
  spreadWindowsInto,
  sumWindowsInto,
  type Windows,
} from '@tapegrad/tensor';
import type { Computed } from '../tape/primitive.ts';

// The sum over all of g[n, o, i] weight[o, c, k] x[n, c, i stride - padding + k dilation] is linear in each of its three
// factors. The derivative in one is a product of the other two, so that the three operations are each other's gradients.

/** x [n, c, H, W] and weight [o, c / groups, kH, kW] give [n, o, …windows]. */
export const conv: Computed<Convolution> = {
  name: 'conv',
  gradients: [
    (g, { inputs: [, weight], attrs }) => g.convTransposeOf(weight, attrs),
    (g, { inputs: [x], attrs }) => x.convWeightOf(g, attrs),
  ],
  keeps: [[1], [0]],
  shape: ([x, weight], { windows }) => [x.shape[0], weight.shape[0], ...windows.output],
  kernel: (out, [x, weight], attrs) => convInto(out, x, weight, attrs),
};

/** g [n, o, …windows] and weight [o, c / groups, kH, kW] give [n, c, H, W]: the gradient of x. */
export const convTranspose: Computed<Convolution> = {
  name: 'convTranspose',
  gradients: [
    (u, { inputs: [, weight], attrs }) => u.convOf(weight, attrs),
    (u, { inputs: [g], attrs }) => u.convWeightOf(g, attrs),
  ],
  keeps: [[1], [0]],
  shape: ([g, weight], { windows, groups }) => [g.shape[0], weight.shape[1] * groups, ...windows.input],
  kernel: (out, [g, weight], attrs) => convTransposeInto(out, g, weight, attrs),
};

/** x [n, c, H, W] and g [n, o, …windows] give [o, c / groups, kH, kW]: the gradient of the weight. */
export const convWeight: Computed<Convolution> = {
  name: 'convWeight',
  gradients: [
    (v, { inputs: [, g], attrs }) => g.convTransposeOf(v, attrs),
    (v, { inputs: [x], attrs }) => x.convOf(v, attrs),
  ],
  keeps: [[1], [0]],
  shape: ([x, g], { windows, groups }) => [g.shape[1], x.shape[1] / groups, ...windows.kernel],
  kernel: (out, [x, g], attrs) => convWeightInto(out, x, g, attrs),
};

export interface PoolAttrs {
  readonly windows: Windows;
}

/** The position in its plane of the largest element that each window sees. */
export const maxPositions: Computed<PoolAttrs> = {
  name: 'maxPositions',
  gradients: [null],
  keeps: [],
  dtype: 'int32',
  shape: ([x], { windows }) => [...x.shape.slice(0, -2), ...windows.output],
  kernel: (out, [x], { windows }) => maxPositionsInto(out, x, windows),
};

/** The sum of what each window sees. */
export const sumWindows: Computed<PoolAttrs> = {
  name: 'sumWindows',
  gradients: [(g, { attrs }) => g.spreadWindows(attrs)],
  keeps: [],
  shape: ([x], { windows }) => [...x.shape.slice(0, -2), ...windows.output],
  kernel: (out, [x], { windows }) => sumWindowsInto(out, x, windows),
};

/** The sum over the windows that see an element: the gradient of `sumWindows`. */
export const spreadWindows: Computed<PoolAttrs> = {
  name: 'spreadWindows',
  gradients: [(u, { attrs }) => u.sumWindows(attrs)],
  keeps: [],
  shape: ([g], { windows }) => [...g.shape.slice(0, -2), ...windows.input],
  kernel: (out, [g], { windows }) => spreadWindowsInto(out, g, windows),
};
