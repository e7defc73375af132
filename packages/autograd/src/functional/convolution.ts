import {
  ArgumentError,
  type Convolution,
  DTypeError,
  isFloat,
  promote,
  type Shape,
  ShapeError,
  type Sizes,
  sameShape,
  showShape,
  sizesOf,
  type WindowOptions,
  type Windows,
  windowsIn,
  windowsOf,
} from '@tapegrad/tensor';
import * as ops from '../primitives/convolution.ts';
import { apply } from '../tape/apply.ts';
import type { Computed } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import { checkFloat, checkOptions, checkTensor } from './operands.ts';

/** Options of convolutions. */
export interface ConvOptions extends Omit<WindowOptions, 'padding'> {
  /**
   * Zeros that are added at both ends; 'same' adds as many as keep the sizes (for a stride of 1), 'valid' none. Default 0.
   */
  readonly padding?: Sizes | 'same' | 'valid';
  /** The channels are divided into so many groups, each of which sees its own alone. Default 1. */
  readonly groups?: number;
}

/** Options of transposed convolutions. */
export interface ConvTransposeOptions extends WindowOptions {
  /** As for convolutions: default 1. */
  readonly groups?: number;
  /** What is added to the sizes of the result, since with a stride several sizes convolve to the same. Default 0. */
  readonly outputPadding?: Sizes;
}

type Rank = 1 | 2;

const dimsOf = (rank: Rank): string => (rank === 1 ? 'length' : 'height, width');

/** Throws unless x is a tensor of planes in channels, a float one unless told, and gives it with a batch and two dims a plane. */
export function planesOf(op: string, x: Tensor, rank: Rank, checkDType = checkFloat): Tensor {
  checkDType(op, x);
  if (x.ndim !== rank + 1 && x.ndim !== rank + 2)
    throw new ShapeError(
      `${op}: expected x of shape [batch, channels, ${dimsOf(rank)}] or [channels, ${dimsOf(rank)}], got ${showShape(x.shape)}`,
    );
  if (planeOf(x, rank).includes(0))
    throw new ShapeError(`${op}: expected planes of at least one element, got shape ${showShape(x.shape)}`);
  const batched = x.ndim === rank + 2 ? x : x.unsqueeze(0);
  return rank === 1 ? batched.unsqueeze(2) : batched;
}

/** Planes in the dims that x had. */
export function planesLike(x: Tensor, planes: Tensor, rank: Rank): Tensor {
  const y: Tensor = rank === 1 ? planes.squeeze(2) : planes;
  return x.ndim === rank + 2 ? y : y.squeeze(0);
}

/** The sizes of a plane of x. */
export const planeOf = (x: Tensor, rank: Rank): Shape => x.shape.slice(-rank);

/** Throws unless weight and bias are float tensors, the weight of two dims more than a plane. */
function checkOperands(op: string, weight: Tensor, bias: Tensor | null, rank: Rank, layout: string): void {
  checkTensor(op, 'weight', weight);
  if (bias !== null) checkTensor(op, 'bias', bias);
  for (const [name, operand] of Object.entries({ weight, bias }))
    if (operand !== null && !isFloat(operand.dtype))
      throw new DTypeError(`${op}: expected a float ${name}, got dtype ${operand.dtype}`);
  if (weight.ndim !== rank + 2)
    throw new ShapeError(
      `${op}: expected a weight of shape [${layout}, ${dimsOf(rank)}], got ${showShape(weight.shape)}`,
    );
}

function checkChannels(op: string, x: Tensor, channels: number, rank: Rank, weight: Tensor, groups: number): void {
  const own = x.shape[x.ndim - rank - 1];
  if (own !== channels)
    throw new ShapeError(
      `${op}: x ${showShape(x.shape)} has ${own} channels, expected ${channels} for a weight of shape ${showShape(weight.shape)} in ${groups} group${groups === 1 ? '' : 's'}`,
    );
}

function checkGroups(op: string, groups: number, channels: number, weight: Tensor): void {
  if (!Number.isInteger(groups) || groups < 1)
    throw new ArgumentError(`${op}: expected groups to be a whole number from 1, got ${groups}`);
  if (channels % groups !== 0)
    throw new ShapeError(
      `${op}: expected ${channels} channels, the first dim of weight ${showShape(weight.shape)}, to divide into ${groups} groups`,
    );
}

function withBias(op: string, y: Tensor, bias: Tensor | null, rank: Rank): Tensor {
  if (bias === null) return y;
  const channels = y.shape[y.ndim - rank - 1];
  if (!sameShape(bias.shape, [channels]))
    throw new ShapeError(`${op}: expected a bias of shape [${channels}], got ${showShape(bias.shape)}`);
  return y.add(bias.reshape([channels, ...new Array<number>(rank).fill(1)]));
}

