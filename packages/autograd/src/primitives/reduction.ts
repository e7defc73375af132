import {
  argExtremeInto,
  argsortInto,
  type DType,
  folds,
  type NdArray,
  reducedShape,
  reduceInto,
  type Shape,
  ShapeError,
  scanInto,
  showShape,
  softmaxInto,
  topkInto,
  truths,
} from '@tapegrad/tensor';
import type { Node } from '../tape/node.ts';
import type { Computed, Gradient } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';

/** The dims to reduce, sorted and counted from the front, and whether they stay with size 1. */
export interface ReduceAttrs {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  /** Of `amax` and `amin`: where NaN wins, those that are NaN share the gradient, which is NaN for all of them else. */
  readonly nanShares?: boolean;
}

/**
 * The result of a reduction (or its gradient) with the reduced dims back at size 1, so that it broadcasts to the input.
 */
function keepDims(t: Tensor, { attrs, parents }: Node<ReduceAttrs>): Tensor {
  return attrs.keepdim ? t : t.reshape(reducedShape(parents[0]!.shape, attrs.dims, true));
}

const reduction = (
  name: keyof typeof folds,
  keeps: Computed<ReduceAttrs>['keeps'],
  gradient: Gradient<ReduceAttrs>,
): Computed<ReduceAttrs> => ({
  name,
  gradients: [gradient],
  keeps,
  shape: ([a], { dims, keepdim }) => reducedShape(a.shape, dims, keepdim),
  kernel: (out, [a], { dims }) =>
    reduceInto(folds[name === 'prod' && a.dtype === 'int32' ? 'integerProd' : name], out, a, dims),
});

export const sum = reduction('sum', [], (g, node) => keepDims(g, node).expand(node.parents[0]!.shape));

/** The sum of x². Fused: one pass instead of two, and nothing in between. */
export const sumSquares = reduction('sumSquares', [[0]], (g, node) => keepDims(g, node).mul(node.inputs[0]).mul(2));

/**
 * d/dx_i = the product of all the others, by products from the left and from the right, so that zeros are right too.
 */
export const prod = reduction('prod', [[0]], (g, node) => {
  const [x] = node.inputs;
  return keepDims(g, node).mul(productOfOthers(x, node.attrs.dims));
});

function productOfOthers(x: Tensor, dims: readonly number[]): Tensor {
  const kept = x.shape.map((_: number, d: number) => d).filter((d: number) => !dims.includes(d));
  const order = [...kept, ...dims];
  const moved = x.permute(order);
  const n = dims.reduce((product, d) => product * x.shape[d], 1);
  const rows = moved.reshape([...kept.map((d: number) => x.shape[d]), n]);
  const ones = rows.filled([...rows.shape.slice(0, -1), 1], 1);
  const exclusive = (t: Tensor): Tensor => ones.join([t.narrow(-1, 0, Math.max(n - 1, 0))], -1).cumprod(-1);
  const others = n === 0 ? rows : exclusive(rows).mul(exclusive(rows.flip([-1])).flip([-1]));
  const inverse = order.map((_: number, d: number) => order.indexOf(d));
  return others.reshape(moved.shape).permute(inverse);
}

function checkNotEmpty(name: string, a: NdArray, dims: readonly number[]): void {
  if (dims.some(d => a.shape[d] === 0))
    throw new ShapeError(`${name}: expected at least one element to choose from, got shape ${showShape(a.shape)}`);
}

/** The gradient goes to the largest (smallest) element; when several are equal they share it evenly. */
const extreme = (name: 'amax' | 'amin'): Computed<ReduceAttrs> => ({
  ...reduction(name, [[0, 'output']], (g, node) => {
    const [x] = node.inputs;
    const equal = x.eq(keepDims(node.output, node));
    const winners = (node.attrs.nanShares === true ? equal.logicalOr(x.isNaN()) : equal).to(g.dtype);
    return keepDims(g, node)
      .mul(winners)
      .div(winners.sum(node.attrs.dims as number[], { keepdim: true }));
  }),
  shape: ([a], { dims, keepdim }) => {
    checkNotEmpty(name, a, dims);
    return reducedShape(a.shape, dims, keepdim);
  },
});

export const amax = extreme('amax');
export const amin = extreme('amin');

