import {
  checkIds,
  gatherInto,
  gatherShape,
  indexAddInto,
  indexSelectInto,
  indexSelectShape,
  type NdArray,
  type Shape,
  scatterInto,
  scatterShape,
  showShape,
} from '@tapegrad/tensor';
import type { Computed } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';

export interface PickAttrs {
  readonly dim: number;
}

export interface IndexSelectAttrs extends PickAttrs {
  /** What errors call the operation, where it stands for another. */
  readonly calledAs?: string;
}

const placeOf = (x: NdArray, dim: number): string => `dim ${dim} of shape ${showShape(x.shape)}`;

/** out[…, i, …] = x[…, ids[i], …]; a repeated id adds up in the gradient. */
export const indexSelect: Computed<IndexSelectAttrs> = {
  name: 'indexSelect',
  gradients: [{ addTo: (total, g, { inputs: [, ids], attrs: { dim } }) => total.indexAdd(dim, ids, g) }, null],
  keeps: [[1]],
  shape: ([x, ids], { dim, calledAs = 'indexSelect' }) => {
    const shape = indexSelectShape(x.shape, dim, ids.shape);
    checkIds(calledAs, ids, x.shape[dim], placeOf(x, dim));
    return shape;
  },
  kernel: (out, [x, ids], { dim }) => indexSelectInto(out, x, ids, dim),
};

/** total, then out[…, ids[i], …] += source[…, i, …]: the adjoint of `indexSelect`. Inputs: total, ids, source. */
export const indexAdd: Computed<PickAttrs> = {
  name: 'indexAdd',
  gradients: [g => g, null, (g, { inputs: [, ids], attrs: { dim } }) => g.indexSelect(dim, ids)],
  keeps: [[], [], [1]],
  shape: ([total]) => total.shape,
  inPlace: true,
  kernel: (out, [total, ids, source], { dim }) => indexAddInto(out, total, source, ids, dim),
};

/** out[i, …, j] = x[i, …, ids[i, …, j]] where ids stand in for the position along `dim`. */
export const gather: Computed<PickAttrs> = {
  name: 'gather',
  gradients: [{ addTo: (total, g, { inputs: [, ids], attrs: { dim } }) => total.scatterAdd(dim, ids, g) }, null],
  keeps: [[1]],
  shape: ([x, ids], { dim }) => {
    const shape = gatherShape('gather', x.shape, dim, ids.shape);
    checkIds('gather', ids, x.shape[dim], placeOf(x, dim));
    return shape;
  },
  kernel: (out, [x, ids], { dim }) => gatherInto(out, x, ids, dim),
};

const shapeOfScatter =
  (op: string) =>
  ([x, ids, source]: readonly NdArray[], { dim }: PickAttrs): Shape => {
    const shape = scatterShape(op, x.shape, dim, ids.shape, source.shape);
    checkIds(op, ids, x.shape[dim], placeOf(x, dim));
    return shape;
  };

/** Where a later id along `dim` names the same place: each id is asked what the scattered positions left there. */
function overwritten(shape: Shape, dim: number, ids: Tensor): Tensor {
  const positions = ids.idsOf(Int32Array.from({ length: ids.size }, (_, i) => i)).reshape(ids.shape);
  return ids.filled(shape, 0).scatter(dim, ids, positions).gather(dim, ids).ne(positions);
}

/**
 * x with source[i, …, j] written at ids[i, …, j] along `dim`; where ids repeat, the last one stays. Inputs: x, ids,
 * source.
 */
export const scatter: Computed<PickAttrs> = {
  name: 'scatter',
  gradients: [
    (g, { inputs: [, ids], attrs: { dim } }) => g.scatter(dim, ids, 0),
    null,
    (g, { inputs: [, ids], attrs: { dim }, parents }) =>
      g
        .gather(dim, ids)
        .maskedFill(overwritten(g.shape, dim, ids), 0)
        .padTo(parents[2]!.shape),
  ],
  keeps: [[1]],
  shape: shapeOfScatter('scatter'),
  kernel: (out, [x, ids, source], { dim }) => scatterInto(out, x, source, ids, dim, false),
};

/** x with source[i, …, j] added at ids[i, …, j] along `dim`. Inputs: x, ids, source. */
export const scatterAdd: Computed<PickAttrs> = {
  name: 'scatterAdd',
  gradients: [
    g => g,
    null,
    (g, { inputs: [, ids], attrs: { dim }, parents }) => g.gather(dim, ids).padTo(parents[2]!.shape),
  ],
  keeps: [[], [], [1]],
  shape: shapeOfScatter('scatterAdd'),
  inPlace: true,
  kernel: (out, [x, ids, source], { dim }) => scatterInto(out, x, source, ids, dim, true),
};