/** What a convolution and a transposed one differ in. */
interface Kind<Options> {
  readonly primitive: Computed<Convolution>;
  /** How the first two dims of a weight are called. */
  readonly layout: string;
  /** How many channels a weight takes. */
  readonly channelsOf: (weight: Tensor, groups: number) => number;
  readonly windowsOf: (op: string, plane: Shape, kernel: Shape, options: Options) => Windows;
}

function convolve<Options extends { readonly groups?: number }>(
  { primitive, layout, channelsOf, windowsOf }: Kind<Options>,
  op: string,
  rank: Rank,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: Options,
): Tensor {
  const planes = planesOf(op, x, rank);
  checkOperands(op, weight, bias, rank, layout);
  const { groups = 1 } = checkOptions(op, options);
  checkGroups(op, groups, weight.shape[0], weight);
  checkChannels(op, x, channelsOf(weight, groups), rank, weight, groups);
  const windows = windowsOf(op, planeOf(x, rank), planeOf(weight, rank), options);
  const y = apply(primitive, operandsOf(planes, weight, rank), { windows, groups });
  return withBias(op, planesLike(x, y, rank), bias, rank);
}

/** Σ weight[o, c, k] x[n, c, i stride - padding + k dilation] + bias[o], over the channels of each group. */
export const convolution = (
  op: string,
  rank: Rank,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvOptions,
): Tensor => convolve(forward, op, rank, x, weight, bias, options);

const forward: Kind<ConvOptions> = {
  primitive: ops.conv,
  layout: 'out, in / groups',
  channelsOf: (weight, groups) => weight.shape[1] * groups,
  windowsOf: windowsOfConv,
};

/** Planes and kernels of two dims, of one dtype. */
function operandsOf(planes: Tensor, weight: Tensor, rank: Rank): [planes: Tensor, kernels: Tensor] {
  const dtype = promote(planes.dtype, weight.dtype);
  const kernels: Tensor = rank === 1 ? weight.unsqueeze(2) : weight;
  return [planes.to(dtype), kernels.to(dtype)];
}

function windowsOfConv(op: string, input: Shape, kernel: Shape, options: ConvOptions): Windows {
  const { stride: s = 1, padding = 0, dilation: d = 1 } = options;
  const rank = input.length;
  const stride = sizesOf(op, 'stride', s, rank, 1);
  const dilation = sizesOf(op, 'dilation', d, rank, 1);
  if (kernel.some(k => k < 1))
    throw new ShapeError(`${op}: expected a kernel of at least one element, got ${showShape(kernel)}`);
  if (padding !== 'same') {
    const zeros = padding === 'valid' ? 0 : padding;
    return windowsOf(op, input, kernel, stride, sizesOf(op, 'padding', zeros, rank, 0), dilation);
  }
  if (stride.some(n => n !== 1))
    throw new ArgumentError(`${op}: expected a stride of 1 with padding 'same', got ${showShape(stride)}`);
  // Where the zeros are odd in number, one more comes behind the end.
  const before = kernel.map((k, i) => Math.floor((dilation[i] * (k - 1)) / 2));
  return windowsIn(input, input, kernel, stride, before, dilation);
}

/** The gradient of a convolution in its input, as an operation of its own: each element of x spreads a kernel. */
export const transposedConvolution = (
  op: string,
  rank: Rank,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvTransposeOptions,
): Tensor => convolve(transposed, op, rank, x, weight, bias, options);

const transposed: Kind<ConvTransposeOptions> = {
  primitive: ops.convTranspose,
  layout: 'in, out / groups',
  channelsOf: weight => weight.shape[0],
  windowsOf: windowsOfTransposed,
};

function windowsOfTransposed(op: string, output: Shape, kernel: Shape, options: ConvTransposeOptions): Windows {
  const { stride: s = 1, padding: p = 0, dilation: d = 1, outputPadding = 0 } = options;
  const rank = output.length;
  const stride = sizesOf(op, 'stride', s, rank, 1);
  const padding = sizesOf(op, 'padding', p, rank, 0);
  const dilation = sizesOf(op, 'dilation', d, rank, 1);
  const extra = sizesOf(op, 'outputPadding', outputPadding, rank, 0);
  if (extra.some((n, i) => n >= Math.max(stride[i], dilation[i])))
    throw new ArgumentError(
      `${op}: expected outputPadding below the stride or the dilation, ${showShape(stride)} and ${showShape(dilation)}, got ${showShape(extra)}`,
    );
  const input = output.map(
    (n, i) => (n - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + extra[i] + 1,
  );
  if (input.some(n => n < 1) || kernel.some(k => k < 1))
    throw new ShapeError(
      `${op}: an input of ${showShape(output)} with a kernel of ${showShape(kernel)}, stride ${showShape(stride)} and ` +
        `padding ${showShape(padding)} gives the size ${showShape(input)}, which is less than 1`,
    );
  return windowsIn(input, output, kernel, stride, padding, dilation);
}