const truth = (name: keyof typeof truths): Computed<ReduceAttrs> => ({
  name,
  gradients: [null],
  keeps: [],
  shape: ([a], { dims, keepdim }) => reducedShape(a.shape, dims, keepdim),
  dtype: 'bool',
  kernel: (out, [a], { dims }) => reduceInto(truths[name], out, a, dims),
});

/** Whether any element differs from 0, and whether every one does; NaN does. */
export const any = truth('any');
export const all = truth('all');

export interface DimAttrs {
  readonly dim: number;
}

const argExtreme = (name: 'argmax' | 'argmin', sign: 1 | -1): Computed<DimAttrs> => ({
  name,
  gradients: [null],
  keeps: [],
  shape: ([a], { dim }) => {
    checkNotEmpty(name, a, [dim]);
    return reducedShape(a.shape, [dim], true);
  },
  dtype: 'int32',
  kernel: (out, [a], { dim }) => argExtremeInto(sign, out, a, dim),
});

/** Positions of the extremes, with the dim kept at size 1. */
export const argmax = argExtreme('argmax', 1);
export const argmin = argExtreme('argmin', -1);

const sameAsFirst = ([a]: readonly NdArray[]): Shape => a.shape;

export const cumsum: Computed<DimAttrs> = {
  name: 'cumsum',
  gradients: [(g, { attrs: { dim } }) => g.flip([dim]).cumsum(dim).flip([dim])],
  keeps: [],
  shape: sameAsFirst,
  kernel: (out, [a], { dim }) => scanInto('sum', out, a, dim),
};

/**
 * d/dx_i = sum over j >= i of g_j times the product of x_0..x_j without x_i: an n by n table of products, which is
 * right where elements are zero.
 */
export const cumprod: Computed<DimAttrs> = {
  name: 'cumprod',
  gradients: [
    (g, { inputs: [x], attrs: { dim } }) => {
      const n = x.shape[dim];
      const rows = x
        .transpose(dim, -1)
        .unsqueeze(-2)
        .expand([...x.transpose(dim, -1).shape.slice(0, -1), n, n]);
      const without = rows.maskedFill(rows.filled([n, n], 1).tril().triu().to('bool'), 1).cumprod(-1);
      const later = without.triu();
      return later.mul(g.transpose(dim, -1).unsqueeze(-2)).sum(-1).transpose(dim, -1);
    },
  ],
  keeps: [[0]],
  shape: sameAsFirst,
  kernel: (out, [a], { dim }) => scanInto('prod', out, a, dim),
};

export interface SortAttrs extends DimAttrs {
  readonly descending: boolean;
}

export const argsort: Computed<SortAttrs> = {
  name: 'argsort',
  gradients: [null],
  keeps: [],
  shape: sameAsFirst,
  dtype: 'int32' satisfies DType,
  kernel: (out, [a], { dim, descending }) => argsortInto(out, a, dim, descending),
};

export interface TopkAttrs extends DimAttrs {
  readonly k: number;
  readonly largest: boolean;
}

/** The positions of the k largest (or smallest) elements along `dim`: the first k of `argsort`, without the others. */
export const topk: Computed<TopkAttrs> = {
  name: 'topk',
  gradients: [null],
  keeps: [],
  shape: ([a], { dim, k }) => a.shape.map((n, d) => (d === dim ? k : n)),
  dtype: 'int32',
  kernel: (out, [a], { dim, k, largest }) => topkInto(out, a, dim, k, largest),
};

/** exp(x) / sum(exp(x)) along `dim`. Fused: one pass instead of five, and no overflow. */
export const softmax: Computed<DimAttrs> = {
  name: 'softmax',
  gradients: [
    (g, { output: y, attrs: { dim } }) => {
      const gy = g.mul(y);
      return gy.sub(y.mul(gy.sum(dim, { keepdim: true })));
    },
  ],
  keeps: [['output']],
  shape: sameAsFirst,
  kernel: (out, [a], { dim }) => softmaxInto(out, a, dim, false),
};

/** x - log(sum(exp(x))) along `dim`. */
export const logSoftmax: Computed<DimAttrs> = {
  name: 'logSoftmax',
  gradients: [(g, { output: y, attrs: { dim } }) => g.sub(y.exp().mul(g.sum(dim, { keepdim: true })))],
  keeps: [['output']],
  shape: sameAsFirst,
  kernel: (out, [a], { dim }) => softmaxInto(out, a, dim, true),
};
